#pragma once
#include "store/store.hpp"

namespace persais::queue::testing {

/// Counts the round trips, but not those of query_at_once.
class counting_pool : public store::pool {
public:
    using pool::pool;
    awaitable<store::rows> query(std::string sql, std::vector<store::param> params = {}) override {
        ++trips;
        return pool::query(std::move(sql), std::move(params));
    }
    awaitable<std::vector<store::rows>> transact(std::vector<store::statement> all) override {
        ++trips;
        return pool::transact(std::move(all));
    }
    int trips = 0;
};

} // namespace persais::queue::testing

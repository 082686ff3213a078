#pragma once
#include "contract/bench.hpp"
#include "mechanic/step.hpp"

#include <gtest/gtest.h>

/// What queue::leases and queue::requests promise; the same tests run on PostgreSQL and on the simulator's model of it.
namespace persais::contract {

using namespace mechanic;
using queue::snapshot;

inline const std::string commit(40, 'c');

inline order of(std::string remote, bool foreground = false) {
    return {.remote = std::move(remote),
            .instruction = "mend it",
            .model = "a/b",
            .budget_usd = 2,
            .foreground = foreground};
}

inline lease next_lease(const snapshot& s) {
    return {fence{s.at.value + 1}, s.read_at + ttl};
}

inline awaitable<std::optional<snapshot>> claim(queue::leases& all, std::optional<task_id> only = {}) {
    auto found = co_await all.claimable(only);
    if (!found) co_return std::nullopt;
    auto next = found->task;
    if (!step(next, claimed{next_lease(*found)}, found->read_at)) co_return std::nullopt;
    if (!co_await all.save(*found, next, true)) co_return std::nullopt;
    co_return co_await all.load(found->task.id);
}

/// Stores the state over the one that is held, as the holder.
inline awaitable<bool> move_to(queue::leases& all, snapshot held, state to, queue::side_writes also = {}) {
    auto next = queue::testing::in_state(held.task, std::move(to));
    co_return co_await all.save(std::move(held), std::move(next), false, std::move(also));
}

inline awaitable<std::string> refusal(awaitable<bool> write) {
    try {
        co_return co_await std::move(write) ? "written" : "not written";
    } catch (const store::db_error& e) {
        co_return e.sqlstate + " " + e.what();
    }
}

using lines = std::vector<std::string>;

template <class B>
struct tasks_contract : ::testing::Test {
    template <class F>
    void with(F body) {
        on_a<B>(std::move(body));
    }
};

struct names {
    template <class B>
    static std::string GetName(int) {
        return std::is_same_v<B, model_bench> ? "model" : "postgresql";
    }
};
using stores = ::testing::Types<model_bench, pg_bench>;

} // namespace persais::contract

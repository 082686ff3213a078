#pragma once
#include "store/store.hpp"

#include <memory>

#include <boost/json/object.hpp>

namespace persais::llm {

/// Reservations in groups: those that are asked for while a COMMIT is under way go into the next one together. Each
/// locks the same day, so one by one each would wait for the COMMITs of all before it.
class reserving {
public:
    /// It must outlive the coroutines.
    explicit reserving(store::pool& db);

    struct granted {
        std::string verdict, shrunk_by, whose;
        std::int64_t call = 0, tokens = 0;
        double usd = 0;      // of the narrowest budget
        bool warned = false; // ledger::reservation::warned
    };
    /// One entry of queries::reserve. Throws db_error. To be waited for to its end.
    awaitable<granted> ask(boost::json::object what);

private:
    struct state;
    std::shared_ptr<state> state_;
};

} // namespace persais::llm

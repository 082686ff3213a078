#pragma once
#include "base/async.hpp"
#include "base/clock.hpp"
#include "llm/money.hpp"
#include "llm/outcome.hpp"
#include "llm/reserving.hpp"
#include "store/store.hpp"

#include <set>

namespace persais::llm {

/// Table llm_calls: money is reserved before a call and settled after. All throw db_error.
class ledger {
public:
    /// Both must outlive the ledger's coroutines.
    ledger(store::pool& db, const clock& time) : db_(db), time_(time), reserving_(db) {}
    /// Told of each call that was settled, once. May be empty.
    std::function<void(const std::string& outcome, const bill&)> settled;
    struct excess {
        task_id task;
        std::int64_t call;
        double cost_usd;
        double reserved_usd;
    };
    /// Told of each call that came dearer than its reservation, once it stands in the books. May be empty.
    std::function<void(const excess&)> exceeded;

    struct ask {
        task_id task;
        std::string model;
        quote prices;
        std::int64_t most_tokens;
        double task_budget_usd;
        double day_budget_usd;
        std::optional<double> month_budget_usd = {};
        std::string repository = {};
    };
    struct reservation {
        cause refused = cause::none; // a budget, or paused: nothing was reserved
        std::int64_t call = 0;
        std::int64_t tokens = 0;       // granted for the answer
        cause shrunk_by = cause::none; // the budget that left no more than this; none: as much as was asked for
        narrowest of;                  // the budget that refused it, or left the least
        bool warned = false;           // a warning of a budget was written, for the first time
    };
    /// One statement with those that are asked for at the same time; right under parallel reservations of several
    /// processes. To be waited for to its end.
    awaitable<reservation> reserve(ask what);

    /// Remembers how the endpoint names the call, so that it can be settled after a crash.
    awaitable<> note(std::int64_t call, std::string generation);

    time_point now() const { return time_.now(); }
    /// Whether an admin stopped all spending.
    awaitable<bool> paused();

    /// False when somebody settled it already. A settlement at the reservation gives way to a better one. The cost,
    /// finite and not negative, is stored as it is; the table marks one above its reservation (`above_reservation`).
    awaitable<bool> settle(std::int64_t call, bill cost, std::string outcome);
    awaitable<bool> settle_at_reservation(std::int64_t call, std::string outcome);

    /// `under_way`: calls that are being answered now; their reservations are no spending yet.
    awaitable<spent> spent_by(task_id task, std::set<std::int64_t> under_way);

    struct left_over {
        std::int64_t call;
        std::string generation;
        std::string model;
    };
    /// Reservations of a task (a new session of it begins: no other can be at work), or of any task that are old.
    awaitable<std::vector<left_over>> left_by(task_id task, std::set<std::int64_t> not_these);
    awaitable<std::vector<left_over>> stale(std::set<std::int64_t> not_these);

private:
    store::pool& db_;
    const clock& time_;
    reserving reserving_;
};

} // namespace persais::llm

#pragma once
#include "base/clock.hpp"
#include "store/store.hpp"

#include <optional>
#include <string>
#include <vector>

/// What may be spent, beside the task's and the day's budget of the settings; what was; and a pause of all spending.
/// The reservations themselves are the gateway's (src/llm/ledger.hpp). Functions that return a statement are for a
/// transaction of the caller. All others throw store::db_error. Days and months are of UTC, as in the ledger.
namespace persais::queue {

/// Whose budget it is: `repository` (its short name in lower case) or `person` (a number, or `terminal`).
struct owner {
    std::string kind, name;
    bool operator==(const owner&) const = default;
};

/// A budget of its own. nullopt: none.
struct own_budget {
    owner of;
    std::optional<double> day_usd, month_usd;
    std::optional<int> waiting; // tasks of a person that no worker has begun
};
/// What is not given of it stays as it was.
store::statement set_budget(const own_budget& what, const std::string& by);
/// From then on it has none.
store::statement drop_budget(const owner& of, const std::string& by);

/// What is counted against budgets on the day and in the month of `now`: spent, or reserved for calls under way.
struct counted {
    double day_usd = 0, month_usd = 0;
};
struct budget_state {
    own_budget budget;
    counted now;
};
/// All that have a budget of their own, by kind and name.
awaitable<std::vector<budget_state>> own_budgets(store::pool& db, time_point now);
/// Of everybody, and of these owners (with a budget of their own or without), in their order.
struct standing_money {
    counted all;
    std::vector<budget_state> owners;
};
awaitable<standing_money> money_of(store::pool& db, time_point now, std::vector<owner> owners);
/// How many tasks of the person may wait, where that was set.
awaitable<std::optional<int>> may_wait_of(store::pool& db, std::int64_t person);

struct pause_state {
    std::string by; // `terminal`, or the number of a person
    time_point since{};
};
awaitable<std::optional<pause_state>> paused(store::pool& db);
/// What the channel of tasks says when a pause begins or ends.
inline constexpr const char* pause_changed = "pause";
/// Nothing is reserved from its COMMIT on. Once more is as once; the audit has the first one. Workers of other
/// processes are notified, as by end_pause().
store::statement begin_pause(const std::string& by);
/// One row: whether there was one, and how many tasks that waited for its end go on.
store::statement end_pause(const std::string& by);
/// Tasks that wait for a budget look again, because budgets have changed.
store::statement wake_for_money();

/// Four fifths of a budget are spent or reserved.
struct budget_warning {
    std::string budget; // day_budget, month_budget
    std::string whose;  // empty: everybody's; repository:NAME, person:WHO
    std::string since;  // the first day that it counts: 2026-11-01
    double counted_usd = 0, budget_usd = 0;
};
/// Those that nobody was told yet.
awaitable<std::vector<budget_warning>> untold_warnings(store::pool& db);
/// For the transaction that tells it. Fails with "PX002" when another one did.
store::statement warning_told(const budget_warning& what);

} // namespace persais::queue

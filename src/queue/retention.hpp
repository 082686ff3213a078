#pragma once
#include "base/ids.hpp"
#include "queue/limits.hpp"
#include "store/store.hpp"

#include <set>
#include <vector>

namespace persais::queue {

struct pruned {
    std::int64_t tasks = 0; // that lost something
    std::int64_t events = 0;
    std::int64_t outbox = 0; // sent or not: whoever was to read it has not for so long
    std::int64_t inbox = 0;  // what was dealt with
    std::int64_t locks = 0;  // rows of llm_tasks, llm_days and lanes, which hold nothing but a name
};

/// Removes what RETENTION_DAYS says of tasks that ended (a final state) so many days ago: their events, outbox rows,
/// conversation with the agent, its last words and the checks' last complaint. The task's row stays, with what was
/// asked, what came of it and where it is; so do its calls to the model, which are what it cost. A task that has not
/// ended, an open review too, loses nothing, however old it is. Of the chat goes what came in and was dealt with, and
/// what was sent and belongs to no task.
///
/// In statements of at most limits::prune_batch tasks, one after another, so that nobody waits for it; it may be
/// cancelled at any time and goes on with the next call. For a service to call at most daily, when the database is
/// awake anyway. Throws store::db_error. `db` must outlive the coroutine.
awaitable<pruned> prune(store::pool& db, int retention_days);

/// Those of `tasks` whose work nobody can ask for any more: they came to a final state, otherwise than by running out
/// of time (what was done then is shown as a diff) or so many days ago. Throws store::db_error.
awaitable<std::vector<task_id>> nothing_to_keep_of(store::pool& db, std::set<task_id> tasks, int retention_days);

} // namespace persais::queue

#pragma once
#include "base/ids.hpp"
#include "queue/limits.hpp"
#include "store/store.hpp"

#include <set>
#include <vector>

namespace persais::queue {

struct pruned {
    std::int64_t tasks = 0; // tasks that lost something
    std::int64_t events = 0;
    std::int64_t outbox = 0; // sent or not: the reader has not come for so long
    std::int64_t inbox = 0;  // updates that were handled
    std::int64_t locks = 0;  // rows of llm_tasks, llm_days and lanes, which hold only a name
};

/// Removes data of tasks that reached a final state at least `retention_days` (RETENTION_DAYS) days ago: their events,
/// outbox rows, conversation with the agent, its last message and the last complaint of the checks. The task's row
/// stays, with what was asked, its outcome and where the result is; its calls to the model stay too, because they are
/// its cost. A task that has not ended loses nothing, however old it is; an open review has not ended. Of the chat, the
/// updates that were handled are removed, and the sent messages that belong to no task.
///
/// Runs as a series of statements of at most limits::prune_batch tasks each, so that nobody waits for it; it may be
/// cancelled at any time, and the next call continues. A service calls it at most daily, when the database is awake
/// anyway. Throws store::db_error. `db` must outlive the coroutine.
awaitable<pruned> prune(store::pool& db, int retention_days);

/// Those of `tasks` whose work nobody can ask for any more: they reached a final state, either at least so many days
/// ago or by anything but a timeout (what a task did before its timeout is shown as a diff) and a discard. Throws
/// store::db_error.
awaitable<std::vector<task_id>> nothing_to_keep_of(store::pool& db, std::set<task_id> tasks, int retention_days);

} // namespace persais::queue

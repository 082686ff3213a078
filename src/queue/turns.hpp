#pragma once
#include "queue/tasks.hpp"

namespace persais::queue {

// What a person wants of an existing task, as statements for a transaction that writes more (a chat's update, the
// answer to it). Each statement notifies the workers of other processes; the caller must wake those of this process.
// `requests` has the same operations for a caller that writes nothing else.

/// Keeps a reply until its turn comes: at once, when the task has settled. `what.turn` is the `last_turn` of a snapshot
/// plus one. When that number was taken meanwhile, the statement fails (SQLSTATE 23505) and the transaction with it:
/// read the task again. So a second press or delivery does nothing.
store::statement reply_statement(task_id id, const reply& what);
/// Lets the task spend `usd` in all; a task that waits for that continues. Does nothing when it may spend that much
/// already, so a second press does nothing.
store::statement budget_statement(task_id id, double usd);
/// Drops the replies that were not begun; they never will be.
store::statement drop_statement(task_id id);

} // namespace persais::queue

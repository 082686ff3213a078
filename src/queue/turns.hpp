#pragma once
#include "queue/tasks.hpp"

namespace persais::queue {

// What a person wants of a task that exists, as statements for a transaction that holds more (a chat's update, what is
// told of it). Each tells the workers; those of this process are to be woken beside. `requests` has the same for a
// caller that writes nothing else.

/// Keeps a reply until its turn comes: at once, when the task has settled. `what.turn` is the `last_turn` of a snapshot
/// and one more; was it given out meanwhile, the statement fails (SQLSTATE 23505) and the transaction with it: read the
/// task again. So a second press or delivery does nothing.
store::statement reply_statement(task_id id, const reply& what);
/// The task may spend `usd` in all, and goes on when it waits for that. Does nothing where it may already, so a second
/// press does nothing.
store::statement budget_statement(task_id id, double usd);
/// Replies that were not begun never will be.
store::statement drop_statement(task_id id);

} // namespace persais::queue

#pragma once
#include "queue/tasks.hpp"

namespace persais::service {

/// Begins the oldest kept reply of a settled task, which puts the task into the queue again. Returns the number of the
/// turn; nullopt: there is no such reply, the task is in progress, or another process was first. Throws db_error,
/// queue::unusable_row.
awaitable<std::optional<int>> begin_turn(queue::requests& all, task_id id);

/// Does this for every task that has a kept reply. False: some could not be begun because this version cannot read
/// their row (a line in the log says so); try again later. Throws db_error.
awaitable<bool> begin_turns(queue::requests& all);

} // namespace persais::service

#pragma once
#include "queue/tasks.hpp"

namespace persais::service {

/// Begins the oldest kept reply of a task that has settled: the task is in the queue again. Its number; nullopt: there
/// is none, the task is under way, or another was first. Throws db_error, queue::unusable_row.
awaitable<std::optional<int>> begin_turn(queue::requests& all, task_id id);

/// Of every task that has one. False: some could not be begun, by a row that this version cannot read (a line in the
/// log): to be tried again later. Throws db_error.
awaitable<bool> begin_turns(queue::requests& all);

} // namespace persais::service

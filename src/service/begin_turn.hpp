#pragma once
#include "queue/tasks.hpp"

namespace persais::service {

/// Begins the oldest kept reply of a settled task, which puts the task into the queue again. Returns the number of the
/// turn; nullopt: there is no such reply, the task is in progress, or another process was first. Throws db_error,
/// queue::unusable_row.
awaitable<std::optional<int>> begin_turn(queue::requests& all, task_id id);

struct turns_begun {
    int number = 0;
    bool whole = true; // false: this version cannot read some rows (a line in the log says so); try again later
};
/// Does this for these tasks, as requests::turns_to_begin gives them. Throws db_error.
awaitable<turns_begun> begin_turns(queue::requests& all, std::vector<task_id> tasks);

} // namespace persais::service

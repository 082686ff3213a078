#pragma once
#include "mechanic/task.hpp"
#include "store/store.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace persais::queue {

/// Reserves a number for a task that is added later, in a transaction of its own.
awaitable<task_id> reserve_task(store::pool& db);

/// The one statement that adds a task. When it is committed, workers are notified, unless it is a foreground task. The
/// first column of its answer is the task's number. `id`: a reserved number; nullopt: the next one. The task waits in
/// the queue for at least `wait`. `conversation`: JSON, of the task that this one carries on.
store::statement add_statement(std::optional<task_id> id, const mechanic::order& what, std::chrono::milliseconds wait,
                               std::string conversation);

} // namespace persais::queue

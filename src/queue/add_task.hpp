#pragma once
#include "mechanic/task.hpp"
#include "store/store.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace persais::queue {

/// A number for a task that is added in a transaction of its own.
awaitable<task_id> reserve_task(store::pool& db);

/// The one statement that adds a task; workers hear of it, unless it is a foreground task, when it is committed. Its
/// first column is the number. `id`: one that was reserved; nullopt: the next. It waits in the queue for `wait` at
/// least. `conversation`: JSON, of a task that it carries on.
store::statement add_statement(std::optional<task_id> id, const mechanic::order& what, std::chrono::milliseconds wait,
                               std::string conversation);

} // namespace persais::queue

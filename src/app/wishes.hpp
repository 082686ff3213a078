#pragma once
#include "app/parts.hpp"
#include "base/result.hpp"

namespace persais::app {

/// What people want of a task that exists, whoever works on it. They throw db_error. Errors are one sentence for the
/// person. Whoever calls them rings (doorbell.hpp) afterwards.

enum class abort_end { aborted, asked }; ///< asked: a worker holds it, and ends it within seconds
awaitable<result<abort_end>> abort_task(queue::tasks& all, const clock& time, task_id id);

/// A new task that asks for the same and names the old one, which must have ended. What the person said is the old
/// task's; what came from the settings (model, budget, attempts, rounds) is taken from what they are now: a retry is
/// often wanted because one of them was changed.
/// Its order.
mechanic::order order_again(const mechanic::task& old, const config::settings& now);
awaitable<result<task_id>> retry_task(queue::tasks& all, const config::settings& now, task_id id);

} // namespace persais::app

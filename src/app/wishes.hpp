#pragma once
#include "app/parts.hpp"
#include "base/result.hpp"

namespace persais::app {

/// What people want of a task that exists, whoever works on it. They throw db_error. Errors are one sentence for the
/// person. Whoever calls them rings (doorbell.hpp) afterwards.

enum class abort_end { aborted, asked }; ///< asked: a worker holds it, and ends it within seconds
awaitable<result<abort_end>> abort_task(queue::tasks& all, const clock& time, task_id id);

/// A new task with the same order, which names the old one. The old one must have ended.
awaitable<result<task_id>> retry_task(queue::tasks& all, task_id id);

} // namespace persais::app

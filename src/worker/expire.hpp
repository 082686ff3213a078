#pragma once
#include "base/async.hpp"
#include "base/clock.hpp"
#include "queue/tasks.hpp"
#include "worker/limits.hpp"

#include <functional>

namespace persais::worker {

/// Ends tasks whose results have waited for a decision for limits::review_expires; `forget` then deletes what is kept
/// of such a task. Returns how many. Throws db_error, and what `forget` throws. All parameters outlive it.
awaitable<int> expire_reviews(queue::leases& all, const clock& time,
                              std::function<awaitable<void>(mechanic::task)> forget);

} // namespace persais::worker

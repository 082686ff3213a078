#include "worker/expire.hpp"

#include "mechanic/step.hpp"
#include "worker/limits.hpp"

#include <spdlog/spdlog.h>

namespace persais::worker {

using namespace mechanic;

namespace {

/// The task as it ended. nullopt: somebody decided meanwhile, or this version cannot decide on the task.
awaitable<std::optional<task>> expire(queue::leases& all, const clock& time, task_id id) {
    std::optional<queue::snapshot> found;
    try {
        found = co_await all.load(id);
    } catch (const queue::unusable_row& e) {
        spdlog::warn("task {}: a result too old to decide on, but this version cannot work on it: {}", id.value,
                     e.what());
    }
    if (!found) co_return std::nullopt;
    auto next = found->task;
    auto commands = step(next, review_over{}, time.now());
    if (!commands) co_return std::nullopt;
    queue::side_writes also;
    for (const auto& c : *commands)
        if (auto* t = std::get_if<tell>(&c)) also.outbox.push_back(t->text);
    if (!co_await all.save(*found, next, false, also)) co_return std::nullopt;
    co_return next;
}

} // namespace

awaitable<int> expire_reviews(queue::leases& all, const clock& time, std::function<awaitable<void>(task)> forget) {
    int expired = 0;
    for (auto id : co_await all.reviews_before(time.now() - limits::review_expires)) {
        auto ended = co_await expire(all, time, id);
        if (!ended) continue;
        co_await forget(std::move(*ended));
        ++expired;
    }
    co_return expired;
}

} // namespace persais::worker

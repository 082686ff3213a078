#include "app/housekeeping.hpp"

#include "app/remotes.hpp"
#include "base/limits/service.hpp"
#include "base/limits/task.hpp"
#include "git/leftovers.hpp"
#include "mechanic/step.hpp"
#include "queue/retention.hpp"

#include <spdlog/spdlog.h>

namespace persais::app {

using namespace mechanic;

bool housekeeping::due() const {
    return !last_ || std::chrono::steady_clock::now() - *last_ >= limits::housekeeping_every;
}

/// False: somebody decided meanwhile, or it is nothing that this version could decide on.
awaitable<bool> housekeeping::expire(task_id id) {
    std::optional<queue::snapshot> found;
    try {
        found = co_await with_.tasks.load(id);
    } catch (const queue::unusable_row& e) {
        spdlog::warn("task {}: a result too old to decide on, but this version cannot work on it: {}", id.value,
                     e.what());
    }
    if (!found) co_return false;
    auto next = found->task;
    auto commands = step(next, review_over{}, with_.time.now());
    if (!commands) co_return false;
    queue::side_writes also;
    for (const auto& c : *commands)
        if (auto* t = std::get_if<tell>(&c)) also.outbox.push_back(t->text);
    if (!co_await with_.tasks.save(*found, next, false, also)) co_return false;
    git::mirror mirror(with_.mirrors, remote_at(next.what.remote, with_.settings));
    co_await mirror.forget(task_ref(id));
    co_return true;
}

awaitable<int> housekeeping::expire_reviews() {
    int expired = 0;
    for (auto id : co_await with_.tasks.reviews_before(with_.time.now() - limits::review_expires))
        if (co_await expire(id)) ++expired;
    co_return expired;
}

/// A worker that died after the end was stored, or whose task ended on another machine, could not do it.
awaitable<void> housekeeping::forget_ended() {
    co_await git::sweep_mirrors(with_.mirrors);
    for (auto id : co_await queue::nothing_to_keep_of(db_, co_await git::tasks_with_refs(with_.mirrors),
                                                      with_.settings.retention_days))
        co_await git::forget_task(with_.mirrors, id);
}

awaitable<void> housekeeping::run() {
    last_ = std::chrono::steady_clock::now();
    try {
        co_await forget_ended();
        int expired = co_await expire_reviews();
        auto gone = co_await queue::prune(db_, with_.settings.retention_days);
        if (expired > 0) spdlog::info("{} result{} that nobody decided on expired", expired, expired == 1 ? "" : "s");
        if (gone.tasks + gone.inbox + gone.outbox > 0)
            spdlog::info("pruned {} task{} beyond RETENTION_DAYS: {} lines of logs, {} messages", gone.tasks,
                         gone.tasks == 1 ? "" : "s", gone.events, gone.inbox + gone.outbox);
        spdlog::debug("what is done once a day is done");
    } catch (const boost::system::system_error&) {
        throw; // cancelled
    } catch (const std::exception& e) {
        spdlog::warn("housekeeping goes on the next time: {}", e.what());
    }
}

} // namespace persais::app

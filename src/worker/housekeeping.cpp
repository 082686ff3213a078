#include "worker/housekeeping.hpp"

#include "git/base_tree.hpp"
#include "git/history.hpp"
#include "git/leftovers.hpp"
#include "git/tending.hpp"
#include "queue/retention.hpp"
#include "service/remote_tokens.hpp"
#include "worker/expire.hpp"
#include "worker/limits.hpp"

#include <spdlog/spdlog.h>

namespace persais::worker {

using namespace mechanic;

bool housekeeping::due() const {
    return !tended_ || with_.time.steady() - *tended_ >= limits::mirrors_tended_every;
}

/// A worker that died after the end was stored, or whose task ended on another machine, could not do it.
awaitable<void> housekeeping::forget_ended() {
    co_await git::sweep_mirrors(with_.mirrors);
    auto now = std::filesystem::file_time_type::clock::now();
    co_await git::tidy_histories(with_.mirrors, now - limits::history_unused);
    co_await git::tidy_base_trees(with_.mirrors, now - limits::base_tree_unused);
    for (auto id : co_await queue::nothing_to_keep_of(db_, co_await git::tasks_with_refs(with_.mirrors),
                                                      with_.settings.retention_days))
        co_await git::forget_task(with_.mirrors, id);
}

awaitable<void> housekeeping::once_a_day() {
    co_await forget_ended();
    int expired = co_await expire_reviews(with_.leases, with_.time, [this](task t) -> awaitable<void> {
        git::mirror mirror(with_.mirrors, service::remote_at(t.what.remote, with_.settings));
        co_await mirror.forget(service::task_ref(t.id));
    });
    auto gone = co_await queue::prune(db_, with_.settings.retention_days);
    if (expired > 0) spdlog::info("{} result{} that nobody decided on expired", expired, expired == 1 ? "" : "s");
    if (gone.tasks + gone.inbox + gone.outbox > 0)
        spdlog::info("pruned {} task{} beyond RETENTION_DAYS: {} lines of logs, {} messages", gone.tasks,
                     gone.tasks == 1 ? "" : "s", gone.events, gone.inbox + gone.outbox);
    spdlog::debug("what is done once a day is done");
}

awaitable<void> housekeeping::run() {
    tended_ = with_.time.steady();
    bool daily = !last_ || *tended_ - *last_ >= limits::housekeeping_every;
    if (daily) last_ = tended_;
    try {
        if (daily) co_await once_a_day();
        co_await git::tend_mirrors(with_.mirrors, std::filesystem::file_time_type::clock::now());
    } catch (const boost::system::system_error&) {
        throw; // cancelled
    } catch (const std::exception& e) {
        spdlog::warn("housekeeping goes on the next time: {}", e.what());
    }
}

} // namespace persais::worker

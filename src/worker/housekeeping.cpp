#include "worker/housekeeping.hpp"

#include "git/base_tree.hpp"
#include "git/first_clone.hpp"
#include "git/history.hpp"
#include "git/leftovers.hpp"
#include "git/lfs.hpp"
#include "git/tending.hpp"
#include "queue/retention.hpp"
#include "service/remote_tokens.hpp"
#include "worker/expire.hpp"
#include "worker/limits.hpp"
#include "worker/shared_setup.hpp"

#include <spdlog/spdlog.h>

namespace persais::worker {

using namespace mechanic;

namespace {

/// What fails is logged, and done the next time: what comes after it does not depend on it.
awaitable<void> attempt(std::string what, awaitable<void> work) {
    try {
        co_await std::move(work);
    } catch (const boost::system::system_error& e) {
        if (e.code() == asio::error::operation_aborted) throw; // cancelled
        spdlog::warn("{} is done the next time: {}", what, e.what());
    } catch (const std::exception& e) {
        spdlog::warn("{} is done the next time: {}", what, e.what());
    }
}

awaitable<void> forget_tasks(git::layout at, std::vector<task_id> tasks) {
    for (auto id : tasks)
        co_await git::forget_refs(at, service::task_ref(id));
}

awaitable<void> add_tasks_of(git::layout at, std::set<task_id>& all) { // forget_ended owns it
    all.merge(co_await git::tasks_with_refs(std::move(at)));
}

} // namespace

bool housekeeping::due() const {
    return !tended_ || with_.time.steady() - *tended_ >= limits::mirrors_tended_every;
}

/// A worker that died after the end was stored, or whose task ended on another machine, could not do it.
awaitable<void> housekeeping::forget_ended() {
    auto mirrors = git::mirrors_below(with_.mirrors);
    std::set<task_id> all;
    for (auto& at : mirrors)
        co_await attempt("Looking for tasks in " + at.folder.string(), add_tasks_of(at, all));
    auto ended = co_await queue::nothing_to_keep_of(db_, std::move(all), with_.settings.retention_days);
    for (auto& at : mirrors)
        co_await attempt("Forgetting tasks in " + at.folder.string(), forget_tasks(at, ended));
}

awaitable<void> housekeeping::expire() {
    int expired = co_await expire_reviews(with_.leases, with_.time, [this](task t) -> awaitable<void> {
        git::mirror mirror(with_.mirrors, service::remote_at(t.what.remote, with_.settings));
        co_await attempt("Forgetting task " + t.id.str(), mirror.forget(service::task_ref(t.id)));
    });
    if (expired > 0) spdlog::info("{} result{} that nobody decided on expired", expired, expired == 1 ? "" : "s");
}

awaitable<void> housekeeping::prune() {
    auto gone = co_await queue::prune(db_, with_.settings.retention_days);
    if (gone.tasks + gone.inbox + gone.outbox > 0)
        spdlog::info("pruned {} task{} beyond RETENTION_DAYS: {} lines of logs, {} messages", gone.tasks,
                     gone.tasks == 1 ? "" : "s", gone.events, gone.inbox + gone.outbox);
}

awaitable<void> housekeeping::once_a_day() {
    auto now = std::filesystem::file_time_type::clock::now();
    for (auto& at : git::mirrors_below(with_.mirrors)) {
        co_await attempt("Sweeping " + at.folder.string(), git::sweep(at));
        co_await attempt("Forgetting files in LFS of " + at.folder.string(), git::forget_lfs(at.folder, now));
        co_await attempt("Tidying histories of " + at.folder.string(),
                         git::tidy_histories(at, now - limits::history_unused));
        co_await attempt("Tidying checkouts of " + at.folder.string(),
                         git::tidy_base_trees(at, now - limits::base_tree_unused));
    }
    co_await attempt("Forgetting tasks that ended", forget_ended());
    co_await attempt("The expiry of results", expire());
    co_await attempt("Pruning", prune());
    spdlog::debug("what is done once a day is done");
}

awaitable<void> housekeeping::run() {
    tended_ = with_.time.steady();
    bool daily = !last_ || *tended_ - *last_ >= limits::housekeeping_every;
    if (daily) {
        last_ = tended_;
        co_await once_a_day();
    }
    co_await attempt("Tidying what setups left", tidy_shared_setups(with_.mirrors));
    co_await attempt("Tending mirrors",
                     git::tend_mirrors(with_.mirrors, std::filesystem::file_time_type::clock::now()));
}

awaitable<void> housekeeping::fetch_rests() {
    for (auto& at : git::mirrors_below(with_.mirrors))
        if (git::is_partial(at))
            co_await attempt("Fetching the rest of a repository", complete(git::remote_of_partial(at)));
}

awaitable<void> housekeeping::complete(std::string url) {
    git::mirror mirror(with_.mirrors, service::remote_at(url, with_.settings, with_.tokens));
    auto whole = co_await mirror.complete();
    if (!whole) throw std::runtime_error(whole.error().sentence);
    if (*whole) spdlog::info("the rest of the repository is here: {}", url);
}

} // namespace persais::worker

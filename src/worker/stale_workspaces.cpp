#include "worker/stale_workspaces.hpp"

#include "base/background.hpp"
#include "base/locked_directory.hpp"
#include "git/files.hpp"

#include <spdlog/spdlog.h>

namespace persais::worker {

namespace {

using remover = std::function<awaitable<void>(std::filesystem::path)>;

/// `ended` is set at the end in any case. It belongs to the caller, which waits for it.
awaitable<void> remove_left(std::vector<std::filesystem::path> roots, remover remove, event& ended) {
    struct at_end {
        event& to;
        ~at_end() { to.set(); }
    } signal{ended};
    int removed = 0;
    for (auto& root : roots)
        for (auto& left : left_folders(root)) {
            try {
                co_await remove(left->path());
                left->leave_behind(); // nothing is left to remove
                ++removed;
            } catch (const boost::system::system_error&) {
                left->leave_behind(); // cancelled: the next start goes on
                throw;
            } catch (const std::exception& e) {
                left->leave_behind();
                spdlog::warn("{} could not be removed: {}", left->path().string(), e.what());
            }
        }
    if (removed > 0) spdlog::info("removed {} folder{} that a crash left", removed, removed == 1 ? "" : "s");
}

/// False: cancelled.
awaitable<bool> wait_for(event& ended) { // owned by the caller
    try {
        co_await ended.wait();
        co_return true;
    } catch (const boost::system::system_error&) {
        co_return false;
    }
}

/// False: it was cut short by a cancellation.
awaitable<bool> remove_within(std::chrono::milliseconds grace, std::vector<std::filesystem::path> roots,
                              remover remove) {
    auto executor = co_await asio::this_coro::executor;
    event ended(executor);
    background<void> work(executor, remove_left(std::move(roots), std::move(remove), ended));
    bool done = co_await wait_for(ended);
    if (!done) {
        co_await asio::this_coro::reset_cancellation_state(); // otherwise no wait would be possible any more
        try {
            co_await with_deadline(grace, ended.wait());
        } catch (const std::exception&) { // it took too long, or was cancelled again
        }
    }
    co_await work.stop();
    co_return done;
}

} // namespace

awaitable<void> remove_stale_workspaces(std::vector<std::filesystem::path> roots, std::chrono::milliseconds grace,
                                        remover remove) {
    if (!remove) remove = git::remove_folder;
    if (!co_await uninterrupted(remove_within(grace, std::move(roots), std::move(remove))))
        throw boost::system::system_error(asio::error::operation_aborted);
}

} // namespace persais::worker

#include "app/reap.hpp"

#include "app/held_folder.hpp"
#include "git/files.hpp"

#include <spdlog/spdlog.h>

namespace persais::app {

awaitable<void> reap(std::vector<std::filesystem::path> roots) {
    int removed = 0;
    for (auto& root : roots)
        for (auto& left : left_folders(root)) {
            try {
                co_await git::remove_folder(left->path());
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

} // namespace persais::app

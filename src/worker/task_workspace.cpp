#include "worker/task_workspace.hpp"

#include "git/files.hpp"
#include "sandbox/limits.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace persais::worker {

namespace fs = std::filesystem;

result<std::unique_ptr<task_workspace>> task_workspace::open(const fs::path& root, task_id id, fence held) {
    auto folder = locked_directory::make(root, fmt::format("{}-{}", id.value, held.value));
    if (!folder) return std::unexpected(folder.error());
    std::error_code ec;
    for (auto* sub : {"code/home", "check/home"}) {
        auto path = (*folder)->path() / sub;
        fs::create_directories(path, ec);
        if (ec) return fail(fmt::format("The folder {} could not be made: {}.", path.string(), ec.message()));
    }
    auto slot = static_cast<unsigned>(id.value % (limits::sandbox_slots / 2)); // two uids each
    return std::unique_ptr<task_workspace>(new task_workspace(std::move(*folder), slot));
}

awaitable<void> task_workspace::clear() {
    check_tree_ready = false;
    try {
        for (auto* part : {"code", "check"})
            co_await git::remove_folder(folder_->path() / part);
    } catch (const std::exception& e) {
        spdlog::warn("{} could not be removed: {}", folder_->path().string(), e.what());
    }
}

sandbox::view task_workspace::code() const {
    return {.tree = folder_->path() / "code/tree", .home = folder_->path() / "code/home", .slot = slot_ * 2};
}
sandbox::view task_workspace::check() const {
    return {.tree = folder_->path() / "check/tree", .home = folder_->path() / "check/home", .slot = slot_ * 2 + 1};
}

} // namespace persais::worker

#pragma once
#include "base/async.hpp"
#include "worker/limits.hpp"

#include <filesystem>
#include <functional>
#include <vector>

namespace persais::worker {

/// Removes what crashed processes left below these folders, beside everything else: a program of its own does it, for
/// a hundred thousand files would hold the loop up. Says in the log what it removed; a folder that cannot be removed is
/// a line in the log. When cancelled it goes on for at most `grace`, so that a process that has nothing else to do
/// leaves nothing small behind; what is large is the next start's. `remove`: for tests; empty: git::remove_folder.
awaitable<void> remove_stale_workspaces(std::vector<std::filesystem::path> roots,
                                        std::chrono::milliseconds grace = limits::stale_workspace_grace,
                                        std::function<awaitable<void>(std::filesystem::path)> remove = {});

} // namespace persais::worker

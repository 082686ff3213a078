#pragma once
#include "base/async.hpp"
#include "worker/limits.hpp"

#include <filesystem>
#include <functional>
#include <vector>

namespace persais::worker {

/// Removes what crashed processes left below these folders, beside everything else. A separate program does it, because
/// a hundred thousand files would block the loop. Logs what it removed, and each folder that cannot be removed. When
/// cancelled it continues for at most `grace`, so that a short-lived process still removes what is small; what is large
/// is left to the next start. `remove`: for tests; empty: git::remove_folder.
awaitable<void> remove_stale_workspaces(std::vector<std::filesystem::path> roots,
                                        std::chrono::milliseconds grace = limits::stale_workspace_grace,
                                        std::function<awaitable<void>(std::filesystem::path)> remove = {});

} // namespace persais::worker

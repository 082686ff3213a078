#pragma once
#include "base/async.hpp"

#include <filesystem>
#include <vector>

namespace persais::app {

/// Removes what crashed processes left below these folders, beside everything else: a program of its own does it, for
/// a hundred thousand files would hold the loop up. Says in the log what it removed; a folder that cannot be removed is
/// a line in the log. When cancelled it stops between two folders.
awaitable<void> reap(std::vector<std::filesystem::path> roots);

} // namespace persais::app

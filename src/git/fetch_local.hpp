#pragma once
#include "git/layout.hpp"

namespace persais::git {

/// Fetches objects (commits, tags), and what they refer to, from the mirror into another repository that no agent has
/// used. `depth`: as git's own; 0: their whole history. `progress` gets git's progress lines. `how`: whether it waits
/// until the disk has them, as for what is kept longer than a task.
enum class synced { no, yes };
awaitable<outcome<void>> fetch_objects(layout at, std::filesystem::path into, std::vector<std::string> objects,
                                       int depth, std::function<void(std::string_view)> progress = {},
                                       synced how = synced::no);

} // namespace persais::git

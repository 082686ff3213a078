#pragma once
#include "git/layout.hpp"

namespace persais::git {

/// Fetches objects (commits, tags), and what they refer to, from the mirror into another repository that no agent has
/// used. `depth`: as git's own; 0: their whole history. `progress` gets git's progress lines.
awaitable<outcome<void>> fetch_objects(layout at, std::filesystem::path into, std::vector<std::string> objects,
                                       int depth, std::function<void(std::string_view)> progress = {});

} // namespace persais::git

#pragma once
#include "git/layout.hpp"

namespace persais::git {

/// Patterns for info/exclude in an agent's tree and when its content is imported.
std::string_view never_work();

/// Fetches the commits without their history from the mirror into another repository that no agent has used.
awaitable<outcome<void>> fetch_shallow(layout at, std::filesystem::path into, std::vector<commit_id> commits);

/// Makes a tree's repository usable by an agent's own git: a name for its commits, and no automatic maintenance.
void write_tree_settings(const std::filesystem::path& git_dir);

} // namespace persais::git

#pragma once
#include "git/layout.hpp"

namespace persais::git {

/// Patterns for info/exclude in an agent's tree and when its content is imported.
std::string_view never_work();

/// Makes a tree's repository usable by an agent's own git: a name for its commits, and no automatic maintenance.
void write_tree_settings(const std::filesystem::path& git_dir);

} // namespace persais::git

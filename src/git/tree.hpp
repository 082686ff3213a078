#pragma once
#include "git/layout.hpp"

namespace persais::git {

/// Patterns for info/exclude in an agent's tree and when its content is imported.
std::string_view never_work();

/// Makes a tree's repository usable by an agent's own git: a name for its commits, no automatic maintenance, and no
/// attention to owner, inode and change time, which mean nothing in a tree that was handed over, copied or layered: git
/// would read every file again.
void write_tree_settings(const std::filesystem::path& git_dir);

struct tree_wish {
    commit_id commit;
    std::optional<commit_id> work = {};
    std::shared_ptr<const history> past = {};
    std::filesystem::path from = {}; // another tree that nothing has used: what is the same is linked to it
};

/// As mirror::make_tree, at an absolute path where nothing is.
awaitable<outcome<void>> make_tree(layout at, std::filesystem::path tree, tree_wish wish);

} // namespace persais::git

#pragma once
#include "git/layout.hpp"

namespace persais::git {

struct changes {
    diff_stat stat;
    std::vector<std::string> paths; // old and new name of a rename
    bool adds_submodule = false;
};

/// What differs between two trees that are in the mirror.
awaitable<outcome<changes>> changes_between(layout at, std::string base, std::string tree);

/// How much of it.
awaitable<outcome<diff_stat>> count_changes(layout at, std::string base, std::string tree);

/// From `git diff-tree -r -z --raw --no-renames`.
void read_raw(std::string_view output, changes& into);
/// From `git diff-tree -r -z --numstat --find-renames`.
diff_stat read_numstat(std::string_view output);

} // namespace persais::git

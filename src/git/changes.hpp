#pragma once
#include "git/layout.hpp"

#include <optional>

namespace persais::git {

struct changes {
    diff_stat stat;
    std::vector<std::string> paths;      // a rename has its old and its new name
    std::vector<std::string> added = {}; // those of the paths that the base does not have
    bool links = false;                  // a symbolic link is among them, new, changed or gone
    bool adds_submodule = false;
};

/// The differences between two trees that are in the mirror.
awaitable<outcome<changes>> changes_between(layout at, std::string base, std::string tree);

/// `git WORD` (diff, diff-tree) on the mirror, with `flags`: no attributes of either side count (what a change says of
/// itself in .gitattributes would hide it), nor what .gitmodules wants to have ignored, and no program is run.
command diff_command(const layout& at, std::string word, std::vector<std::string> flags);

/// The size of these differences.
awaitable<outcome<diff_stat>> count_changes(layout at, std::string base, std::string tree);

/// Parses the output of `git diff-tree -r -z --raw --numstat --find-renames`; nullopt: it is none.
std::optional<changes> read_changes(std::string_view output);

} // namespace persais::git

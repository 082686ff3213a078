#pragma once
#include "git/git.hpp"
#include "git/lock.hpp"

#include <functional>
#include <memory>

namespace persais::git {

/// A checkout of one commit that trees are layered over (sandbox::layers), exactly as mirror::make_tree makes one, and
/// never changed. It is lent to those only whose own tree it would be: of this commit, with this history.
struct base_tree {
    std::filesystem::path folder;
    held_lock in_use; // keeps it from being removed
};

struct base_tree_wish {
    commit_id commit;
    std::shared_ptr<const history> past;
    /// What else is put into it, in words that differ when it does; empty: nothing. `add` puts it there.
    std::string additions = {};
    std::function<awaitable<outcome<void>>(std::filesystem::path tree)> add = {};
};

/// Finds the checkout, or makes it; what a kill left half done is made anew. Where there is one of the base branch
/// with the same .gitattributes, only what differs from it is written. Those that nobody uses are removed when there
/// are too many, the longest unused first. Call it after mirror::refresh.
awaitable<outcome<std::shared_ptr<const base_tree>>> base_tree_of(const mirror& of, base_tree_wish wish);

/// Removes the checkouts of a mirror that nobody has asked for since `before` and no tree uses, what kills left half
/// done, and what was made before the machine was started last.
awaitable<> tidy_base_trees(struct layout at, std::filesystem::file_time_type before);

} // namespace persais::git

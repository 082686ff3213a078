#pragma once
#include "git/git.hpp"
#include "worker/dependencies.hpp"

#include <functional>
#include <optional>
#include <vector>

namespace persais::worker {

/// What a task's trees hold beyond the files of their commit: submodules, and the contents of LFS files. Everything is
/// fetched here, by trusted git, into mirrors of its own, once for each attempt; a tree gets copies while no program
/// has used it yet.
class tree_additions {
public:
    /// Fetches the submodules of a commit, and theirs. `repository`: the address of the repository whose mirror it is.
    /// `tell` is called with each address before it is fetched. The failure names the submodule.
    awaitable<git::outcome<void>> fetch_submodules(const dependencies& with, git::mirror of, std::string repository,
                                                   git::commit_id commit, std::function<void(const std::string&)> tell);

    /// Finds the LFS server of the repository at a commit: its own, or one that .lfsconfig names. What a tree needs of
    /// it is fetched when the tree is made.
    awaitable<git::outcome<void>> find_lfs(const dependencies& with, git::mirror of, std::string repository,
                                           git::commit_id commit);

    /// What place() would put into a tree, in words that differ when it does; empty: nothing.
    std::string described() const;

    /// Puts everything into a new tree.
    awaitable<git::outcome<void>> place(std::filesystem::path tree) const;

private:
    struct fetched {
        git::mirror from;
        git::submodule what;
        std::string url;
        std::filesystem::path path;    // of the repository that it is in, in the tree; empty: the tree itself
        std::filesystem::path git_dir; // the same in .git
        std::size_t parent;            // in submodules_; none: the task's repository
        int depth;
    };
    struct lfs_server {
        git::mirror of; // the repository whose files it has
        git::remote at;
    };
    static constexpr std::size_t none = -1;
    std::optional<lfs_server> lfs_;
    std::vector<fetched> submodules_; // each after the one that it is in
};

} // namespace persais::worker

#pragma once
#include "git/git.hpp"
#include "git/index_file.hpp"

#include <memory>
#include <optional>

namespace persais::git {

/// Writes down what a new tree's files are like, after they were given to the task's own user and before a program of
/// the task runs, so that an import need not read what did not change: the tree's own index, with change times that are
/// the kernel's. `into`: a file that no sandbox sees. Where that cannot be known (`work` on top, submodules, a file
/// system that tells no times), there is no such file afterwards, and an import reads everything.
awaitable<> remember_tree(std::filesystem::path tree, std::filesystem::path into, commit_id base);

/// What an import has to look at, and nothing else. Paths are as git has them.
struct tree_look {
    std::string index;                // of git: the changed files as the base has them, and the rules of all folders
    bool attributes = false;          // there are some, so that git may store other bytes than the file has
    std::vector<std::string> touched; // files of the base that are other files now, or have other times
    std::vector<std::string> gone;    // of the base, which are no file any more
    std::vector<std::string> fresh;   // files, links and folders that the base does not have; some may be ignored
    std::shared_ptr<const index_file> base; // all files of the base
    bool nothing() const { return touched.empty() && gone.empty() && fresh.empty(); }
};

/// Compares a tree with what remember_tree wrote. nullopt: something of it asks for the whole import: repositories
/// inside, changed attributes, what its owner may not read, more than an import may have. The tree is a task's, so
/// nothing in it is followed or read; only names and stat data are looked at.
awaitable<std::optional<tree_look>> look_again(std::filesystem::path tree, std::filesystem::path remembered,
                                               commit_id base);

} // namespace persais::git

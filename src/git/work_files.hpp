#pragma once
#include "git/tree_look.hpp"
#include "sandbox/sandbox.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace persais::git {

/// A file or a link that an import takes over, as a program of the task left it.
struct work_file {
    std::string path;
    unsigned mode = 0; // git's: 0100644, 0100755 or 0120000
    std::string bytes; // of a link its target
};

/// What an import takes over, read here and not by a git.
struct work_files {
    std::vector<work_file> touched;
    std::vector<work_file> fresh;               // files and links, without the folders; some may be ignored
    std::map<std::string, std::string> ignores; // the .gitignore files that say so, by their paths
};

/// Reads what a look has found in a tree that no program uses any more. Nothing in it is followed: each folder is
/// opened in its parent, no link is one, and what is not a plain file or a link is no work. `upper`: of a layered tree;
/// its checkout is then that of the base. nullopt: it is left to the confined git, because it is large, because a
/// folder was moved, or because something of it is not as it was when it was looked at.
awaitable<std::optional<work_files>> read_work(const tree_look& seen, std::filesystem::path tree,
                                               sandbox::layers layers);

} // namespace persais::git

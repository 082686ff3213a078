#pragma once
#include "git/layout.hpp"
#include "git/work_files.hpp"

namespace persais::git {

/// Work as objects.
struct packed_work {
    std::string tree; // empty: it is that of the base
    std::string pack; // what the mirror has not of the tree, the commit and all in them; empty: it has everything
};

/// Lines for git fast-import that delete these paths.
std::string deletions(const std::vector<std::string>& paths);

/// Makes the objects of what was read from a task's tree, by gits that see nothing of the task but bytes which are
/// handed to them: the base's folders are those of the mirror, and only copies of the .gitignore files are there as
/// files. `place`: an empty folder of the service's own. The pack is not checked here: it enters the mirror by take_in.
awaitable<outcome<packed_work>> pack_work(layout at, std::filesystem::path place, const mirror::import_spec& what,
                                          const tree_look& seen, work_files files);

/// A bare repository in `folder`. It is written here because `git init` would be two more programs of each import.
void write_import_repository(const std::filesystem::path& folder, const commit_id& base);

} // namespace persais::git

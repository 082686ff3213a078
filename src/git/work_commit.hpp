#pragma once
#include "git/layout.hpp"

/// The commit of a task's work. It has the same bytes each time, whoever writes it, because they depend only on the
/// tree and on what is stored with the task.
namespace persais::git {

/// Its id, before there is one; empty where git might write other bytes than these.
commit_id id_of_work_commit(const mirror::import_spec& what, const std::string& tree);

/// The first lines for git fast-import, which makes it: the commit, without its changes.
std::string lines_of_work_commit(const mirror::import_spec& what);

/// Makes it of a tree that is in the mirror.
awaitable<outcome<commit_id>> make_work_commit(layout at, mirror::import_spec what, std::string tree);

} // namespace persais::git

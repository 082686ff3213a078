#pragma once
#include "base/ids.hpp"
#include "git/layout.hpp"
#include "git/limits.hpp"

#include <set>

/// What crashes left in mirrors, whichever remotes these are of.
namespace persais::git {

/// Locks, temporary objects, half packs and a half clone that nobody owns any more: removed while nobody else writes to
/// this mirror; when it stays busy for limits::git_sweep_wait, left to the next time.
awaitable<> sweep(layout at);

/// The same for every mirror below `root`.
awaitable<> sweep_mirrors(std::filesystem::path root);

/// The tasks that have refs of their own in any of these mirrors.
awaitable<std::set<task_id>> tasks_with_refs(std::filesystem::path root);

/// Removes what this mirror keeps below `ref_prefix`. Throws when git cannot.
awaitable<> forget_refs(layout at, std::string ref_prefix);

/// Removes a task's refs from all of them.
awaitable<> forget_task(std::filesystem::path root, task_id id);

} // namespace persais::git

#pragma once
#include "base/ids.hpp"
#include "git/layout.hpp"
#include "git/limits.hpp"

#include <set>

/// What crashes left in mirrors, whatever their remotes are.
namespace persais::git {

/// The mirrors below `root`, the folder of all.
std::vector<layout> mirrors_below(const std::filesystem::path& root);

/// Removes locks, temporary objects, incomplete packs and an incomplete clone that no process uses any more. This
/// happens while no other process writes to the mirror; when it is busy for longer than limits::git_sweep_wait, the
/// removal is left to the next call.
awaitable<> sweep(layout at);

/// The tasks that have refs in this mirror.
awaitable<std::set<task_id>> tasks_with_refs(layout at);

/// Deletes this mirror's refs below `ref_prefix`. Throws when git cannot. While another process has had the mirror
/// alone for `most`, nothing is deleted: housekeeping finds the refs the next day.
awaitable<> forget_refs(layout at, std::string ref_prefix, std::chrono::milliseconds most = limits::git_network);

} // namespace persais::git

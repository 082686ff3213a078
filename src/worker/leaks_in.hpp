#pragma once
#include "checks/repository_file.hpp"
#include "git/git.hpp"
#include "mechanic/task.hpp"

#include <vector>

namespace persais::worker {

/// What looks like a credential in the lines that `commit` adds to `ground`; at most limits::leaks_kept. What its
/// repository allows, and what stands somewhere in `ground` already, is not among it.
awaitable<git::outcome<std::vector<mechanic::leak>>> leaks_in(git::mirror& mirror, git::commit_id ground,
                                                              git::commit_id commit, checks::repository_file rules);

} // namespace persais::worker

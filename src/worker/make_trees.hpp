#pragma once
#include "worker/dependencies.hpp"
#include "worker/task_workspace.hpp"
#include "worker/tree_additions.hpp"

namespace persais::worker {

/// Makes a tree of the workspace as mirror::make_tree does, with what is beyond the files of its commit, for the
/// programs of that part. It is a layer over a checkout that others of this commit have too, where layers work;
/// else it is made for this task alone.
awaitable<git::outcome<void>> make_tree(const dependencies& with, git::mirror mirror, task_workspace& place,
                                        task_workspace::part which, git::commit_id commit,
                                        std::optional<git::commit_id> work, const tree_additions& beyond);

} // namespace persais::worker

#pragma once
#include "worker/dependencies.hpp"
#include "worker/judge_run.hpp"
#include "worker/task_workspace.hpp"
#include "worker/toolchain.hpp"
#include "worker/tree_additions.hpp"

namespace persais::worker {

/// What setup and checks are run with.
struct check_plan {
    const dependencies& with; // outlives every run
    const toolchain& tools;
    mechanic::chosen_command setup;
    mechanic::chosen_command check;
    std::chrono::milliseconds timeout;
    host_rules hosts;             // that setup reaches
    const tree_additions& beyond; // what a tree holds beyond the files of its commit
    mechanic::check_outcome before = mechanic::check_outcome::not_run; // of the checks, before the change
    std::shared_ptr<const service::known_repository> own = {};         // whose environment they get; may be null
};

/// Runs the check in a tree and a home as setup left them, at exactly `commit`; what the run leaves behind is not seen
/// by later runs. The setup runs once, on a new tree at `commit`, and again when a later commit changed what it reads.
/// `base`: a commit that the mirror can make a tree of. An exception is world_trouble to the driver.
awaitable<check_verdict> run_checks_at(check_plan plan, task_workspace& place, git::mirror& mirror, git::commit_id base,
                                       git::commit_id commit, std::function<void(const mechanic::progress&)> tell);

} // namespace persais::worker

#pragma once
#include "mechanic/task.hpp"
#include "sandbox/child.hpp"

#include <chrono>
#include <string>

namespace persais::worker {

struct check_verdict {
    mechanic::check_outcome how = mechanic::check_outcome::not_run;
    std::string feedback;      // the useful part of what failed or could not run, for the coder
    std::string could_not_run; // for a person: a sentence; for a setup with its last output below
    bool over_disk = false;    // setup or check used more of the disk than a task may, as `could_not_run` says
};

/// The verdict on a setup command: not_run when the checks may run, else could_not_run.
check_verdict judge_setup(const sandbox::child_result& ended, const std::string& command,
                          std::chrono::milliseconds timeout);

/// The verdict on a check command: green, red or timed_out with feedback, or could_not_run.
check_verdict judge_check(const sandbox::child_result& ended, const std::string& command,
                          std::chrono::milliseconds timeout);

} // namespace persais::worker

#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace persais::mechanic {

/// How a task ended, as contract.md lists it; the spelling is the contract's.
enum class verdict {
    ready,
    ready_unchecked,
    tests_red,
    checks_could_not_run,
    no_change,
    protected_path,
    link_outside,
    paths_collide,
    secret_found,
    model_failed,
    timed_out,
    disk_limit,
    aborted,
    remote_failed,
    world_broken
};

std::string_view to_string(verdict v);
std::optional<verdict> verdict_from(std::string_view text);

/// As people understand it: "ready", "ready, unchecked", "tests red", …
std::string_view words(verdict v);

/// Whether a commit is on a branch of the remote under this verdict.
bool has_branch(verdict v);

/// Whether the coder, or its checks, were stopped at a limit of time or disk.
bool at_a_limit(verdict v);
/// Whether what was made until then is kept though it is on no branch, for a person to decide on and for the next turn
/// to go on with.
bool keeps_work(verdict v);
std::vector<std::string_view> verdicts_that_keep_work();

/// The exit code of `persais run`: 0 done as asked, 1 the task did not succeed, 3 something outside the task is broken.
int exit_code(verdict v);

} // namespace persais::mechanic

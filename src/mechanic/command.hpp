#pragma once
#include "base/result.hpp"

#include <chrono>
#include <string>
#include <variant>
#include <vector>

namespace persais::mechanic {

// What the driver has to execute next. Each command ends in one event.

/// Updates the mirror, finds base and commands, and makes the coder's tree (`tree` false: only when the work to publish
/// is lost).
struct prepare {
    bool tree = true;
};
/// Runs the coder for a round; during the first round, also runs setup and checks on the base.
struct run_coder {
    int round = 0;
    std::string feedback; // what failed; empty in round 0
};
struct run_checks {
    int round = 0;
    std::string commit;
};
struct publish {
    std::string commit;
    std::string branch;
    bool anyway = false; // whatever it carries
};
struct answer {};

// The steps of a landing; `facts::lands` says what for.

/// Takes the repository's lane, unless another landing has it.
struct take_lane {};
/// Makes the approved commits anew on what the base branch holds now, or the commit that takes them back; beside the
/// lane, on top of the landing in front.
struct replay {};
/// Runs the checks in a fresh tree at this commit.
struct check_landing {
    std::string commit;
};
/// Brings it onto the base branch, if that still holds `expected`: by a push, with those of the landings behind it that
/// are ready on top of it, or has the forge merge its request.
struct land {
    std::string commit;
    std::string expected;
    bool by_request = false;
};
/// Looks at the deployment of a commit that is on the base branch, until it is healthy or the time is over.
struct watch {
    std::string commit;
    std::chrono::microseconds waited{}; // since the push, by the database's clock
};
/// Ends everything that the task holds on this machine: processes, trees, sockets.
struct clean_up {};
/// One sentence for the person, put into the outbox together with the change that it tells of.
struct tell {
    std::string text;
};

using command = std::variant<prepare, run_coder, run_checks, publish, answer, take_lane, replay, check_landing, land,
                             watch, clean_up, tell>;

/// An event without a meaning in the task's state: a defect or a late answer. Nothing changes.
struct refused {
    std::string why;
};

using decision = result<std::vector<command>, refused>;

} // namespace persais::mechanic

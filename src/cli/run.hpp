#pragma once
#include <optional>
#include <string>

namespace persais::cli {

/// What the command line of `persais run`, `ask`, `reply` or `push` asks for.
struct run_request {
    const char* command = "run";
    std::string instruction;
    std::string repo; // URL or path; empty: GIT_REMOTE_URL
    std::optional<std::string> setup, check, base;
    std::optional<long long> resume;
    std::optional<long long> reply_to;    // the next turn of this task instead of a new task
    std::optional<long long> push;        // what this task holds back is pushed as it is
    std::optional<long long> from_answer; // make the change that the answer to this question proposes
    bool question = false;                // it is answered; nothing is changed
    bool json = false;
    bool detach = false; // leave it to the service
};

/// Runs with the settings of this process. Returns the exit code of settings.md. Errors are one sentence on standard
/// error (2) or in the report.
int run(const run_request& what);

} // namespace persais::cli

#pragma once
#include <optional>
#include <string>

namespace persais::cli {

/// What `persais run`, `ask` or `reply` was asked for on its command line.
struct run_request {
    const char* command = "run";
    std::string instruction;
    std::string repo; // URL or path; empty: GIT_REMOTE_URL
    std::optional<std::string> setup, check, base;
    std::optional<long long> resume;
    std::optional<long long> reply_to;    // the next turn of this task, not a task of its own
    std::optional<long long> from_answer; // of this question
    bool question = false;                // answered; nothing is changed
    bool json = false;
    bool detach = false; // leave it to the service
};

/// With the settings of this process. The exit code as settings.md has it. Says what is wrong in one sentence on
/// standard error (2) or in the report.
int run(const run_request& what);

} // namespace persais::cli

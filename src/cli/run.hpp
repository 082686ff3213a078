#pragma once
#include "config/settings.hpp"

#include <optional>
#include <string>

namespace persais::cli {

/// What `persais run` was asked for on its command line.
struct run_request {
    std::string instruction;
    std::string repo; // URL or path; empty: GIT_REMOTE_URL
    std::optional<std::string> setup, check, base;
    std::optional<long long> resume;
    bool json = false;
    bool detach = false; // leave it to the service
};

/// The exit code as settings.md has it. Says what is wrong in one sentence on standard error (2) or in the report.
int run(const run_request& what, const config::settings& settings);

} // namespace persais::cli

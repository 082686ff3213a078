#pragma once
#include "base/async.hpp"
#include "sandbox/spawn.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <sys/types.h>
#include <vector>

namespace persais::pgserver {

using sandbox::owned_fd;

/// One program of the embedded server. It gets a clean environment, a new session, `/` as working folder, nothing on
/// standard input and none of our descriptors except `kept` (as 3), so that it can outlive us.
struct program {
    std::vector<std::string> argv; // argv[0] is an absolute path
    std::filesystem::path output;  // standard output and error are appended to it; it is created with mode 0600
    int kept = -1;
};

/// Starts the program, within about 0.2 ms. Throws system_error.
pid_t start_program(const program& what);

/// Runs the program until it ends. Returns its exit status, or 128 + signal. Kills it when this is cancelled. Throws
/// deadline_passed.
awaitable<int> finish_program(program what, std::chrono::milliseconds limit);

/// Runs a program and blocks until it ends, for programs that take milliseconds. Returns its exit status, -1 when it
/// could not start.
int run_briefly(std::vector<std::string> argv);

/// The last `most` bytes of a file, for an error sentence; empty when it cannot be read. `from`: an offset before which
/// nothing is returned, where the output of the failed program begins.
std::string tail_of(const std::filesystem::path& file, std::size_t most, std::uintmax_t from = 0);

} // namespace persais::pgserver

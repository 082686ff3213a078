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

/// One program of the embedded server. It gets a clean environment, a session of its own, `/` as working folder,
/// nothing on standard input and no descriptor of ours but `kept` (as 3), so that it can outlive us.
struct program {
    std::vector<std::string> argv; // argv[0] is an absolute path
    std::filesystem::path output;  // standard output and error are appended to it; created 0600
    int kept = -1;
};

/// Starts it, in some 0.2 ms. Throws system_error.
pid_t start_program(const program& what);

/// Runs it to its end: its exit status, 128 + signal. Killed when this is cancelled. Throws deadline_passed.
awaitable<int> finish_program(program what, std::chrono::milliseconds limit);

/// Blocks until it has ended; for what takes milliseconds. Its exit status, -1 when it could not start.
int run_briefly(std::vector<std::string> argv);

/// The last `most` bytes of a file, for an error's sentence; empty when it cannot be read. `from`: none before that
/// offset, which is where the program that failed began to write.
std::string tail_of(const std::filesystem::path& file, std::size_t most, std::uintmax_t from = 0);

} // namespace persais::pgserver

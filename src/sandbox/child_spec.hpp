#pragma once
#include "base/secret.hpp"
#include "sandbox/limits.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace persais::sandbox {

struct memory_guard; // memory_guard.hpp

/// Ceilings that the keeper sets before it runs the program. 0 = none.
struct rlimits {
    std::uint64_t address_space_bytes = 0;
    std::uint64_t file_bytes = 0;
    std::uint64_t open_files = 0;
    std::uint64_t processes = 0;
    bool operator==(const rlimits&) const = default;
};

/// One program to run. Nothing is inherited: not the environment, not a descriptor.
struct child_spec {
    std::vector<std::string> argv;                        // argv[0] is an absolute path
    std::vector<std::string> environment;                 // "NAME=value", all of it but the secrets
    std::string folder = "/";                             // working directory
    std::string input;                                    // written to its standard input, which is then closed
    std::chrono::milliseconds total{0};                   // deadline from start; must be > 0
    std::chrono::milliseconds idle{0};                    // deadline without output or sign_of_life; 0 = none
    std::size_t keep_output = limits::child_output_bytes; // of each stream, the newest bytes
    rlimits limits;
    /// Of a trusted program: names and values, beside `environment`. backend::confine takes no spec with any.
    std::vector<std::pair<std::string, secret>> secret_environment;
    /// Set by backend::confine only. Not empty: argv is a wrapper that starts the keeper again inside; the first is the
    /// environment of the program in there, each entry NUL-ended, and all stand at descriptors 5, 6, … of the wrapper,
    /// so that no process list shows them.
    std::vector<std::string> sealed;
    /// Set by backend::confine only: holds the program, with all that it starts, to a task's memory.
    std::shared_ptr<memory_guard> memory;
    std::function<void(std::string_view)> on_output; // each piece of standard output as it comes, may be empty
    std::function<void(std::string_view)> on_error;  // the same of standard error; what they throw ends the child and
                                                     // is thrown by run_child
    /// The newest sign of life that the caller knows of (a model that streams); asked before `idle` ends the child.
    std::function<std::chrono::steady_clock::time_point()> sign_of_life;
};

/// interrupted: somebody killed what holds the program (its keeper, its sandbox), and the program with it; how it would
/// have ended is not known. code is a signal. killed: by who speaks with it (process.hpp).
enum class ended { exited, signalled, timed_out, went_idle, could_not_start, out_of_memory, interrupted, killed };

struct child_result {
    ended how = ended::could_not_start;
    int code = -1;           // exit status when exited, signal when signalled, errno when it could not start
    std::string output;      // the newest keep_output bytes of standard output
    std::string error;       // of standard error
    bool output_cut = false; // older output was dropped
    std::chrono::milliseconds took{0};
    std::uint64_t memory_bytes = 0; // when out_of_memory, what it might have used; 0: the whole machine had none left
    bool ok() const { return how == ended::exited && code == 0; }
};

/// Thrown by callers for whom a program that was killed from outside is a broken world: what it was to find out or to
/// do is not known, and another attempt may well succeed.
struct interrupted : std::runtime_error {
    using std::runtime_error::runtime_error;
};

} // namespace persais::sandbox

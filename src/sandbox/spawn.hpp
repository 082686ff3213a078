#pragma once
#include "sandbox/child_spec.hpp"
#include "sandbox/owned_fd.hpp"

#include <sys/types.h>

namespace persais::sandbox {

/// A started keeper and our ends of its pipes, all nonblocking and close-on-exec.
struct keeper_process {
    pid_t pid = -1;
    owned_fd pidfd;
    owned_fd input; // invalid without standard_input::pipe
    owned_fd output;
    owned_fd error;
    owned_fd life;    // closing it ends the child's tree
    owned_fd status;  // records of keeper/protocol.hpp
    owned_fd network; // where the sockets of spec.network come; invalid without it
};

/// none: /dev/null.
enum class standard_input { none, pipe };

/// Starts a keeper, which takes about 0.3 ms whatever the size of this process is. Throws system_error when it fails
/// (no keeper beside the executable, no descriptors, no processes left).
keeper_process spawn_keeper(const child_spec& spec, standard_input input);

/// The limits as arguments of the keeper's command line.
std::vector<std::string> limit_arguments(const rlimits& limits);

/// The path of the keeper: in $PERSAIS_BIN, else in the folder of this executable.
std::string keeper_path();

/// write(2) without the SIGPIPE that would otherwise kill the whole service when a child has stopped reading.
ssize_t write_quietly(int fd, std::string_view bytes);

} // namespace persais::sandbox

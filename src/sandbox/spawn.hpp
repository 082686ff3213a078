#pragma once
#include "sandbox/child.hpp"

#include <sys/types.h>
#include <utility>

namespace persais::sandbox {

/// A descriptor that closes itself.
class owned_fd {
public:
    owned_fd() = default;
    explicit owned_fd(int fd) : fd_(fd) {}
    owned_fd(owned_fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    owned_fd& operator=(owned_fd&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~owned_fd();
    int get() const { return fd_; }
    int release() { return std::exchange(fd_, -1); }
    explicit operator bool() const { return fd_ >= 0; }

private:
    int fd_ = -1;
};

/// A started keeper and our ends of its pipes, all nonblocking and close-on-exec.
struct keeper_process {
    pid_t pid = -1;
    owned_fd pidfd;
    owned_fd input; // empty without standard_input::pipe
    owned_fd output;
    owned_fd error;
    owned_fd life;   // closing it ends the child's tree
    owned_fd status; // records of keeper/protocol.hpp
};

/// none: /dev/null.
enum class standard_input { none, pipe };

/// Takes some 0.3 ms whatever the size of this process. Throws system_error when the machine refuses (no keeper beside
/// the executable, no descriptors, no processes left).
keeper_process spawn_keeper(const child_spec& spec, standard_input input);

/// The limits as words of the keeper's command line.
std::vector<std::string> limit_arguments(const rlimits& limits);

/// Where the keeper is: $PERSAIS_BIN, else the folder of this executable.
std::string keeper_path();

/// write(2) without the SIGPIPE that a child which stopped reading would send to the whole service.
ssize_t write_quietly(int fd, std::string_view bytes);

} // namespace persais::sandbox

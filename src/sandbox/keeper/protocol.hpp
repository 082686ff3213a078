#pragma once
#include <cerrno>
#include <cstdint>

/// The protocol between the service and the keeper: descriptors, and records of eight bytes.
namespace persais::keeper {

inline constexpr int life_fd = 3;   // read end: a byte or the end of file means "end the tree"
inline constexpr int status_fd = 4; // write end: records; its end of file means that the tree is gone
inline constexpr int payload_fd =
    5; // with --wrapped N: N files from here on; the first is the inner program's environment

/// With --listen: sockets of the program's own network, at most so many, come in one message through the descriptor
/// after those files.
inline constexpr int sockets_most = 64;

enum class said : std::uint32_t {
    could_not_start = 1,       // code: errno
    started = 2,               // by the keeper inside a sandbox: the wrapper has done its part. code: errno of a
                               // clone that was asked for and is none
    exited = 3,                // code: exit status
    signalled = 4,             // code: signal
    out_of_memory = 5,         // the tree exceeded its limit, and was ended
    machine_out_of_memory = 6, // the kernel killed something meanwhile because the machine had no memory left
    cloned = 8,                // instead of `started`: the program is a clone of a prepared parent
    out_of_disk = 7,           // code: a disk_excess; the tree was ended for it, or had ended
};

/// The code of `started` when the clone was of another build than the keeper (clone_protocol.hpp).
inline constexpr int other_build = EPROTOTYPE;

/// What of the disk a tree took too much of.
enum class disk_excess : std::int32_t {
    nothing = 0,
    bytes = 1,
    files = 2,
    reserve = 3, // the disk has not much more than is kept for others, whoever took the rest
};

/// A record is written atomically (it is smaller than PIPE_BUF). The first of could_not_start, exited and signalled is
/// the outcome, unless there is an out_of_memory or out_of_disk at any position.
struct record {
    said what;
    std::int32_t code;
};
static_assert(sizeof(record) == 8);

} // namespace persais::keeper

#pragma once
#include <cstdint>

/// What the service and the keeper say to each other: descriptors and a record of eight bytes.
namespace persais::keeper {

inline constexpr int life_fd = 3;   // read end: a byte or the end of file means "end the tree"
inline constexpr int status_fd = 4; // write end: records; its end of file means that the tree is gone
inline constexpr int payload_fd =
    5; // with --wrapped N: N files from here on; the first is the inner program's environment

enum class said : std::uint32_t {
    could_not_start = 1,       // code: errno
    started = 2,               // by the keeper inside a sandbox: what wraps it has done its part
    exited = 3,                // code: exit status
    signalled = 4,             // code: signal
    out_of_memory = 5,         // the tree used more than it may, and was ended
    machine_out_of_memory = 6, // while it ran, the kernel ended something because the machine had no memory left
};

/// Written in one piece (smaller than PIPE_BUF). The first of could_not_start, exited, signalled is the outcome, unless
/// there is an out_of_memory, wherever it stands.
struct record {
    said what;
    std::int32_t code;
};
static_assert(sizeof(record) == 8);

} // namespace persais::keeper

#pragma once
#include "sandbox/keeper/protocol.hpp"

/// How a program that is prepared outside gets into a sandbox (decision 0054). For each program there is one socket
/// (SOCK_SEQPACKET). One end goes to the prepared parent, which forks a process that has it from then on; the other to
/// the program's keeper, which says these in turn:
///
///   `group`  by the keeper outside, with what puts the process that writes "0" into it into the control groups
///
///   `place`  by the keeper inside, with the descriptors below
///
/// and reads a `clone_answer` after the second. The clone is the program from the byte on that the keeper inside sends
/// then.
namespace persais::keeper {

/// What the keeper and the library that a parent has loaded were made of. A parent may be older than the keeper, and
/// then its clones would be held to what was right then; so they refuse each other, and programs are started cold.
inline constexpr std::uint32_t clone_build =
#include "clone_build.inc"
    ;

enum class clone_word : std::uint32_t { group = 1, place = 2 };

/// Before the words: the arguments of the keeper from `enter` on, and the environment, each ended by a zero.
struct place_header {
    clone_word what = clone_word::place;
    std::uint32_t build = clone_build;
    std::uint32_t nested = 0; // the process is to be in `users`, whose parent owns the other namespaces
    std::uint32_t arguments = 0;
    std::uint32_t variables = 0;
};

/// The descriptors of `place`: the program's three streams, the keeper's status pipe, and its namespaces, of which the
/// last is missing on kernels that have none.
enum place_fd : int { place_input, place_output, place_error, place_status, place_users, place_spaces };
inline constexpr const char* place_kinds[] = {"mnt", "net", "ipc", "uts", "pid", "cgroup"};

/// error 0: `pid` is, in the sandbox, the process that has become the program's; it is a child of the keeper inside.
struct clone_answer {
    std::int32_t error;
    std::int32_t pid;
};

} // namespace persais::keeper

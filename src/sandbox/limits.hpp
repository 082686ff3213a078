#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>

/// Limits of sandbox/. docs/limits.md explains each.
namespace persais::limits {

using namespace std::chrono_literals;

inline constexpr std::size_t child_output_bytes = 256 * 1024;      // kept of a child's output, the newest (ring)
inline constexpr std::size_t process_line_bytes = 2 * 1024 * 1024; // one line of a child in a conversation
inline constexpr std::size_t process_unread_bytes = 1024 * 1024;   // unread lines; then the child must wait
inline constexpr std::size_t process_input_bytes = 256 * 1024;     // not yet read by a child; then its writer must wait
inline constexpr int child_niceness = 10;           // of every child: the service's own requests come first
inline constexpr auto terminate_to_kill = 500ms;    // SIGTERM to SIGKILL of a child's tree
inline constexpr auto output_drain = 200ms;         // wait for end of output after a child's exit
inline constexpr auto sandbox_probe = 10s;          // for the test of each isolation level at start
inline constexpr unsigned sandbox_slots = 1000;     // uids of tasks
inline constexpr unsigned sandbox_processes = 1024; // and threads of one task: a larger fork bomb starves two cores
inline constexpr std::size_t sandbox_tmp_bytes = 1024UL * 1024 * 1024; // a task's /tmp, in memory
inline constexpr std::size_t sandbox_shm_bytes = 256UL * 1024 * 1024;  // a task's /dev/shm
inline constexpr std::size_t task_memory_bytes = 768UL * 1024 * 1024;  // of a task at least, when their number is set
inline constexpr unsigned tasks_most = 8;                              // running at once, when their number is chosen
inline constexpr unsigned tasks_per_core = 2;                          // running at once, when their number is chosen
inline constexpr std::size_t memory_reserve_least_bytes = 256UL * 1024 * 1024; // of the machine, not for tasks
inline constexpr std::size_t memory_reserve_most_bytes = 2048UL * 1024 * 1024; // of the machine, not for tasks
inline constexpr auto memory_watch_least = 50ms;       // between two checks of a tree's memory, near its limit
inline constexpr auto memory_watch_most = 250ms;       // between two checks of a tree's memory, far from it
inline constexpr auto group_removal = 1s;              // an empty control group may be busy for a moment
inline constexpr auto hand_over = 5min;                // for giving a tree to a user, or measuring it, in one process
inline constexpr std::size_t script_head_bytes = 4096; // of a script, in which the real program is looked for
inline constexpr std::size_t task_disk_bytes = 4UL * 1024 * 1024 * 1024; // of a task's program, without TASK_DISK_MB
inline constexpr std::uint64_t task_disk_files = 1'000'000;              // and folders of a task's program
inline constexpr std::size_t disk_reserve_bytes = 1024UL * 1024 * 1024;  // or an eighth of the disk: not for tasks
inline constexpr auto disk_watch_least = 10ms; // between two looks at the free disk space, near a limit
inline constexpr auto disk_first_count = 1s;   // from a program's start until what it found on the disk is counted
inline constexpr auto disk_last_count = 20s;   // of the count after a program's end
inline constexpr auto disk_watch_most = 250ms; // between two looks at the free disk space, far from a limit

} // namespace persais::limits

#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>

/// Of the service. docs/limits.md explains each.
namespace persais::limits {

using namespace std::chrono_literals;

inline constexpr std::size_t settings_file_bytes = 256 * 1024; // .env, and a secret's NAME_FILE
inline constexpr auto leave_within = 5s;                       // of a service, from SIGTERM to its end
inline constexpr auto leave_rest = 2s;          // what a service that has left may still need to close what it opened
inline constexpr auto reap_grace = 2s;          // for removing what a crash left, when the process leaves meanwhile
inline constexpr auto bring_up_first = 1s;      // pause of a service that could not start its parts; doubles
inline constexpr auto bring_up_most = 30s;      // and is never longer
inline constexpr auto db_absent_service = 5min; // a service's statements wait for a database that is away
inline constexpr auto warm_up_words = 10s;      // between two lines in the log about a long first clone
inline constexpr auto disk_look_every = 10s;    // between two looks at the room on the disk, when somebody asks
inline constexpr std::uint64_t disk_low_bytes = 1024UL * 1024 * 1024; // below it, /health says degraded
inline constexpr std::uint64_t disk_least_bytes = 64UL * 1024 * 1024; // below it, down
inline constexpr auto journal_every = 1s;                             // between two writes of a task's log
inline constexpr std::size_t journal_bytes = 256 * 1024;              // of one shift's log, kept
inline constexpr int log_page = 500;                                  // lines of a task's log that are read at once
inline constexpr int queue_counted = 10'000;                          // tasks in the queue are counted up to here
inline constexpr auto housekeeping_every = 24h;                       // expiring and pruning, while awake
inline constexpr int expire_batch = 100;                              // results that expire at once
inline constexpr int turns_begun = 100;                               // replies that are begun at once
inline constexpr auto due_least = 100ms;             // sleep of a service before it looks for due tasks again
inline constexpr auto unusable_row_pause = 1h;       // of a task's row that this version cannot work on
inline constexpr auto loop_tick = 1s;                // between two ticks of the event loop, and two looks at them
inline constexpr auto loop_late = 5s;                // without a tick: the process is not live
inline constexpr auto loop_stuck = 30s;              // without a tick: the process ends itself
inline constexpr auto reload_quiet = 500ms;          // of the settings' files, before they are read again
inline constexpr auto reload_at_most = 5s;           // of files that never are quiet
inline constexpr std::size_t redact_least_bytes = 6; // a shorter secret is not masked in logs: it is a word
inline constexpr std::size_t log_message_bytes = 16 * 1024; // of one line of the log
inline constexpr std::size_t metric_labels = 64;            // different words of one label; more count as "other"

} // namespace persais::limits

#pragma once
#include <chrono>
#include <cstddef>

/// Limits of queue/. docs/limits.md explains each.
namespace persais::limits {

using namespace std::chrono_literals;

inline constexpr auto journal_every = 1s;         // between two writes of a task's log
inline constexpr int log_page = 500;              // lines of a task's log that are read at once
inline constexpr int feed_missing = 50;           // numbers of events that are waited for, after higher ones came
inline constexpr auto feed_patience = 30s;        // that a number is waited for; its transaction failed
inline constexpr auto feed_told = 24h;            // events are told to a process that streams, unless it says so again
inline constexpr int list_sorted = 5'000;         // tasks that ended lately and are sorted for a list
inline constexpr int queue_counted = 10'000;      // tasks in the queue are counted up to this number
inline constexpr int landings_shown = 50;         // landings that a list of lanes names
inline constexpr int landings_together = 50;      // commits of landings behind it that one push brings, too
inline constexpr auto joined_waits = 10min;       // for that push, before such a landing looks for itself
inline constexpr int factor_tries = 5;            // wrong codes of a person's authenticator app before the pause
inline constexpr auto factor_pause = 15min;       // without any code, after so many wrong ones
inline constexpr int expire_batch = 100;          // results that expire at once
inline constexpr int turns_begun = 100;           // replies that are begun in one pass
inline constexpr std::size_t saves_together = 64; // writes of states in one round trip
inline constexpr int saves_at_once = 2;           // round trips with them, under way
inline constexpr int restored_fences = 1'000'000; // a restored task's fence is ahead of those given after the backup
inline constexpr int restored_numbers = 1'000;    // new tasks of a restored database begin at the next multiple of this
inline constexpr int prune_batch = 100;           // tasks that one statement of prune() handles
inline constexpr int forge_heard_at_once = 8;     // of what was heard at forges, taken together
inline constexpr int forge_notes_at_once = 8;     // comments to be written at forges, taken together
inline constexpr int request_duties_at_once = 8;  // requests to close or to open again, taken together

} // namespace persais::limits

#pragma once
#include <chrono>
#include <cstddef>

/// Limits of cli/. docs/limits.md explains each.
namespace persais::limits {

using namespace std::chrono_literals;

inline constexpr std::size_t columns_elsewhere = 120; // of output that does not go to a terminal
inline constexpr std::size_t typed_columns = 40;      // of a mistyped word in the sentence that refuses it
inline constexpr std::size_t columns_most = 1000;     // the most that COLUMNS may ask for
inline constexpr int tasks_shown = 20;                // by `persais tasks` without -n
inline constexpr int tasks_shown_most = 1000;         // the most that -n may ask for
inline constexpr auto recently_ended = 24h;           // how long `persais tasks` shows ended tasks without --all
inline constexpr std::size_t diff_shown_bytes = 32 * 1024 * 1024; // of `persais diff`
inline constexpr std::size_t said_shown_bytes = 600; // of the last output of agent and checks; `persais log` has all
inline constexpr std::size_t end_diff_lines = 400;   // of the diff at the end of `persais run`
inline constexpr std::size_t end_diff_bytes = 256 * 1024;     // of the same
inline constexpr int export_rows_at_once = 500;               // in a round trip of `persais export`
inline constexpr auto follow_every = 500ms;                   // between two reads of `persais log --follow`
inline constexpr auto secrets_asked_within = 3s;              // of the database, by `config check` and `doctor`
inline constexpr std::size_t support_log_bytes = 1024 * 1024; // of a log, its end, in a support bundle
inline constexpr auto invite_from_terminal = 24h;             // in which an invitation made at a terminal can be used
inline constexpr auto abort_look_every = 200ms;               // of `persais abort`, for a task that a worker ends
inline constexpr auto abort_seen_within = 8s;                 // then `persais abort` says that the worker was asked
inline constexpr std::size_t log_message_bytes = 16 * 1024;   // of one line of the log

} // namespace persais::limits

#pragma once
#include <chrono>
#include <cstddef>

/// Limits of telegram/inbound/. docs/limits.md explains each.
namespace persais::limits {

using namespace std::chrono_literals;

inline constexpr auto intake_commit = 10s;                     // a COMMIT of updates; then Telegram is told to wait
inline constexpr std::size_t intake_waiting = 2000;            // updates that wait for the COMMIT before theirs
inline constexpr std::size_t intake_bytes = 8UL * 1024 * 1024; // and their bytes
inline constexpr auto intake_retry_after = 5s;                 // said with a 503
inline constexpr int update_tries = 3;                         // of an update whose handling breaks
inline constexpr int updates_at_once = 3;                      // chats whose updates are worked through side by side
inline constexpr auto poll_wait = 50s;                         // a getUpdates without news
inline constexpr auto poll_slack = 10s;                        // for its answer to come
inline constexpr auto reach_first = 1s;                        // pause after Telegram was not reached; doubles
inline constexpr auto reach_most = 60s;                        // and is never longer
inline constexpr auto pairing_valid = 15min;                   // of the one-time code in the log
inline constexpr int pairing_tries = 5;                        // wrong ones close it
inline constexpr int person_burst = 30;                        // messages and presses of one person at once
inline constexpr auto person_every = 2s;                       // and one more for each of these
inline constexpr std::size_t people_remembered = 10'000;       // whose pace is known; the oldest is forgotten

} // namespace persais::limits

#pragma once
#include <chrono>
#include <cstddef>

/// Limits of telegram/inbound/. docs/limits.md explains each.
namespace persais::limits {

using namespace std::chrono_literals;

inline constexpr auto intake_commit = 10s;                     // for a COMMIT of updates; then Telegram has to wait
inline constexpr std::size_t intake_waiting = 2000;            // updates that wait for a COMMIT before theirs
inline constexpr std::size_t intake_bytes = 8UL * 1024 * 1024; // bytes of the updates that wait for a COMMIT
inline constexpr auto intake_retry_after = 5s;                 // the Retry-After of a 503
inline constexpr int update_tries = 3;                         // for an update whose handling fails
inline constexpr int updates_at_once = 3;                      // chats whose updates are handled concurrently
inline constexpr auto poll_wait = 50s;                         // timeout of a getUpdates without news
inline constexpr auto poll_slack = 10s;                        // more for the answer of a getUpdates
inline constexpr auto reach_first = 1s;                        // pause after Telegram was not reached; doubles
inline constexpr auto reach_most = 60s;                        // the longest pause after Telegram was not reached
inline constexpr auto pairing_valid = 15min;                   // of the one-time code in the log
inline constexpr int pairing_tries = 5;                        // wrong codes until their person is not heard
inline constexpr int pairing_hints = 10;                       // answers to /start in an hour, before the first admin
inline constexpr auto wrong_codes_for = 1h;                    // who sent too many is not heard, after the last
inline constexpr int access_requests = 10;                     // strangers an hour of whom admins are told
inline constexpr auto invite_valid = 24h;                      // of a link that lets one person in
inline constexpr int invites_open = 20;                        // links that can be used at one time
inline constexpr std::size_t pairing_remembered = 1000;        // who guessed, and chats that were answered
inline constexpr int person_burst = 30;                        // messages and presses of one person at once
inline constexpr auto person_every = 2s;                       // for one more of them
inline constexpr std::size_t people_remembered = 10'000;       // people whose rate is known; the oldest is forgotten

} // namespace persais::limits

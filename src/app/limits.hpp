#pragma once
#include <chrono>
#include <cstddef>

/// Limits of the wiring of the service and of `persais run`. docs/limits.md explains each.
namespace persais::limits {

using namespace std::chrono_literals;

inline constexpr auto claim_every = 200ms;      // between two looks of `persais run` at a task that is not free yet
inline constexpr auto claim_patience = 5s;      // beyond the time at which such a task must be free
inline constexpr auto leave_within = 5s;        // of a service, from SIGTERM to its end
inline constexpr auto leave_rest = 2s;          // what a service that has left may still need to close what it opened
inline constexpr auto bring_up_first = 1s;      // pause of a service that could not start its parts; doubles
inline constexpr auto bring_up_most = 30s;      // and is never longer
inline constexpr auto db_absent_service = 5min; // a service's statements wait for a database that is away
inline constexpr std::size_t chat_diff_bytes = 256 * 1024;     // of a task, read for its result in a chat
inline constexpr auto webhook_secret_overlap = 10min;          // the old secret is accepted after a new one is set
inline constexpr std::size_t webhook_body_bytes = 1024 * 1024; // of an update that Telegram sends
inline constexpr std::size_t webhook_at_once = 200;            // such requests; Telegram sends 100
inline constexpr std::size_t calls_at_once = 16;               // answers to presses on their way to Telegram

} // namespace persais::limits

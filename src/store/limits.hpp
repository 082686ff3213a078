#pragma once
#include <chrono>
#include <cstddef>

/// Limits of store/. docs/limits.md explains each.
namespace persais::limits {

using namespace std::chrono_literals;

inline constexpr auto db_connect = 15s; // a suspended database takes up to 10 s
inline constexpr auto db_statement = 30s;
inline constexpr auto db_absent = 30s;             // after which `persais run` gives up on a database
inline constexpr std::size_t db_waiters = 1024;    // statements waiting for a connection
inline constexpr auto db_script = 10min;           // one migration
inline constexpr std::size_t db_prepared = 256;    // named statements per session
inline constexpr auto db_backoff_least = 50ms;     // between two attempts to connect; doubles, with jitter
inline constexpr auto db_read_only_pause = 500ms;  // before the retry of a statement that met a read-only server
inline constexpr std::size_t db_cancels = 16;      // requests to cancel a statement, waiting to be sent
inline constexpr auto listener_idle = 4min;        // without work; a loss after it: the server was suspended
inline constexpr auto listener_backoff_most = 60s; // between two attempts of a listener to connect, with nothing to do
inline constexpr auto db_doubt = 60s;              // a connection unused for so long is checked with a ping first
inline constexpr auto db_ping = 5s;                // for the answer to that ping

} // namespace persais::limits

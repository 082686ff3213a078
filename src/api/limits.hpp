#pragma once
#include <chrono>
#include <cstddef>

/// Limits of api/. docs/limits.md explains each.
namespace persais::limits {

using namespace std::chrono_literals;

inline constexpr std::size_t api_body_bytes = 128 * 1024;            // of a request: the longest instruction, escaped
inline constexpr std::size_t api_at_once = 64;                       // requests of one operation
inline constexpr std::size_t api_streams = 2048;                     // of events, of one process
inline constexpr std::size_t api_streams_of_token = 1024;            // of those, with one token
inline constexpr std::size_t api_diff_bytes = 4 * 1024 * 1024;       // of a change that is read
inline constexpr int api_page = 50;                                  // tasks of a list, when nothing else is asked for
inline constexpr int api_requests_burst = 200;                       // requests with one token that are taken at once
inline constexpr int api_requests_second = 20;                       // and then, in each second
inline constexpr int api_failures_burst = 20;                        // wrong tokens of one client, at once
inline constexpr auto api_failure_every = 2s;                        // and then, one in this time
inline constexpr std::size_t api_buckets = 4096;                     // tokens and clients that are counted at once
inline constexpr auto api_heartbeat = 15s;                           // a stream without events says that it is alive
inline constexpr std::size_t api_kept_events = 1024;                 // the newest ones, for all streams together
inline constexpr std::size_t api_kept_event_bytes = 2 * 1024 * 1024; // of them
inline constexpr std::size_t api_stream_bytes = 64 * 1024;           // of events that are written to a stream at once
inline constexpr auto api_look_again = 1s; // after streams began: what was being written then is read
inline constexpr auto api_rights_age = 1s; // of what streams know of people and tokens

} // namespace persais::limits

#pragma once
#include <chrono>
#include <cstddef>

/// Limits of http/. docs/limits.md explains each.
namespace persais::limits {

using namespace std::chrono_literals;

inline constexpr std::size_t http_header_bytes = 16 * 1024;
inline constexpr auto http_idle = 60s;
inline constexpr std::size_t http_read_bytes = 16 * 1024; // one read of a connection
inline constexpr auto http_write_stall = 60s;             // a client that takes nothing is gone
inline constexpr auto http_drain = 5s;                    // after a refusal, so that it is read
inline constexpr std::size_t http_drain_bytes = 1024 * 1024;
inline constexpr auto http_retry_after = 5s;               // said with a 503
inline constexpr std::size_t route_body_bytes = 64 * 1024; // of a request to a route that does not say otherwise
inline constexpr auto route_deadline = 30s;                // then such a route has begun its answer, or it is a 503
inline constexpr std::size_t route_at_once = 64;           // requests to such a route; more get 503
inline constexpr auto http_accept_pause = 100ms;           // after accept() failed
inline constexpr auto http_connect = 10s;                  // our requests: name, TCP and TLS
inline constexpr auto http_first_byte = 30s;
inline constexpr auto http_silence = 30s;
inline constexpr std::size_t http_stream_buffer_bytes = 256 * 1024; // of an answer that is read slowly

} // namespace persais::limits

#pragma once
#include <chrono>
#include <cstddef>

/// Limits of http/. docs/limits.md explains each.
namespace persais::limits {

using namespace std::chrono_literals;

inline constexpr std::size_t http_header_bytes = 16 * 1024;
inline constexpr auto http_idle = 60s;
inline constexpr std::size_t http_read_bytes = 16 * 1024; // one read of a connection
inline constexpr std::size_t http_head_read_bytes = 2048; // one read before a head is whole; a body waits in the kernel
inline constexpr auto http_write_stall = 60s;             // a client that takes nothing is gone
inline constexpr auto http_drain = 5s;                    // after a refusal, so that it is read
inline constexpr std::size_t http_drain_bytes = 1024 * 1024;
inline constexpr std::size_t http_drains = 16;              // connections at once; a refused client beyond them is cut
inline constexpr std::size_t http_connections = 1024;       // of one server; a new one closes the longest idle one
inline constexpr std::size_t http_client_connections = 128; // of one client, where that is known
inline constexpr std::size_t http_spare_connections = 16;   // more, for health, when each connection is being served
inline constexpr std::size_t http_bodies_bytes = 32 * 1024 * 1024; // of all requests under way; more get 503
inline constexpr std::size_t http_accepts = 16;                    // in one turn of the loop
inline constexpr auto http_defer = 1s;                     // a connection that says nothing is left to the kernel
inline constexpr auto http_full_told_every = 1min;         // a line in the log that connections are closed for others
inline constexpr auto http_retry_after = 5s;               // said with a 503
inline constexpr std::size_t route_body_bytes = 64 * 1024; // of a request to a route that does not say otherwise
inline constexpr auto route_deadline = 30s;                // then such a route has begun its answer, or it is a 503
inline constexpr std::size_t route_at_once = 64;           // requests to such a route; more get 503
inline constexpr auto http_accept_pause = 100ms;           // after accept() failed
inline constexpr auto http_connect = 10s;                  // our requests: name, TCP and TLS
inline constexpr auto http_first_byte = 30s;
inline constexpr auto http_silence = 30s;
inline constexpr std::size_t http_stream_buffer_bytes = 64 * 1024; // of an answer that is read slowly
inline constexpr std::size_t http_upload_buffer_bytes = 16 * 1024; // of a request's body, in curl
inline constexpr std::size_t http_kept_connections = 16;           // of a client: idle ones, for its next requests
inline constexpr auto http_gather_each = 500us; // between two reads, for each stream whose reader can wait
inline constexpr auto http_gather_least = 4ms;  // of such a pause; a shorter one is none
inline constexpr auto http_gather_most = 32ms;  // of such a pause

} // namespace persais::limits

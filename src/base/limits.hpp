#pragma once
#include <chrono>
#include <cstddef>

/// Every wait, queue and buffer of Persais has its limit here, with its unit. docs/limits.md explains each.
namespace persais::limits {

using namespace std::chrono_literals;

inline constexpr std::size_t instruction_bytes = 16 * 1024;
inline constexpr std::size_t child_output_bytes = 256 * 1024; // kept of a child's output, the newest (ring)
inline constexpr std::size_t feedback_bytes = 12 * 1024;      // of red checks, given back to the coder
inline constexpr std::size_t conversation_bytes = 256 * 1024; // of a task with its agent, kept
inline constexpr std::size_t progress_text_bytes = 300;

inline constexpr auto terminate_to_kill = 500ms; // SIGTERM to SIGKILL of a child's tree
inline constexpr auto output_drain = 200ms;      // wait for end of output after a child's exit

inline constexpr auto git_local = 5min;                           // one git command on this machine
inline constexpr auto git_network = 15min;                        // one clone, fetch or push
inline constexpr auto git_read_remote = 60s;                      // ls-remote
inline constexpr std::size_t import_bytes = 1024UL * 1024 * 1024; // of one task's work, crossing into the mirror

inline constexpr auto db_connect = 10s;
inline constexpr auto db_statement = 30s;
inline constexpr auto db_absent = 30s;          // `persais run` gives up on a database after
inline constexpr std::size_t db_waiters = 1024; // statements waiting for a connection

inline constexpr std::size_t http_header_bytes = 16 * 1024;
inline constexpr std::size_t http_body_bytes = 16 * 1024 * 1024; // a model request through the gateway
inline constexpr auto http_idle = 60s;
inline constexpr std::size_t http_read_bytes = 16 * 1024;        // one read of a connection
inline constexpr auto http_write_stall = 60s;                    // a client that takes nothing is gone
inline constexpr auto http_drain = 1s;                           // after a refusal, so that it is read
inline constexpr std::size_t http_drain_bytes = 1024 * 1024;
inline constexpr auto http_accept_pause = 100ms;                 // after accept() failed
inline constexpr auto http_connect = 10s;                        // our requests: name, TCP and TLS
inline constexpr auto http_first_byte = 30s;
inline constexpr auto http_silence = 30s;
inline constexpr std::size_t http_stream_buffer_bytes = 256 * 1024; // of an answer that is read slowly
inline constexpr auto model_first_byte = 120s;
inline constexpr auto model_silence = 90s; // between two bytes of a stream, keep-alives count

inline constexpr auto wait_at_most = 24h; // a task in `waiting` for key, credit or day
inline constexpr auto review_expires = 14 * 24h;

} // namespace persais::limits

#pragma once
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

/// Every wait, queue and buffer of Persais has its limit here, with its unit. docs/limits.md explains each.
namespace persais::limits {

using namespace std::chrono_literals;

inline constexpr std::size_t settings_file_bytes = 256 * 1024;  // .env, and a secret's NAME_FILE
inline constexpr std::size_t instruction_bytes = 16 * 1024;
inline constexpr std::size_t child_output_bytes = 256 * 1024; // kept of a child's output, the newest (ring)
inline constexpr std::size_t feedback_bytes = 12 * 1024;      // of red checks, given back to the coder
inline constexpr std::size_t setup_words_bytes = 1500; // of a red setup, told to the person
inline constexpr std::size_t conversation_bytes = 256 * 1024; // of a task with its agent, kept
inline constexpr std::size_t agent_line_bytes = 2 * 1024 * 1024; // one JSON line of an agent's report
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
inline constexpr std::size_t model_json_depth = 32;
inline constexpr std::size_t model_answer_bytes = 16 * 1024 * 1024;  // an answer that is not streamed
inline constexpr std::size_t model_event_bytes = 1024 * 1024;        // one event of a stream
inline constexpr std::size_t model_error_bytes = 64 * 1024;          // kept of an error's body
inline constexpr std::size_t model_sentence_bytes = 500;             // of an endpoint's own words, shown to a person
inline constexpr std::size_t model_list_bytes = 32 * 1024 * 1024;    // GET /models
inline constexpr auto model_list_kept = 1h;
inline constexpr auto model_list_retry = 30s;                        // after /models could not be read
inline constexpr std::int64_t model_output_tokens = 32 * 1024;       // max_tokens of a call, at most
inline constexpr std::int64_t model_output_tokens_least = 4 * 1024;  // a budget that leaves less refuses the call
inline constexpr int model_tries = 12;                               // of one call of the agent
inline constexpr auto model_backoff_first = 500ms;
inline constexpr auto model_backoff_most = 30s;
inline constexpr auto model_retry_after_most = 120s;                 // a longer Retry-After ends the call
inline constexpr std::array model_settle_waits = {1000ms, 3000ms, 10000ms}; // for /generation of a call that was cut
inline constexpr auto model_reservation_stale = 1h;                  // a reservation that nobody settles after
inline constexpr int model_settle_batch = 100;                       // stale reservations looked at in one go

inline constexpr auto wait_at_most = 24h; // a task in `waiting` for key, credit or day
inline constexpr auto review_expires = 14 * 24h;

} // namespace persais::limits

#pragma once
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

/// Limits of llm/. docs/limits.md explains each.
namespace persais::limits {

using namespace std::chrono_literals;

inline constexpr std::size_t model_request_bytes = 16 * 1024 * 1024; // of a task's agent to the gateway
inline constexpr std::size_t model_requests_at_once = 64;            // of all agents; more get 503
inline constexpr std::size_t model_connections = 128;                // of agents to the gateway
inline constexpr std::size_t model_task_connections = 72;            // of one task, which may use all requests at once
inline constexpr std::size_t model_bodies_bytes = 128 * 1024 * 1024; // of all requests under way; more get 503
inline constexpr std::size_t model_turn_bytes = 16 * 1024;           // of a stream, in one turn of the loop
inline constexpr auto model_first_byte = 120s;
inline constexpr auto model_silence = 90s; // between two bytes of a stream, keep-alives count
inline constexpr std::size_t model_json_depth = 32;
inline constexpr std::size_t model_answer_bytes = 16 * 1024 * 1024; // an answer that is not streamed
inline constexpr std::size_t model_event_bytes = 1024 * 1024;       // one event of a stream
inline constexpr std::size_t model_event_room_bytes = 8 * 1024;     // on the stack, to read one of them
inline constexpr std::size_t model_error_bytes = 64 * 1024;         // kept of an error's body
inline constexpr std::size_t model_sentence_bytes = 500;            // of an endpoint's own words, shown to a person
inline constexpr std::size_t model_list_bytes = 32 * 1024 * 1024;   // GET /models
inline constexpr auto model_list_kept = 1h;
inline constexpr auto model_list_retry = 30s;                  // after /models could not be read
inline constexpr std::int64_t model_output_tokens = 32 * 1024; // of an answer for which nobody names a bound, at least
inline constexpr std::int64_t model_output_tokens_least = 4 * 1024; // a budget that leaves less refuses the call
inline constexpr int model_tries = 12;                              // of one call of the agent
inline constexpr auto model_backoff_first = 500ms;
inline constexpr auto model_backoff_most = 30s;
inline constexpr auto model_retry_after_most = 120s;                        // a longer Retry-After ends the call
inline constexpr std::array model_settle_waits = {1000ms, 3000ms, 10000ms}; // for /generation of a call that was cut
inline constexpr auto model_reservation_stale = 1h;                         // a reservation that nobody settles after
inline constexpr auto pause_look = 600ms; // while calls are under way, between two looks whether spending is paused
inline constexpr int model_settle_batch = 100; // stale reservations looked at in one go

} // namespace persais::limits

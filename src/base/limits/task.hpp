#pragma once
#include <chrono>
#include <cstddef>

/// Of a task and its agent. docs/limits.md explains each.
namespace persais::limits {

using namespace std::chrono_literals;

inline constexpr std::size_t instruction_bytes = 16 * 1024;
inline constexpr std::size_t feedback_bytes = 12 * 1024;         // of red checks, given back to the coder
inline constexpr std::size_t setup_words_bytes = 1500;           // of a red setup, told to the person
inline constexpr std::size_t said_bytes = 8 * 1024;              // of the coder's last words, kept with the task
inline constexpr std::size_t answer_bytes = 64 * 1024;           // of an answer to a question, kept and told
inline constexpr std::size_t conversation_bytes = 256 * 1024;    // of a task with its agent, kept
inline constexpr std::size_t agent_line_bytes = 2 * 1024 * 1024; // one JSON line of an agent's report
inline constexpr auto wait_look_every = 1h;                      // a task that waits for a key or credit is tried again
inline constexpr auto wait_at_most = 24h;                        // a task in `waiting` for key, credit or day
inline constexpr auto review_expires = 14 * 24h;

} // namespace persais::limits

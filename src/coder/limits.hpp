#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>

/// Limits of coder/. docs/limits.md explains each.
namespace persais::limits {

using namespace std::chrono_literals;

inline constexpr unsigned task_open_files = 16384;               // of one process of coder, setup or checks
inline constexpr std::size_t conversation_bytes = 256 * 1024;    // of a task with its agent, stored
inline constexpr std::size_t shown_path_bytes = 200;             // of a path that an agent names, told
inline constexpr std::size_t prepared_bytes = 256 * 1024 * 1024; // of an agent that is kept ready, not for tasks
inline constexpr auto prepared_idle = 1h;    // without a task, then the agent that is kept ready ends
inline constexpr auto prepared_start = 60s;  // of an agent that is kept ready, until it is ready
inline constexpr auto prepared_end = 5s;     // of one that is not wanted any more, then it is killed
inline constexpr auto prepared_life = 24h;   // of an agent that is kept ready, then another one is started
inline constexpr auto prepared_retry = 5min; // from an agent that could not be kept ready to the next try

inline constexpr std::size_t tags_bytes = 4 * 1024 * 1024;      // of what is known of a repository's files, kept
inline constexpr auto tags_days = 7 * 24h;                      // of the same, until it is found out anew
inline constexpr std::size_t tags_told_bytes = 4 * 1024 * 1024; // of the same, told by one run of an agent
inline constexpr std::size_t tag_row_bytes = 32 * 1024;         // of the same, of one file
inline constexpr std::size_t tag_name_bytes = 200;              // of a name in it
inline constexpr std::size_t tag_language_bytes = 40;           // of a language's name in it
inline constexpr std::size_t tag_headers = 32;                  // parts of a file that one definition stands in
inline constexpr std::int64_t tag_header_lines = 16;            // shown of such a part
inline constexpr std::int64_t tag_line = 10'000'000;            // of a file

} // namespace persais::limits

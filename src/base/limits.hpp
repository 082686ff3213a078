#pragma once
#include <chrono>
#include <cstddef>

/// Limits that several folders share. docs/limits.md explains each.
namespace persais::limits {

using namespace std::chrono_literals;

inline constexpr std::size_t progress_text_bytes = 300;
inline constexpr std::size_t settings_file_bytes = 256 * 1024; // .env, and a secret's NAME_FILE
inline constexpr auto loop_late = 5s;                          // without a tick: the process is not live
inline constexpr auto db_backoff_most = 5s;
inline constexpr int sentences_tried = 100;               // inside one another, to find the Russian of a text
inline constexpr int heap_arenas = 2;                     // of the allocator, for all threads
inline constexpr int heap_own_mapping_bytes = 128 * 1024; // a larger block has a mapping of its own
inline constexpr int heap_spare_bytes = 128 * 1024;       // freed at the heap's end and kept
inline constexpr auto heap_given_back_after = 1s;         // after work that needed much

} // namespace persais::limits

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
inline constexpr int sentences_tried = 100; // inside one another, to find the Russian of a text

} // namespace persais::limits

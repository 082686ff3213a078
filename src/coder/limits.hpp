#pragma once
#include <cstddef>

/// Limits of coder/. docs/limits.md explains each.
namespace persais::limits {

inline constexpr unsigned task_open_files = 16384;            // of one process of coder, setup or checks
inline constexpr std::size_t conversation_bytes = 256 * 1024; // of a task with its agent, stored
inline constexpr std::size_t shown_path_bytes = 200;          // of a path that an agent names, told

} // namespace persais::limits

#pragma once
#include <cstddef>

/// Limits of leaks/. docs/limits.md explains each.
namespace persais::limits {

inline constexpr std::size_t leak_window_bytes = 64 * 1024;         // of added lines that are looked at together
inline constexpr std::size_t leak_overlap_bytes = 16 * 1024;        // of them that are looked at with what follows, too
inline constexpr std::size_t leak_pattern_bytes = 64 * 1024 * 1024; // RE2's memory for one pattern

} // namespace persais::limits

#pragma once
#include <cstddef>

/// Limits of telegram/store/. docs/limits.md explains each.
namespace persais::limits {

inline constexpr int inbox_page = 500;                             // updates that are read from the inbox at once
inline constexpr std::size_t inbox_page_bytes = 8UL * 1024 * 1024; // about, of the updates that are read at once

} // namespace persais::limits

#pragma once
#include <cstddef>

/// Limits of forge/. docs/limits.md explains each.
namespace persais::limits {

inline constexpr std::size_t forge_json_depth = 32; // of a response

} // namespace persais::limits

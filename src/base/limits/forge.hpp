#pragma once
#include <cstddef>

/// Of the forges' APIs. docs/limits.md explains each.
namespace persais::limits {

inline constexpr std::size_t forge_json_depth = 32; // of an answer

} // namespace persais::limits

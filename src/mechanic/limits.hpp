#pragma once
#include <chrono>
#include <cstddef>

/// Limits of mechanic/. docs/limits.md explains each.
namespace persais::limits {

using namespace std::chrono_literals;

inline constexpr std::size_t instruction_bytes = 16 * 1024;
inline constexpr auto wait_look_every = 1h; // between two attempts of a task that waits for a key or credit
inline constexpr auto wait_at_most = 24h;   // of a task in `waiting` for key, credit or day

} // namespace persais::limits

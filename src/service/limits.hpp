#pragma once
#include <chrono>

/// Limits of service/. docs/limits.md explains each.
namespace persais::limits {

using namespace std::chrono_literals;

inline constexpr auto progress_every = 1s; // at most one line of git's progress in this time
inline constexpr int chat_diff_tries = 3;  // when the git that reads it is killed

} // namespace persais::limits

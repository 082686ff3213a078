#pragma once
#include <chrono>

/// Limits of service/. docs/limits.md explains each.
namespace persais::limits {

using namespace std::chrono_literals;

inline constexpr auto progress_every = 1s; // at most one line of git's progress in this time
inline constexpr int chat_diff_tries = 3;  // when the git that reads it is killed
inline constexpr int replies_kept = 20;    // of one task, which wait for their turn
inline constexpr int person_waiting = 50;  // tasks of one person that nobody has begun

} // namespace persais::limits

#pragma once
#include <chrono>

/// Limits of service/. docs/limits.md explains each.
namespace persais::limits {

using namespace std::chrono_literals;

inline constexpr auto progress_every = 1s;           // at most one line of git's progress within this time
inline constexpr int chat_diff_tries = 3;            // attempts, when the git that reads the diff is killed
inline constexpr int replies_kept = 20;              // replies to one task that wait for their turn
inline constexpr int person_waiting = 50;            // tasks of one person that no worker has begun
inline constexpr std::size_t model_name_bytes = 200; // of a model that is chosen

} // namespace persais::limits

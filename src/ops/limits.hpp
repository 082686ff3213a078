#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>

/// Limits of ops/. docs/limits.md explains each.
namespace persais::limits {

using namespace std::chrono_literals;

inline constexpr auto disk_look_every = 10s; // between two looks at the room on the disk, when somebody asks
inline constexpr std::uint64_t disk_low_bytes = 1024UL * 1024 * 1024; // below it, /health says degraded
inline constexpr std::uint64_t disk_least_bytes = 64UL * 1024 * 1024; // below it, down
inline constexpr auto loop_tick = 1s;            // between two ticks of the event loop, and two looks at them
inline constexpr auto loop_stuck = 30s;          // without a tick: the process ends itself
inline constexpr std::size_t metric_labels = 64; // different words of one label; more count as "other"

} // namespace persais::limits

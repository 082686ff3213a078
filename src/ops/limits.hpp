#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>

/// Limits of ops/. docs/limits.md explains each.
namespace persais::limits {

using namespace std::chrono_literals;

inline constexpr auto disk_look_every = 10s; // between two measurements of free disk space, when somebody asks
inline constexpr std::uint64_t disk_low_bytes = 1024UL * 1024 * 1024; // with less free, /health says degraded
inline constexpr std::uint64_t disk_least_bytes = 64UL * 1024 * 1024; // with less free, /health says down
inline constexpr auto loop_tick = 1s;            // between two ticks of the event loop, and between two checks of them
inline constexpr auto loop_stuck = 30s;          // without a tick, after which the process ends itself
inline constexpr std::size_t metric_labels = 64; // different values of one label; more count as "other"

} // namespace persais::limits

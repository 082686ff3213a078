#pragma once
#include "ops/health.hpp"
#include "ops/limits.hpp"

#include <chrono>
#include <filesystem>

namespace persais::ops {

/// Keeps the "disk" part of health: the free space of the data folder's file system. Measured when somebody asks, at
/// most once in limits::disk_look_every.
class disk_watch {
public:
    disk_watch(std::filesystem::path data, ops::health& health) : data_(std::move(data)), health_(health) {}
    /// Measures, unless it did so a moment ago, and sets the "disk" part.
    void look();

private:
    std::filesystem::path data_;
    ops::health& health_; // outlives the disk_watch
    std::chrono::steady_clock::time_point next_{};
};

} // namespace persais::ops

#pragma once
#include "base/result.hpp"
#include "sandbox/memory.hpp"
#include "sandbox/owned_fd.hpp"

#include <filesystem>

namespace persais::sandbox {

/// A control group that lives as long as this object. Its lock proves that its process is alive, so that a start can
/// distinguish what a crash left from what another process uses.
class held_group {
public:
    held_group() = default;
    /// Makes a group below `base`, after removing those there that no living process holds. The error is one reason.
    static result<held_group> make(const std::filesystem::path& base);
    held_group(held_group&& other) noexcept : path_(std::exchange(other.path_, {})), lock_(std::move(other.lock_)) {}
    held_group& operator=(held_group&& other) noexcept {
        std::swap(path_, other.path_);
        std::swap(lock_, other.lock_);
        return *this;
    }
    ~held_group(); // kills the processes that are left in it and removes it

    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
    owned_fd lock_;
};

/// The control groups of this service's tasks. One of them limits all tasks together to the memory that the machine can
/// spare, so that they cannot take the service's memory; inside it each keeper makes one for its program.
class task_groups {
public:
    /// The error is one reason, for memory_state::why. Version 2 requires a group that this process may divide: a
    /// service with Delegate=yes, a container whose control groups are writable, or the root of a machine without a
    /// manager. This process (and anything else in a delegated group) then moves into a leaf beside the tasks.
    static result<task_groups> version_2(const memory_plan& plan);
    static result<task_groups> version_1(const memory_plan& plan);

    const std::filesystem::path& memory() const { return memory_.path(); }
    const std::filesystem::path& pids() const { return pids_.path(); } // of version 1; empty: processes are not counted

private:
    held_group memory_, pids_;
};

} // namespace persais::sandbox

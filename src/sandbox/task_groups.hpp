#pragma once
#include "base/result.hpp"
#include "sandbox/memory.hpp"
#include "sandbox/owned_fd.hpp"

#include <filesystem>

namespace persais::sandbox {

/// A control group that lives as long as this object. Its lock says that its process is alive, so that a start can tell
/// what a crash left from what another process uses.
class held_group {
public:
    held_group() = default;
    /// Makes one below `base`, and first removes there what no living process holds. Errors are one reason.
    static result<held_group> make(const std::filesystem::path& base);
    held_group(held_group&& other) noexcept : path_(std::exchange(other.path_, {})), lock_(std::move(other.lock_)) {}
    held_group& operator=(held_group&& other) noexcept {
        std::swap(path_, other.path_);
        std::swap(lock_, other.lock_);
        return *this;
    }
    ~held_group(); // kills what is left in it and removes it

    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
    owned_fd lock_;
};

/// The control groups of this service's tasks: one that holds them all to what the machine can spare, so that tasks
/// together cannot take the service's memory either; in it each keeper makes one for its program.
class task_groups {
public:
    /// An error is one reason, for memory_state::why. Version 2 wants a group of its own that it may divide: a
    /// service with Delegate=yes, a container whose control groups are writable, or the root of a machine without a
    /// manager; this process (and what else is in a delegated group) then moves into a leaf beside the tasks.
    static result<task_groups> version_2(const memory_plan& plan);
    static result<task_groups> version_1(const memory_plan& plan);

    const std::filesystem::path& memory() const { return memory_.path(); }
    const std::filesystem::path& pids() const { return pids_.path(); } // version 1's; empty: processes are not counted

private:
    held_group memory_, pids_;
};

} // namespace persais::sandbox

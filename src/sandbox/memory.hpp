#pragma once
#include "sandbox/limits.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace persais::sandbox {

/// The bytes that this process and all its children may use together: the machine's memory, or less where this
/// process's control group (of either version) or one above it has a limit. Never 0.
std::uint64_t memory_of_machine(const std::filesystem::path& root = "/");

/// How many tasks may run at once, and how much memory each may use.
struct memory_plan {
    unsigned parallel;        // at least 1
    std::uint64_t task_bytes; // for each program of a task with everything that it starts
    std::uint64_t all_bytes;  // for all tasks together: what is left of the machine for them
    bool operator==(const memory_plan&) const = default;
};

/// Divides a machine of `total` bytes. A part is reserved for the service, its database and the kernel (an eighth,
/// between limits::memory_reserve_least_bytes and memory_reserve_most_bytes, at most half). The rest is shared by
/// `wanted_parallel` tasks; 0: by as many as get limits::task_memory_bytes each, at most limits::tasks_most and
/// limits::tasks_per_core for each of `cores` (0: unknown). A machine that is too small gets one task with what there
/// is; code that shows the plan should warn when task_bytes is below limits::task_memory_bytes.
memory_plan plan_memory(std::uint64_t total, unsigned wanted_parallel, unsigned cores = 0);

/// plan_memory for this machine.
memory_plan plan_for_this_machine(unsigned wanted_parallel = 0);

/// "768 MiB", rounded down, for sentences.
std::string mebibytes(std::uint64_t bytes);

/// What limits the memory of a task's program and everything that it starts. The better ones come last.
enum class memory_hold {
    nothing,   // only rlimits
    watched,   // the keeper adds up what the tree uses, several times a second
    cgroup_v1, // control groups: the kernel counts
    cgroup_v2,
};

/// What a backend reports about it, for the log, doctor and metrics.
struct memory_state {
    memory_hold how = memory_hold::nothing;
    std::uint64_t task_bytes = 0;
    std::uint64_t ended = 0; // programs ended for it since the start: persais_task_out_of_memory_total
    std::string why;         // why no control group is used; empty when one is
};

/// One sentence: "Each program of a task may use 2816 MiB of memory, which control groups (version 2) enforce."
std::string words(const memory_state& state);

} // namespace persais::sandbox

#include "sandbox/memory.hpp"

#include "sandbox/group_place.hpp"
#include "sandbox/limits.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <thread>
#include <unistd.h>

#include <fmt/format.h>

namespace persais::sandbox {
namespace {

namespace fs = std::filesystem;

std::uint64_t total_of(const fs::path& meminfo) {
    std::ifstream file(meminfo);
    for (std::string name, unit; file >> name;) {
        std::uint64_t kibibytes = 0;
        if (!(file >> kibibytes)) break;
        if (name == "MemTotal:") return kibibytes * 1024;
        std::getline(file, unit);
    }
    return static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

/// The lowest of the limits of this process's group and all groups above it that are visible; "max" and other
/// non-numbers are no limit.
std::uint64_t least_limit(const std::optional<group_place>& place, const char* file, std::uint64_t most) {
    if (!place) return most;
    for (auto group = place->own;; group = group.parent_path()) {
        auto word = first_word(group / file);
        std::uint64_t limit = 0;
        if (std::from_chars(word.data(), word.data() + word.size(), limit).ec == std::errc() && limit > 0)
            most = std::min(most, limit);
        if (group == place->mount || !group.has_relative_path()) return most;
    }
}

} // namespace

std::uint64_t memory_of_machine(const fs::path& root) {
    auto total = total_of(root / "proc/meminfo");
    total = least_limit(find_group("", root), "memory.max", total);
    return least_limit(find_group("memory", root), "memory.limit_in_bytes", total);
}

memory_plan plan_memory(std::uint64_t total, unsigned wanted_parallel, unsigned cores) {
    auto reserve =
        std::clamp<std::uint64_t>(total / 8, limits::memory_reserve_least_bytes, limits::memory_reserve_most_bytes);
    auto all = total - std::min(reserve, total / 2);
    std::uint64_t parallel = wanted_parallel;
    if (parallel == 0) {
        parallel = std::min<std::uint64_t>(all / limits::task_memory_bytes, limits::tasks_most);
        if (cores > 0) parallel = std::min<std::uint64_t>(parallel, std::uint64_t{cores} * limits::tasks_per_core);
        parallel = std::max<std::uint64_t>(parallel, 1);
    }
    return {static_cast<unsigned>(parallel), all / parallel, all};
}

memory_plan plan_for_this_machine(unsigned wanted_parallel) {
    return plan_memory(memory_of_machine(), wanted_parallel, std::thread::hardware_concurrency());
}

std::string mebibytes(std::uint64_t bytes) {
    return fmt::format("{} MiB", bytes >> 20);
}

std::string words(const memory_state& state) {
    auto each = fmt::format("Each program of a task may use {} of memory, ", mebibytes(state.task_bytes));
    switch (state.how) {
    case memory_hold::cgroup_v2:
        return each + "which control groups (version 2) enforce.";
    case memory_hold::cgroup_v1:
        return each + "which control groups (version 1) enforce.";
    case memory_hold::watched:
        return fmt::format("{}which its keeper watches, for control groups cannot be used here ({}).", each, state.why);
    case memory_hold::nothing:
        break;
    }
    return "The memory of a task's programs has no limit.";
}

} // namespace persais::sandbox

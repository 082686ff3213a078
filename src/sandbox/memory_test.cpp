#include "sandbox/group_place.hpp"
#include "sandbox/limits.hpp"
#include "sandbox/memory.hpp"
#include "sandbox/testing.hpp"

namespace persais::sandbox {
namespace {

using namespace testing;
namespace fs = std::filesystem;

constexpr std::uint64_t mib = 1 << 20;
constexpr std::uint64_t gib = 1 << 30;

TEST(plan_memory, divides_machines_of_all_sizes) {
    struct row {
        std::uint64_t total;
        unsigned parallel;
        std::uint64_t task_mib, all_mib;
    };
    for (auto [total, parallel, task, all] : {
             row{256 * mib, 1, 128, 128}, // too small for the agent: one task is tried
             row{512 * mib, 1, 256, 256},
             row{1 * gib, 1, 768, 768},
             row{2 * gib, 2, 896, 1792},
             row{4 * gib, 4, 896, 3584},
             row{8 * gib, 8, 896, 7168},
             row{24 * gib, 8, 2816, 22528},
             row{64 * gib, 8, 7936, 63488},
         })
        EXPECT_EQ(plan_memory(total, 0), (memory_plan{parallel, task * mib, all * mib})) << total / mib;
}

TEST(plan_memory, starts_no_more_than_the_cores_can_check) {
    EXPECT_EQ(plan_memory(24 * gib, 0, 2), (memory_plan{4, 5632 * mib, 22528 * mib}));
    EXPECT_EQ(plan_memory(24 * gib, 0, 1).parallel, 2U);
    EXPECT_EQ(plan_memory(2 * gib, 0, 64).parallel, 2U);
}

TEST(plan_memory, does_what_a_person_wants) {
    EXPECT_EQ(plan_memory(4 * gib, 20, 2), (memory_plan{20, 3584 * mib / 20, 3584 * mib}));
    EXPECT_EQ(plan_memory(24 * gib, 1).task_bytes, 22528 * mib);
}

TEST(plan_memory, never_gives_away_more_than_there_is) {
    for (std::uint64_t total = 64 * mib; total < 100 * gib; total += 331 * mib)
        for (unsigned wanted : {0U, 1U, 3U, 9U}) {
            auto plan = plan_memory(total, wanted, 4);
            EXPECT_GE(plan.parallel, 1U);
            EXPECT_LE(plan.parallel * plan.task_bytes, plan.all_bytes);
            EXPECT_LE(plan.all_bytes, total - std::min<std::uint64_t>(total / 2, limits::memory_reserve_least_bytes));
        }
}

/// A machine as the files in /proc and /sys describe it.
class machine : public ::testing::Test {
protected:
    void file(const std::string& path, const std::string& content) {
        fs::create_directories((folder_.path() / path).parent_path());
        std::ofstream(folder_.path() / path) << content;
    }
    void SetUp() override { file("proc/meminfo", "MemTotal:        4194304 kB\nMemFree:          100 kB\n"); }
    std::uint64_t memory() { return memory_of_machine(folder_.path()); }
    temp_dir folder_;
};

TEST_F(machine, without_control_groups_has_its_memory) {
    EXPECT_EQ(memory(), 4 * gib);
}

TEST_F(machine, a_container_of_version_2_has_its_limit) {
    file("proc/self/cgroup", "0::/\n");
    file("proc/self/mountinfo", "30 20 0:26 / /sys/fs/cgroup ro,nosuid shared:4 - cgroup2 cgroup rw,nsdelegate\n");
    file("sys/fs/cgroup/memory.max", "536870912\n");
    EXPECT_EQ(memory(), 512 * mib);
    file("sys/fs/cgroup/memory.max", "max\n");
    EXPECT_EQ(memory(), 4 * gib);
}

TEST_F(machine, the_least_limit_above_a_service_counts) {
    file("proc/self/cgroup", "0::/system.slice/persais.service\n");
    file("proc/self/mountinfo", "30 20 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
    file("sys/fs/cgroup/system.slice/persais.service/memory.max", "max\n");
    file("sys/fs/cgroup/system.slice/memory.max", "1073741824\n");
    EXPECT_EQ(memory(), 1 * gib);
    file("sys/fs/cgroup/system.slice/persais.service/memory.max", "805306368\n");
    EXPECT_EQ(memory(), 768 * mib);
}

TEST_F(machine, a_container_of_version_1_has_its_limit) {
    file("proc/self/cgroup", "5:pids:/docker/abc\n4:memory:/docker/abc\n0::/\n");
    file("proc/self/mountinfo",
         "36 31 0:33 /docker/abc /sys/fs/cgroup/memory ro,relatime master:9 - cgroup cgroup rw,memory\n"
         "38 31 0:35 /docker/abc /sys/fs/cgroup/pids ro - cgroup cgroup rw,pids\n");
    file("sys/fs/cgroup/memory/memory.limit_in_bytes", "2147483648\n");
    EXPECT_EQ(memory(), 2 * gib);
    file("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n"); // no limit
    EXPECT_EQ(memory(), 4 * gib);
    EXPECT_EQ(find_group("pids", folder_.path())->own, folder_.path() / "sys/fs/cgroup/pids");
    EXPECT_FALSE(find_group("cpu", folder_.path()));
}

TEST_F(machine, a_group_that_is_not_below_the_mount_is_the_mount) {
    file("proc/self/cgroup", "0::/../../other\n");
    file("proc/self/mountinfo", "30 20 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
    file("sys/fs/cgroup/memory.max", "1073741824\n");
    EXPECT_EQ(memory(), 1 * gib);
}

TEST(memory_of_machine, is_that_of_this_one) {
    auto here = memory_of_machine();
    EXPECT_GT(here, 64 * mib);
    EXPECT_LE(here, static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) * 4096 * 2);
}

TEST(words, say_the_limit_and_what_holds_it) {
    EXPECT_EQ(words({.how = memory_hold::cgroup_v2, .task_bytes = 2816 * mib}),
              "Each program of a task may use 2816 MiB of memory, which control groups (version 2) enforce.");
    EXPECT_EQ(words({.how = memory_hold::watched, .task_bytes = gib, .why = "read-only"}),
              "Each program of a task may use 1024 MiB of memory, which its keeper watches, for control groups cannot "
              "be used here (read-only).");
}

} // namespace
} // namespace persais::sandbox

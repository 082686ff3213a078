// Control groups outlive the processes that made them; what a crash leaves behind, the next start removes.
#include "sandbox/guard_memory.hpp"
#include "sandbox/limits.hpp"
#include "sandbox/task_groups.hpp"
#include "sandbox/testing.hpp"

#include <csignal>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

extern char** environ;

namespace persais::sandbox {
namespace {

using namespace testing;
namespace fs = std::filesystem;
using steady = std::chrono::steady_clock;

constexpr memory_plan plan{.parallel = 2, .task_bytes = 256UL << 20, .all_bytes = 512UL << 20};

/// A guard with control groups of either version; null where there is none.
std::shared_ptr<memory_guard> groups_of_this_machine() {
    auto guard = on_a_loop(guard_memory(plan)).value();
    return guard->groups ? guard : nullptr;
}

bool eventually(const std::function<bool()>& condition) {
    auto until = steady::now() + 10s;
    while (!condition() && steady::now() < until)
        ::usleep(5000);
    return condition();
}

/// A process that holds groups and runs a program in one, as a service does.
class other_service {
public:
    explicit other_service(const fs::path& says) {
        std::string self = fs::read_symlink("/proc/self/exe");
        ::setenv("PERSAIS_TEST_GROUPS", says.c_str(), 1);
        std::string filter = "--gtest_filter=groups.DISABLED_as_a_service";
        std::string also = "--gtest_also_run_disabled_tests";
        char* argv[] = {self.data(), filter.data(), also.data(), nullptr};
        posix_spawn_file_actions_t quiet;
        posix_spawn_file_actions_init(&quiet);
        posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null", O_WRONLY, 0);
        EXPECT_EQ(::posix_spawn(&pid_, self.c_str(), &quiet, nullptr, argv, environ), 0);
        posix_spawn_file_actions_destroy(&quiet);
        ::unsetenv("PERSAIS_TEST_GROUPS");
        EXPECT_TRUE(eventually([&] { return fs::exists(says) && fs::file_size(says) > 0; }));
        std::ifstream(says) >> group_ >> keeper_;
    }
    ~other_service() { end(); }
    other_service(const other_service&) = delete;
    other_service& operator=(const other_service&) = delete;
    const std::string& group() const { return group_; }
    std::string of_program() const { return group_ + "/" + std::to_string(keeper_); }
    /// Kills its keeper too, so that no process is left to clean up.
    void end() {
        if (pid_ < 0) return;
        ::kill(keeper_, SIGKILL);
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
        pid_ = -1;
    }

private:
    pid_t pid_ = -1, keeper_ = -1;
    std::string group_;
};

TEST(groups, of_a_killed_service_are_removed_by_the_next_and_those_of_a_living_one_are_not) {
    if (!groups_of_this_machine()) GTEST_SKIP() << on_a_loop(guard_memory(plan)).value()->state.why;
    temp_dir folder;
    other_service other(folder.path() / "up");
    ASSERT_TRUE(fs::exists(other.of_program()));
    groups_of_this_machine();
    EXPECT_TRUE(fs::exists(other.of_program()));
    other.end();
    EXPECT_TRUE(fs::exists(other.group()));
    groups_of_this_machine();
    EXPECT_FALSE(fs::exists(other.group()));
}

/// This is not a test but the process that other_service starts and kills.
TEST(groups, DISABLED_as_a_service) {
    const char* says = std::getenv("PERSAIS_TEST_GROUPS");
    if (!says) return;
    auto spec = shell("echo up; sleep 30");
    auto guard = groups_of_this_machine();
    spec.memory = guard;
    spec.on_output = [&](std::string_view) {
        std::ifstream children("/proc/self/task/" + std::to_string(::getpid()) + "/children");
        pid_t keeper = -1;
        children >> keeper;
        std::ofstream(says) << guard->groups->memory().string() << " " << keeper << std::endl;
    };
    run(std::move(spec));
}

TEST(groups, are_gone_with_their_guard_and_with_their_program) {
    auto guard = groups_of_this_machine();
    if (!guard) GTEST_SKIP() << "no control groups here";
    fs::path group = guard->groups->memory(), pids = guard->groups->pids();
    auto inside = [&](const fs::path& folder) {
        int count = 0;
        for (const auto& entry : fs::directory_iterator(folder))
            count += entry.is_directory();
        return count;
    };
    auto spec = shell("echo up; sleep 0.2");
    spec.memory = guard;
    int seen = 0;
    spec.on_output = [&](std::string_view) { seen = inside(group); };
    EXPECT_TRUE(run(spec).ok());
    EXPECT_EQ(seen, 1);
    EXPECT_EQ(inside(group), 0);
    spec = program({"/no/such/program"});
    spec.memory = guard;
    EXPECT_EQ(run(spec).how, ended::could_not_start);
    EXPECT_EQ(inside(group), 0);
    spec.memory = nullptr;
    guard.reset();
    EXPECT_FALSE(fs::exists(group));
    if (!pids.empty()) EXPECT_FALSE(fs::exists(pids));
}

TEST(groups, a_program_is_watched_where_its_keeper_can_make_none) {
    auto guard = std::make_shared<memory_guard>();
    guard->state = {.how = memory_hold::cgroup_v2, .task_bytes = 64UL << 20};
    guard->groups.emplace(); // with paths that do not exist
    auto spec = program({"/usr/bin/python3", "-c", "x = b'x' * (200 << 20)\nimport time; time.sleep(5)"});
    spec.memory = guard;
    EXPECT_EQ(run(spec).how, ended::out_of_memory);
}

/// What the keeper of an idle program costs, as a share of one core.
TEST(watching, an_idle_tree_costs_less_than_half_a_hundredth_of_a_core) {
    memory_plan usual{.parallel = 1, .task_bytes = limits::task_memory_bytes, .all_bytes = limits::task_memory_bytes};
    auto guard = on_a_loop(guard_memory(usual, memory_hold::watched)).value();
    auto spec = program({"/usr/bin/python3", "-c",
                         "import os, threading, time\n"
                         "for i in range(8): threading.Thread(target=time.sleep, args=(3,)).start()\n"
                         "for i in range(3):\n"
                         "  if os.fork() == 0: time.sleep(3); os._exit(0)\n"
                         "print('up', flush=True); time.sleep(2.2); print('down', flush=True)"});
    spec.memory = guard;
    std::vector<double> used;
    spec.on_output = [&](std::string_view) {
        pid_t keeper = -1;
        std::ifstream("/proc/self/task/" + std::to_string(::getpid()) + "/children") >> keeper;
        double nanoseconds = 0;
        std::ifstream("/proc/" + std::to_string(keeper) + "/schedstat") >> nanoseconds;
        used.push_back(nanoseconds);
    };
    run(std::move(spec));
    ASSERT_EQ(used.size(), 2U);
    double share = (used[1] - used[0]) / 2.2e9;
    RecordProperty("share", std::to_string(share));
    std::printf("watching an idle tree of 4 processes, 12 threads: %.3f %% of a core\n", share * 100);
    EXPECT_LT(share, 0.005);
}

} // namespace
} // namespace persais::sandbox

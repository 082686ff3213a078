// Many trees that run away, and many tasks: nothing of them is left. A share of it runs here; RUNAWAYS, TASKS and
// WITHIN_MS set the full size (scripts/nightly).
#include "sandbox/choose.hpp"
#include "sandbox/limits.hpp"
#include "sandbox/memory_guard.hpp"
#include "sandbox/testing.hpp"

#include <algorithm>
#include <fcntl.h>

namespace persais::sandbox {
namespace {

using namespace testing;
namespace fs = std::filesystem;
using steady = std::chrono::steady_clock;

int from_environment(const char* name, int usual) {
    const char* text = std::getenv(name);
    return text ? std::atoi(text) : usual;
}

/// Forked twice, in sessions of their own, deaf to every signal that can be ignored, and always on the run: each
/// process lives only until it has forked the next one, so that who reads its number kills nobody.
std::string runaway(const std::string& mark) {
    return "import os, signal, time\n"
           "for s in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT): signal.signal(s, signal.SIG_IGN)\n"
           "for i in range(3):\n"
           "  if os.fork() == 0:\n"
           "    os.setsid()\n"
           "    if os.fork(): os._exit(0)\n"
           "    while True:\n"
           "      if os.fork(): os._exit(0)\n"
           "      if i: time.sleep(0.0005)\n"
           "print('up', flush=True)\n"
           "time.sleep(300)\n#" +
           mark;
}

class tasks : public ::testing::Test {
protected:
    void SetUp() override {
        auto chosen = on_a_loop(choose(true));
        if (chosen.use->level() != isolation_level::bubblewrap) GTEST_SKIP() << chosen.why;
        backend_ = std::move(chosen.use);
    }
    child_spec confined(child_spec spec) {
        auto folder = folder_.path() / std::to_string(++count_);
        view seen{.tree = folder / "tree", .home = folder / "home", .slot = first_ + count_ % 16};
        for (const auto& part : {seen.tree, seen.home}) {
            fs::create_directories(part);
            backend_->hand_over(part, seen.slot);
        }
        spec.folder = backend_->inside(seen, seen.tree);
        return backend_->confine(std::move(spec), seen);
    }

    temp_dir folder_;
    std::unique_ptr<backend> backend_;
    unsigned count_ = 0, first_ = static_cast<unsigned>(::getpid()) % (limits::sandbox_slots - 50);
};

/// From the moment when it is asked to end until nothing of it is left.
steady::duration time_to_end(child_spec spec) {
    asio::io_context io(1);
    cancel_handle stop;
    std::optional<steady::time_point> asked;
    spec.total = 120s;
    spec.on_output = [&](std::string_view) {
        if (asked) return;
        asked = steady::now();
        asio::post(io, [&] { stop.cancel(); });
    };
    stop = start_cancellable(io.get_executor(), run_child(std::move(spec)), [](const auto&, const auto&) {});
    io.run();
    EXPECT_TRUE(asked) << "it did not start";
    return asked ? steady::now() - *asked : 0s;
}

TEST_F(tasks, that_run_away_are_gone_soon_and_leave_nobody) {
    auto within = std::chrono::milliseconds(from_environment("WITHIN_MS", 5000));
    auto mark = fresh_mark();
    int late = 0;
    auto longest = steady::duration::zero();
    int number = from_environment("RUNAWAYS", 12);
    for (int i = 0; i < number; ++i) {
        auto took = time_to_end(confined(program({"/usr/bin/python3", "-c", runaway(mark)})));
        longest = std::max(longest, took);
        late += took > within;
    }
    EXPECT_EQ(late, 0) << "the longest took " << std::chrono::duration_cast<std::chrono::milliseconds>(longest).count()
                       << " ms";
    EXPECT_EQ(count_marked(mark), 0);
    RecordProperty("longest_ms",
                   std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(longest).count()));
}

TEST(trusted_programs, that_run_away_leave_nobody) {
    auto mark = fresh_mark();
    int number = from_environment("RUNAWAYS", 12) / 4;
    for (int i = 0; i < number; ++i)
        time_to_end(program({"/usr/bin/python3", "-c", runaway(mark)}));
    EXPECT_EQ(count_marked(mark), 0);
}

std::size_t lines_of(const char* path) {
    std::ifstream file(path);
    return static_cast<std::size_t>(std::count(std::istreambuf_iterator<char>(file), {}, '\n'));
}

/// The control groups of tasks of this process that are left; 0 where it has none.
std::size_t groups_left(const child_spec& of) {
    if (!of.memory || !of.memory->groups) return 0;
    std::size_t count = 0;
    for (const auto& entry : fs::directory_iterator(of.memory->groups->memory()))
        count += entry.is_directory();
    return count;
}

/// Of this process alone, because other tests run at the same time.
struct belongings {
    std::size_t descriptors, mounts, kibibytes;
    static belongings now() {
        std::size_t fds = 0;
        for ([[maybe_unused]] const auto& fd : fs::directory_iterator("/proc/self/fd"))
            ++fds;
        std::ifstream statm("/proc/self/statm");
        std::size_t all = 0, resident = 0;
        statm >> all >> resident;
        return {fds, lines_of("/proc/self/mountinfo"), resident * 4};
    }
};

TEST_F(tasks, leave_memory_descriptors_mounts_and_groups_as_they_were) {
    auto one = [&] {
        auto result = run(confined(shell("(setsid sleep 100 &) ; mkdir -p /tmp/x; echo y > /tmp/x/z; echo z > here")));
        EXPECT_TRUE(result.ok()) << result.code << result.error;
        fs::remove_all(folder_.path() / std::to_string(count_));
    };
    int number = from_environment("TASKS", 30);
    for (int i = 0; i < 10; ++i)
        one();
    auto before = belongings::now();
    for (int i = 0; i < number; ++i)
        one();
    auto after = belongings::now();
    EXPECT_EQ(after.descriptors, before.descriptors);
    EXPECT_EQ(after.mounts, before.mounts);
    EXPECT_LE(after.kibibytes, before.kibibytes + 4096);
    EXPECT_EQ(groups_left(confined(shell("true"))), 0U);
    fs::remove_all(folder_.path() / std::to_string(count_));
    EXPECT_TRUE(fs::is_empty(folder_.path()));
}

} // namespace
} // namespace persais::sandbox

// Programs that use too much memory, as a task's tests may, under each kind of limit that this machine allows.
#include "base/limits.hpp"
#include "sandbox/choose.hpp"
#include "sandbox/limits.hpp"
#include "sandbox/testing.hpp"

#include <linux/magic.h>
#include <sys/statfs.h>

namespace persais::sandbox {
namespace {

using namespace testing;
namespace fs = std::filesystem;
using steady = std::chrono::steady_clock;

constexpr std::uint64_t limit = 128UL << 20;
constexpr memory_plan small_plan{.parallel = 4, .task_bytes = limit, .all_bytes = 16 * limit};

/// Python code that fills so many MiB and then prints a word. Without a limit it stops at some point, to protect this
/// machine.
std::string fill(int mebibytes) {
    return "def fill(n):\n"
           "  kept = []\n"
           "  for i in range(n): kept.append(bytearray(b'x' * (1 << 20)))\n"
           "  return kept\n"
           "held = fill(" +
           std::to_string(mebibytes) + ")\n";
}
const std::string survived = "print('survived', flush=True)\n";

class eater : public ::testing::TestWithParam<memory_hold> {
protected:
    void SetUp() override {
        auto chosen = on_a_loop(choose(true, small_plan, GetParam()));
        if (chosen.use->level() == isolation_level::refused) GTEST_SKIP() << chosen.why;
        backend_ = std::move(chosen.use);
        ASSERT_EQ(backend_->memory().how, GetParam());
    }
    /// Confines each program in its own slot, as each task has one.
    child_spec confined(child_spec spec) {
        auto folder = folder_.path() / std::to_string(++count_);
        view seen{.tree = folder / "tree", .home = folder / "home", .slot = count_};
        for (const auto& part : {seen.tree, seen.home}) {
            fs::create_directories(part);
            backend_->hand_over(part, seen.slot);
        }
        spec.folder = backend_->inside(seen, seen.tree);
        return backend_->confine(std::move(spec), seen);
    }
    child_spec python(const std::string& script) { return confined(program({"/usr/bin/python3", "-c", script})); }
    /// Expects that the program is ended for its memory, soon, and that nothing of it is left. It holds its memory for
    /// a while, so that a keeper that only checks from time to time sees it on a busy machine, too.
    void expect_eaten(const std::string& script) {
        auto mark = fresh_mark();
        auto before = backend_->memory().ended;
        auto spec = python(script + "import time; time.sleep(60)\n" + survived + "#" + mark);
        spec.total = 60s;
        auto result = run(std::move(spec));
        EXPECT_EQ(result.how, ended::out_of_memory) << result.code << result.output << result.error;
        EXPECT_EQ(result.memory_bytes, limit);
        EXPECT_EQ(memory_words(result), "used more than 128 MiB of memory and was ended");
        EXPECT_EQ(result.output.find("survived"), std::string::npos);
        EXPECT_LT(result.took, 30s);
        EXPECT_EQ(backend_->memory().ended, before + 1);
        EXPECT_EQ(count_marked(mark), 0);
    }
    bool in_a_sandbox() const { return backend_->level() == isolation_level::bubblewrap; }

    temp_dir folder_;
    std::unique_ptr<backend> backend_;
    /// A slot from the middle, which no task of another test that runs at the same time uses, because a user's
    /// processes are counted over everything that the user runs.
    unsigned count_ = limits::sandbox_slots / 2 + static_cast<unsigned>(::getpid()) % (limits::sandbox_slots / 2 - 50);
};

INSTANTIATE_TEST_SUITE_P(held_by, eater,
                         ::testing::Values(memory_hold::cgroup_v2, memory_hold::cgroup_v1, memory_hold::watched),
                         [](const auto& info) {
                             return info.param == memory_hold::cgroup_v2   ? "version_2"
                                    : info.param == memory_hold::cgroup_v1 ? "version_1"
                                                                           : "watching";
                         });

TEST_P(eater, of_plain_memory_is_ended) {
    expect_eaten(fill(400));
}

TEST_P(eater, within_its_limit_is_left_alone) {
    auto result = run(python(fill(80) + "import time; time.sleep(0.6)\n" + survived));
    EXPECT_EQ(result.output, "survived\n") << result.error;
    EXPECT_EQ(backend_->memory().ended, 0U);
}

TEST_P(eater, that_grows_in_steps_of_forks_is_ended_with_all_it_started) {
    expect_eaten(fill(0) + "import os, time\n"
                           "for i in range(16):\n"
                           "  if os.fork() == 0:\n"
                           "    os.setsid(); held = fill(24); time.sleep(15)\n"
                           "  time.sleep(0.05)\n"
                           "os.wait()\n");
}

TEST_P(eater, that_shares_its_memory_with_many_workers_is_counted_once) {
    auto result = run(python(fill(70) +
                             "import os, time\n"
                             "for i in range(10):\n"
                             "  if os.fork() == 0: time.sleep(1); os._exit(0)\n"
                             "time.sleep(1.2)\n" +
                             survived));
    EXPECT_EQ(result.output, "survived\n") << result.error;
}

TEST_P(eater, of_shared_memory_is_ended) {
    expect_eaten("import mmap\nm = mmap.mmap(-1, 400 << 20)\n"
                 "for i in range(400): m[i << 20:(i + 1) << 20] = b'x' * (1 << 20)\n");
}

TEST_P(eater, of_files_without_a_name_is_ended) {
    expect_eaten("import os, time\nf = os.memfd_create('x')\n"
                 "for i in range(400): os.write(f, b'x' * (1 << 20))\n");
}

TEST_P(eater, of_scratch_space_and_memory_together_is_ended) {
    if (!in_a_sandbox()) GTEST_SKIP() << "only a sandbox has scratch space of its own";
    expect_eaten("for path, n in ('/tmp/x', 50), ('/dev/shm/x', 25):\n"
                 "  with open(path, 'wb') as f:\n"
                 "    for i in range(n): f.write(b'x' * (1 << 20))\n" +
                 fill(70));
}

TEST_P(eater, of_scratch_space_alone_finds_it_full) {
    if (!in_a_sandbox()) GTEST_SKIP() << "only a sandbox has scratch space of its own";
    for (const char* folder : {"/tmp", "/dev/shm"}) {
        auto result =
            run(confined(shell(std::string("head -c 400000000 /dev/zero > ") + folder + "/x; echo survived")));
        EXPECT_EQ(result.output, "survived\n");
        EXPECT_NE(result.error.find("No space left"), std::string::npos) << result.error;
    }
}

TEST_P(eater, of_the_disk_is_none) {
    struct statfs info{};
    if (::statfs(folder_.path().c_str(), &info) == 0 && info.f_type == TMPFS_MAGIC)
        GTEST_SKIP() << "the temporary folder is in memory";
    auto result =
        run(confined(shell("for i in 1 2 3; do head -c 150000000 /dev/zero > f$i; done; cat f1 f2 f3 | wc -c")));
    EXPECT_EQ(result.output, "450000000\n") << result.error;
}

TEST_P(eater, is_the_first_that_the_kernel_takes) {
    auto own = [] {
        std::ifstream file("/proc/self/oom_score_adj");
        int value = -1;
        file >> value;
        return value;
    };
    auto before = own();
    EXPECT_EQ(run(confined(shell("cat /proc/self/oom_score_adj"))).output, "1000\n");
    EXPECT_EQ(own(), before);
}

/// Runs all at once on one loop, together with a ticker; returns the longest time between two ticks.
steady::duration run_all(std::vector<child_spec> specs, std::vector<child_result>& results) {
    asio::io_context io(1);
    results.resize(specs.size());
    auto left = specs.size();
    asio::steady_timer timer(io);
    steady::duration worst{};
    auto tick = [&]() -> awaitable<> {
        while (left > 0) {
            auto before = steady::now();
            timer.expires_after(10ms);
            co_await timer.async_wait(asio::use_awaitable);
            worst = std::max(worst, steady::now() - before);
        }
    };
    asio::co_spawn(io, tick(), [](const std::exception_ptr&) {});
    for (std::size_t i = 0; i < specs.size(); ++i)
        asio::co_spawn(io, run_child(std::move(specs[i])), [&, i](const std::exception_ptr& error, child_result r) {
            EXPECT_FALSE(error);
            results[i] = std::move(r);
            --left;
        });
    io.run();
    return worst;
}

TEST_P(eater, dies_alone_twenty_at_once) {
    auto mark = fresh_mark();
    std::vector<child_spec> specs;
    for (int i = 0; i < 20; ++i)
        specs.push_back(python(fill(300) + "import time; time.sleep(15)\n" + survived + "#" + mark));
    for (int i = 0; i < 3; ++i) // these run beside the others all the time
        specs.push_back(python(fill(40) + "import time; time.sleep(4)\n" + survived));
    for (auto& spec : specs)
        spec.total = 60s;
    std::vector<child_result> results;
    auto worst = run_all(std::move(specs), results);
    for (std::size_t i = 0; i < results.size(); ++i)
        if (i < 20)
            EXPECT_EQ(results[i].how, ended::out_of_memory) << i << results[i].output << results[i].error;
        else
            EXPECT_EQ(results[i].output, "survived\n") << i << results[i].error;
    EXPECT_EQ(backend_->memory().ended, 20U);
    EXPECT_LT(worst, limits::loop_late);
    EXPECT_EQ(count_marked(mark), 0);
}

TEST_P(eater, of_processes_ends_at_its_deadline_and_leaves_nothing) {
    if (!in_a_sandbox() && GetParam() == memory_hold::watched)
        GTEST_SKIP() << "without a sandbox and control groups nothing limits processes";
    auto mark = fresh_mark();
    auto spec = confined(shell("bomb() { bomb | bomb & }; bomb; exec sleep 60 # " + mark));
    spec.total = 2s;
    std::vector<child_spec> specs;
    specs.push_back(std::move(spec));
    std::vector<child_result> results;
    auto worst = run_all(std::move(specs), results);
    EXPECT_TRUE(results[0].how == ended::timed_out || results[0].how == ended::out_of_memory);
    EXPECT_LT(results[0].took, 30s);
    EXPECT_LT(worst, limits::loop_late);
    EXPECT_EQ(count_marked(mark), 0);
}

TEST_P(eater, can_have_no_more_processes_than_the_limit) {
    backend_.reset();
    backend_ =
        on_a_loop(choose(true, {.parallel = 1, .task_bytes = 1UL << 30, .all_bytes = 1UL << 30}, GetParam())).use;
    if (!in_a_sandbox() && GetParam() == memory_hold::watched)
        GTEST_SKIP() << "without a sandbox and control groups nothing limits processes";
    auto result = run(python("import threading\n"
                             "threading.stack_size(65536)\n"
                             "end = threading.Event()\n"
                             "n = 0\n"
                             "try:\n"
                             "  while n < 5000: threading.Thread(target=end.wait, daemon=True).start(); n += 1\n"
                             "except RuntimeError: pass\n"
                             "print(n)\n"
                             "end.set()\n"));
    auto most = static_cast<int>(limits::sandbox_processes);
    EXPECT_LT(std::atoi(result.output.c_str()), most) << result.error;
    EXPECT_GT(std::atoi(result.output.c_str()), most - 10) << result.error;
}

} // namespace
} // namespace persais::sandbox

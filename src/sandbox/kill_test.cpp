// The whole tree is gone within a second of a deadline, of a cancellation, of the child's own end and of this process's
// death.
#include "sandbox/limits.hpp"
#include "sandbox/testing.hpp"

#include <csignal>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/steady_timer.hpp>

extern char** environ;

namespace persais::sandbox {
namespace {

using namespace testing;
using steady = std::chrono::steady_clock;

/// A tree that is hard to kill: a grandchild in its own session whose parent is gone, and all ignore SIGTERM. Prints
/// "up" when it is complete. Each process carries the mark.
std::string stubborn(const std::string& mark) {
    auto deaf = "trap '' TERM HUP INT; : " + mark + "; while :; do sleep 0.05; done";
    return "trap '' TERM HUP INT; (setsid sh -c \"trap '' TERM; (" + deaf + ") & exit\" " + mark + ") & " + "(" + deaf +
           ") & setsid -f sh -c \"" + deaf + "\" " + mark + "; sleep 0.1; echo up; " + deaf;
}

/// Calls `end` when the child has printed its first word; returns the time from then until the child's end.
template <class F>
steady::duration time_to_end(child_spec spec, F end) {
    asio::io_context io(1);
    cancel_handle stop;
    std::optional<steady::time_point> asked;
    spec.on_output = [&](std::string_view) {
        if (asked) return;
        asked = steady::now();
        asio::post(io, [&] { end(stop); });
    };
    bool ended = false;
    stop = start_cancellable(io.get_executor(), run_child(std::move(spec)), [&](const auto& error, const auto&) {
        ended = true;
        EXPECT_TRUE(error); // the cancellation is thrown
    });
    io.run();
    EXPECT_TRUE(ended);
    EXPECT_TRUE(asked);
    return steady::now() - *asked;
}

void cancel(const cancel_handle& stop) {
    stop.cancel();
}

TEST(kill, a_total_deadline_ends_the_tree) {
    auto mark = fresh_mark();
    auto spec = shell(stubborn(mark));
    spec.total = 2s; // enough time to start
    auto result = run(spec);
    EXPECT_EQ(result.how, ended::timed_out);
    EXPECT_EQ(result.output, "up\n");
    EXPECT_LT(result.took - spec.total, soon);
    EXPECT_EQ(count_marked(mark), 0);
}

TEST(kill, an_idle_deadline_counts_from_the_last_output) {
    auto spec = shell("for i in 1 2 3 4 5 6; do echo $i; sleep 0.5; done; sleep 60");
    spec.idle = 2s;
    spec.total = 60s;
    auto result = run(spec);
    EXPECT_EQ(result.how, ended::went_idle);
    EXPECT_EQ(result.output, "1\n2\n3\n4\n5\n6\n");
    EXPECT_LT(result.took, 30s);
}

TEST(kill, a_sign_of_life_is_no_silence) {
    temp_dir folder;
    auto enough = folder.path() / "enough";
    auto spec = shell("while ! [ -e " + enough.string() + " ]; do sleep 0.02; done; echo done");
    spec.idle = 100ms;
    int asked = 0;
    spec.sign_of_life = [&] {
        if (++asked == 3) std::ofstream(enough) << "x";
        return steady::now();
    };
    EXPECT_EQ(run(spec).output, "done\n");
}

TEST(kill, a_program_that_obeys_sigterm_may_clean_up) {
    auto spec = shell("trap 'echo cleaned; exit 3' TERM; echo up; while :; do sleep 0.02; done");
    spec.total = 1s;
    bool in_time = false;
    for (int i = 0; i < 10 && !in_time; ++i) { // a busy machine may delay it by the grace period, but not always
        auto result = run(spec);
        EXPECT_EQ(result.how, ended::timed_out);
        in_time = result.output == "up\ncleaned\n" && result.took < spec.total + limits::terminate_to_kill;
    }
    EXPECT_TRUE(in_time);
}

TEST(kill, a_cancellation_ends_the_tree_and_is_thrown) {
    auto mark = fresh_mark();
    EXPECT_LT(time_to_end(shell(stubborn(mark)), cancel), soon);
    EXPECT_EQ(count_marked(mark), 0);
}

TEST(kill, a_with_deadline_around_it_ends_the_tree) {
    auto mark = fresh_mark();
    auto work = [&]() -> awaitable<bool> {
        try {
            co_await with_deadline(300ms, run_child(shell(stubborn(mark))));
        } catch (const deadline_passed&) {
            co_return true;
        }
        co_return false;
    };
    EXPECT_TRUE(on_a_loop(work()));
    EXPECT_EQ(count_marked(mark), 0);
}

TEST(kill, what_a_child_leaves_behind_ends_with_it) {
    auto mark = fresh_mark();
    auto script = stubborn(mark);
    auto result = run(shell(script.substr(0, script.find("echo up")) + "echo up; exit 5"));
    EXPECT_EQ(result.how, ended::exited);
    EXPECT_EQ(result.code, 5);
    EXPECT_LT(result.took, soon);
    EXPECT_EQ(count_marked(mark), 0);
}

TEST(kill, a_stopped_tree_ends) {
    auto mark = fresh_mark();
    auto spec = shell("sh -c 'kill -STOP $$; : " + mark + "' & sleep 0.1; echo up; kill -STOP $$; : " + mark);
    spec.total = 300ms;
    auto result = run(spec);
    EXPECT_EQ(result.how, ended::timed_out);
    EXPECT_LT(result.took, soon);
    EXPECT_EQ(count_marked(mark), 0);
}

/// Twenty chains of processes that each fork a successor and exit, as fast as possible.
std::string reforkers(const std::string& mark) {
    return "import os,signal,sys\n"
           "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
           "for i in range(20):\n"
           "  if os.fork() == 0:\n"
           "    while True:\n"
           "      if os.fork() != 0: os._exit(0)\n"
           "print('up', flush=True)\n"
           "signal.pause() #" +
           mark;
}

TEST(kill, reforkers_do_not_outrun_it) {
    auto mark = fresh_mark();
    auto spec = program({"/usr/bin/python3", "-c", reforkers(mark)});
    EXPECT_LT(time_to_end(spec, cancel), soon);
    EXPECT_EQ(count_marked(mark), 0);
}

TEST(kill, the_tree_does_not_outlive_this_process) {
    auto mark = fresh_mark();
    temp_dir folder;
    auto flag = (folder.path() / "up").string();
    std::string self = std::filesystem::read_symlink("/proc/self/exe");
    ::setenv("PERSAIS_TEST_CHILD", (stubborn(mark).insert(0, "echo >" + flag + "; ")).c_str(), 1);
    std::string filter = "--gtest_filter=kill.DISABLED_as_a_process_that_is_killed";
    std::string also = "--gtest_also_run_disabled_tests";
    char* argv[] = {self.data(), filter.data(), also.data(), nullptr};
    posix_spawn_file_actions_t quiet;
    posix_spawn_file_actions_init(&quiet);
    posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null", O_WRONLY, 0);
    pid_t victim = -1;
    ASSERT_EQ(::posix_spawn(&victim, self.c_str(), &quiet, nullptr, argv, environ), 0);
    posix_spawn_file_actions_destroy(&quiet);
    ::unsetenv("PERSAIS_TEST_CHILD");
    auto eventually = [](auto condition) {
        auto until = steady::now() + 10s;
        while (!condition() && steady::now() < until)
            ::usleep(5000);
        return steady::now() < until;
    };
    ASSERT_TRUE(eventually([&] { return std::filesystem::exists(flag) && count_marked(mark) >= 4; }));
    ::kill(victim, SIGKILL);
    ::waitpid(victim, nullptr, 0);
    auto died = steady::now();
    EXPECT_TRUE(eventually([&] { return count_marked(mark) == 0; }));
    EXPECT_LT(steady::now() - died, soon);
}

/// This is not a test but the process that the_tree_does_not_outlive_this_process starts and kills.
TEST(kill, DISABLED_as_a_process_that_is_killed) {
    if (const char* script = std::getenv("PERSAIS_TEST_CHILD")) run(shell(script));
}

TEST(kill, nothing_of_many_children_at_once_is_mixed_up_or_left_open) {
    auto open_descriptors = [] {
        return std::distance(std::filesystem::directory_iterator("/proc/self/fd"),
                             std::filesystem::directory_iterator());
    };
    asio::io_context io(1);
    asio::co_spawn(io, run_child(program({"/bin/true"})), [](auto, auto) {}); // the loop opens its own descriptors here
    io.run();
    io.restart();
    auto before = open_descriptors();
    int right = 0;
    for (int i = 0; i < 40; ++i)
        asio::co_spawn(io, run_child(shell("echo " + std::to_string(i) + "; exit " + std::to_string(i))),
                       [&right, i](auto error, const child_result& result) {
                           right += !error && result.code == i && result.output == std::to_string(i) + "\n";
                       });
    io.run();
    EXPECT_EQ(right, 40);
    EXPECT_EQ(open_descriptors(), before);
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1); // no zombie either
}

} // namespace
} // namespace persais::sandbox

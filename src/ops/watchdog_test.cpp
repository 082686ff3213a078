#include "base/background.hpp"
#include "ops/watchdog.hpp"

#include <array>
#include <csignal>
#include <fcntl.h>
#include <future>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

using namespace persais;
using namespace persais::ops;
using namespace std::chrono_literals;

namespace {

constexpr int never = 1'000'000;

/// The exit status of a child that runs `work`; `meanwhile` is called with its process id.
int in_child(const std::function<void()>& work, const std::function<void(pid_t)>& meanwhile = {}) {
    pid_t child = ::fork();
    if (child == 0) {
        work();
        ::_exit(0);
    }
    if (meanwhile) meanwhile(child);
    int status = -1;
    ::waitpid(child, &status, 0);
    return status;
}

/// A loop that ticks until `ticks` of its own timer have come.
void run_loop_watched(watchdog::options how, int ticks) {
    asio::io_context io(1);
    watchdog dog(how);
    asio::co_spawn(
        io,
        [&]() -> awaitable<> { // `dog` and `how` outlive io.run()
            background<void> ticking(co_await asio::this_coro::executor, dog.tick());
            for (int i = 0; i < ticks; ++i)
                co_await sleep_for(how.step);
            co_await ticking.stop();
        },
        [](const std::exception_ptr& e) {
            if (e) ::_exit(3);
        });
    io.run();
}

} // namespace

TEST(watchdog, counts_steps_without_a_tick_and_forgets_them_at_the_next) {
    missed_ticks count;
    EXPECT_EQ(count.step(1), 0);
    EXPECT_EQ(count.step(1), 1);
    EXPECT_EQ(count.step(1), 2);
    EXPECT_EQ(count.step(2), 0);
    EXPECT_EQ(count.step(2), 1);
}

TEST(watchdog, ends_a_process_whose_loop_does_not_turn) {
    std::promise<void> ended;
    watchdog dog({.step = 1ms, .stuck = 5, .late = 2, .end = [&] { ended.set_value(); }});
    ended.get_future().wait();
    EXPECT_FALSE(dog.live());
}

TEST(watchdog, is_live_before_the_first_tick_and_again_after_one) {
    std::promise<void> late;
    bool told = false;
    watchdog dog({.step = 1ms, .stuck = never, .late = 1, .end = {}});
    for (auto until = std::chrono::steady_clock::now() + 30s; dog.live() && std::chrono::steady_clock::now() < until;)
        std::this_thread::yield();
    EXPECT_FALSE(dog.live());
    for (auto until = std::chrono::steady_clock::now() + 30s; !told && std::chrono::steady_clock::now() < until;) {
        dog.ticked();
        told = dog.live();
    }
    EXPECT_TRUE(told);
}

TEST(watchdog, leaves_one_line_and_exit_code_70) {
    std::array<int, 2> pipe{};
    ASSERT_EQ(::pipe(pipe.data()), 0);
    auto status = in_child([&] {
        ::dup2(pipe[1], STDERR_FILENO);
        watchdog dog({.step = 1ms, .stuck = 1000, .last_line = {}});
        ::pause(); // the loop is stuck
    });
    std::array<char, 4096> said{};
    auto size = ::read(pipe[0], said.data(), said.size());
    ::close(pipe[0]);
    ::close(pipe[1]);
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), watchdog::exit_code);
    EXPECT_EQ(std::string_view(said.data(), size),
              "persais: the event loop has not turned for 1 s: the process ends itself\n");
}

TEST(watchdog, a_log_that_nobody_reads_does_not_hold_the_end_up) {
    std::array<int, 2> pipe{};
    ASSERT_EQ(::pipe2(pipe.data(), O_NONBLOCK), 0);
    std::string full(65536, 'x');
    while (::write(pipe[1], full.data(), full.size()) > 0)
        ;
    ::fcntl(pipe[1], F_SETFL, 0);
    auto status = in_child([&] {
        ::dup2(pipe[1], STDERR_FILENO);
        watchdog dog({.step = 1ms, .stuck = 5, .last_line = [] { return std::string("the end\n"); }});
        ::pause();
    });
    ::close(pipe[0]);
    ::close(pipe[1]);
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), watchdog::exit_code);
}

TEST(watchdog, leaves_a_loop_that_turns_alone_and_stops_with_it) {
    // Runs longer than `stuck` steps, each of which would count without its tick.
    run_loop_watched({.step = 5ms, .stuck = 100, .late = 100, .end = [] { ADD_FAILURE() << "ended"; }}, 200);
}

TEST(watchdog, tells_how_late_its_ticks_come) {
    std::vector<std::chrono::nanoseconds> late;
    run_loop_watched({.step = 5ms, .stuck = never, .late = never, .late_by = [&](auto by) { late.push_back(by); }}, 10);
    EXPECT_GE(late.size(), 5U);
    for (auto by : late)
        EXPECT_GE(by, 0ns);
}

TEST(watchdog, a_process_that_was_suspended_is_not_ended_for_it) {
    std::array<int, 2> begun{};
    ASSERT_EQ(::pipe(begun.data()), 0);
    watchdog::options how{.step = 10ms, .stuck = 100};
    auto status = in_child(
        [&] {
            char go = 1;
            [[maybe_unused]] auto n = ::write(begun[1], &go, 1);
            run_loop_watched(how, 120);
        },
        [&](pid_t child) {
            char go = 0;
            EXPECT_EQ(::read(begun[0], &go, 1), 1);
            ::kill(child, SIGSTOP);
            int stopped = 0;
            ::waitpid(child, &stopped, WUNTRACED);
            std::this_thread::sleep_for(3 * how.stuck * how.step / 2); // while the child is stopped
            ::kill(child, SIGCONT);
        });
    ::close(begun[0]);
    ::close(begun[1]);
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0);
}

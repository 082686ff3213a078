#include "base/background.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

using namespace persais;
using namespace std::chrono_literals;

namespace {

awaitable<int> two_steps() {
    auto executor = co_await asio::this_coro::executor;
    co_await asio::post(executor, asio::use_awaitable);
    co_await asio::post(executor, asio::use_awaitable);
    co_return 2;
}

/// Contains every kind of wait that base/ has; it ends by itself.
awaitable<int> many_steps() {
    int steps = co_await two_steps();
    steps += co_await with_deadline(1h, two_steps());
    background<int> beside(co_await asio::this_coro::executor, two_steps());
    steps += co_await beside.join();
    steps += co_await uninterrupted(two_steps());
    co_return steps;
}

constexpr int all_steps = 8;
constexpr int more_than_it_has = 40;

/// The outcome of a coroutine.
struct outcome {
    int ends = 0;
    int value = 0;
    bool aborted = false;

    cancel_handle start(const asio::any_io_executor& executor, awaitable<int> work) {
        return start_cancellable(executor, std::move(work), [this](const std::exception_ptr& e, int v) {
            ++ends;
            value = v;
            try {
                if (e) std::rethrow_exception(e);
            } catch (const boost::system::system_error& error) {
                aborted = error.code() == asio::error::operation_aborted;
            }
        });
    }
};

void run_steps(asio::io_context& io, int steps) {
    for (int i = 0; i < steps; ++i)
        io.poll_one();
    io.restart();
}

} // namespace

TEST(cancellable, is_cancelled_between_any_two_steps) {
    int whole = 0, aborted = 0;
    for (int steps = 0; steps < more_than_it_has; ++steps) {
        asio::io_context io(1);
        outcome was;
        was.start(io.get_executor(), many_steps()).cancel(); // the handle does not exist any more
        io.run();
        EXPECT_TRUE(was.aborted) << "cancelled after its first step";

        outcome is;
        auto work = is.start(io.get_executor(), many_steps());
        io.restart();
        run_steps(io, steps);
        std::exchange(work, {}).cancel(); // from outside the loop, at its last step too
        io.run();
        EXPECT_EQ(is.ends, 1) << steps;
        EXPECT_TRUE(is.aborted || is.value == all_steps) << steps;
        whole += is.value == all_steps;
        aborted += is.aborted;
    }
    EXPECT_GT(whole, 0) << "cancelled when it had ended";
    EXPECT_GE(aborted, all_steps);
}

TEST(cancellable, is_cancelled_by_another_handler_between_any_two_steps) {
    for (int steps = 0; steps < more_than_it_has; ++steps) {
        asio::io_context io(1);
        outcome is;
        auto work = is.start(io.get_executor(), many_steps());
        run_steps(io, steps);
        asio::post(io, [held = std::exchange(work, {})] { held.cancel(); });
        io.run();
        EXPECT_EQ(is.ends, 1) << steps;
        EXPECT_TRUE(is.aborted || is.value == all_steps) << steps;
    }
}

TEST(cancellable, may_lose_its_loop_between_any_two_steps) {
    for (int steps = 0; steps < more_than_it_has; ++steps) {
        outcome is;
        cancel_handle work, cancelled;
        {
            asio::io_context io(1);
            work = is.start(io.get_executor(), many_steps());
            cancelled = is.start(io.get_executor(), many_steps());
            run_steps(io, steps);
            cancelled.cancel();
        }
        EXPECT_TRUE(work.ended() && cancelled.ended());
        work.cancel();
        cancelled.cancel();
    }
}

TEST(cancellable, before_its_first_step_it_does_not_begin) {
    asio::io_context io(1);
    outcome is;
    cancel_handle work;
    bool begun = false;
    asio::post(io, [&] { work.cancel(); });
    auto one = [](bool& mark) -> awaitable<int> {
        mark = true;
        co_return 1;
    };
    work = is.start(io.get_executor(), one(begun));
    EXPECT_NO_THROW(io.run());
    EXPECT_TRUE(is.aborted);
    EXPECT_FALSE(begun);
}

TEST(cancellable, may_cancel_itself_without_ever_having_waited) {
    asio::io_context io(1);
    outcome is;
    cancel_handle work;
    auto one = [](const cancel_handle& own) -> awaitable<int> {
        own.cancel();
        co_return 1;
    };
    work = is.start(io.get_executor(), one(work));
    EXPECT_NO_THROW(io.run());
    EXPECT_EQ(is.ends, 1);
    EXPECT_EQ(is.value, 1);
}

TEST(cancellable, a_background_may_be_forgotten_between_any_two_steps) {
    for (int steps = 0; steps < more_than_it_has; ++steps) {
        asio::io_context io(1);
        std::optional<background<int>> work(std::in_place, io.get_executor(), many_steps());
        run_steps(io, steps);
        work.reset(); // from outside the loop
        io.run();
    }
}

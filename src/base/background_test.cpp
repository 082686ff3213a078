#include "base/background.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

using namespace persais;
using namespace std::chrono_literals;

namespace {

awaitable<int> until(event& go, int value, bool& cancelled) {
    try {
        co_await go.wait();
    } catch (const boost::system::system_error&) {
        cancelled = true;
        throw;
    }
    co_return value;
}

template <class F>
void run(F body) {
    asio::io_context io(1);
    std::exception_ptr error;
    asio::co_spawn(io, body(), [&](std::exception_ptr e) { error = e; });
    io.run();
    if (error) std::rethrow_exception(error);
}

} // namespace

TEST(background, gives_its_value_when_joined) {
    run([]() -> awaitable<> {
        auto executor = co_await asio::this_coro::executor;
        event go(executor);
        bool cancelled = false;
        background<int> work(executor, until(go, 7, cancelled));
        EXPECT_FALSE(work.finished());
        go.set();
        EXPECT_EQ(co_await work.join(), 7);
        EXPECT_FALSE(cancelled);
    });
}

TEST(background, is_over_when_stop_returns) {
    run([]() -> awaitable<> {
        auto executor = co_await asio::this_coro::executor;
        event never(executor);
        bool cancelled = false;
        background<int> work(executor, until(never, 7, cancelled));
        co_await work.stop();
        EXPECT_TRUE(cancelled);
        EXPECT_TRUE(work.finished());
    });
}

TEST(background, is_stopped_with_who_waits_for_it) {
    run([]() -> awaitable<> {
        auto executor = co_await asio::this_coro::executor;
        event never(executor);
        bool cancelled = false, passed = false;
        auto waits = [&]() -> awaitable<int> {
            background<int> work(executor, until(never, 7, cancelled));
            co_return co_await work.join();
        };
        try {
            co_await with_deadline(5ms, waits());
        } catch (const deadline_passed&) {
            passed = true;
        }
        EXPECT_TRUE(passed);
        EXPECT_TRUE(cancelled);
    });
}

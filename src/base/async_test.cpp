#include "base/async.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

using namespace persais;
using namespace std::chrono_literals;

namespace {

awaitable<int> forever(bool& cleaned) {
    asio::steady_timer timer(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
    boost::system::error_code ec;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ec));
    cleaned = true;
    throw boost::system::system_error(ec);
}

awaitable<int> seven() {
    co_return 7;
}

awaitable<int> throws() {
    throw std::runtime_error("broken");
    co_return 0;
}

template <class F>
void run(F&& body) {
    asio::io_context io(1);
    std::exception_ptr error;
    asio::co_spawn(io, body(), [&](std::exception_ptr e) { error = e; });
    io.run();
    if (error) std::rethrow_exception(error);
}

} // namespace

TEST(with_deadline, gives_what_the_operation_gave) {
    run([]() -> awaitable<> { EXPECT_EQ(co_await with_deadline(1h, seven()), 7); });
}

TEST(with_deadline, passes_an_exception_on) {
    run([]() -> awaitable<> {
        std::string said;
        try {
            co_await with_deadline(1h, throws());
        } catch (const std::runtime_error& e) {
            said = e.what();
        }
        EXPECT_EQ(said, "broken");
    });
}

TEST(with_deadline, cancels_and_waits_for_what_took_too_long) {
    bool cleaned = false;
    run([&]() -> awaitable<> {
        bool passed = false;
        try {
            co_await with_deadline(5ms, forever(cleaned));
        } catch (const deadline_passed&) {
            passed = true;
        }
        EXPECT_TRUE(passed);
        EXPECT_TRUE(cleaned);
        EXPECT_EQ(co_await with_deadline(1h, seven()), 7) << "the coroutine goes on as before";
    });
}

TEST(with_deadline, an_outer_deadline_ends_an_inner_one_at_once) {
    bool cleaned = false;
    auto start = std::chrono::steady_clock::now();
    run([&]() -> awaitable<> {
        bool passed = false;
        try {
            co_await with_deadline(5ms, with_deadline(1h, forever(cleaned)));
        } catch (const deadline_passed&) {
            passed = true;
        }
        EXPECT_TRUE(passed);
    });
    EXPECT_TRUE(cleaned);
    EXPECT_LT(std::chrono::steady_clock::now() - start, 1min);
}

TEST(event, wakes_all_that_wait) {
    asio::io_context io(1);
    event ready(io.get_executor());
    int woken = 0;
    auto waiter = [&]() -> awaitable<> {
        co_await ready.wait();
        ++woken;
    };
    asio::co_spawn(io, waiter(), [](std::exception_ptr) {});
    asio::co_spawn(io, waiter(), [](std::exception_ptr) {});
    asio::co_spawn(
        io,
        [&]() -> awaitable<> {
            ready.set();
            co_return;
        },
        [](std::exception_ptr) {});
    io.run();
    EXPECT_EQ(woken, 2);
}

#include "base/async.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

using namespace persais;
using namespace std::chrono_literals;

namespace {

/// Runs `work` until it waits, cancels it there and runs it to its end; throws what `work` throws.
void cancel_where_it_waits(awaitable<> work) {
    asio::io_context io(1);
    std::exception_ptr error;
    auto started = start_cancellable(io.get_executor(), std::move(work), [&](std::exception_ptr e) { error = e; });
    io.poll();
    io.restart();
    started.cancel();
    io.run();
    if (error) std::rethrow_exception(error);
}

/// Waits until it is cancelled, but does not throw then.
awaitable<> wait_for_cancellation(std::string& said) {
    try {
        co_await sleep_for(1h);
    } catch (const boost::system::system_error&) {
        said += "cancelled ";
    }
}

/// Waits for the loop to come round.
awaitable<> a_turn() {
    co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
}

awaitable<> put_right(std::string& said) {
    co_await a_turn();
    said += "put right ";
}

} // namespace

TEST(uninterrupted, waits_on_after_a_cancellation_which_is_thrown_behind_it) {
    std::string said;
    auto work = [](std::string& to) -> awaitable<> {
        auto both = [](std::string& words) -> awaitable<int> {
            co_await wait_for_cancellation(words);
            co_await put_right(words);
            co_return 7;
        };
        EXPECT_EQ(co_await uninterrupted(both(to)), 7);
        to += "behind it";
        co_await a_turn();
        to += ", not reached";
    };
    EXPECT_THROW(cancel_where_it_waits(work(said)), boost::system::system_error);
    EXPECT_EQ(said, "cancelled put right behind it");
}

TEST(uninterrupted, throws_on_cancellation_again_after_an_exception) {
    bool reached = false;
    auto work = [](bool& mark) -> awaitable<> {
        auto breaks = []() -> awaitable<> {
            std::string ignored;
            co_await wait_for_cancellation(ignored);
            throw std::runtime_error("broken");
        };
        try {
            co_await uninterrupted(breaks());
        } catch (const std::runtime_error&) {
        }
        co_await a_turn();
        mark = true;
    };
    EXPECT_THROW(cancel_where_it_waits(work(reached)), boost::system::system_error);
    EXPECT_FALSE(reached);
}

TEST(uninterrupted, inside_another_leaves_that_one_uninterrupted) {
    std::string said;
    auto work = [](std::string& to) -> awaitable<> {
        auto outer = [](std::string& words) -> awaitable<> {
            co_await uninterrupted(wait_for_cancellation(words));
            co_await put_right(words);
        };
        co_await uninterrupted(outer(to));
    };
    cancel_where_it_waits(work(said));
    EXPECT_EQ(said, "cancelled put right ");
}

TEST(clean_up_on_exception, waits_although_cancelled_and_throws_the_cancellation) {
    std::string said;
    auto work = [](std::string& to) -> awaitable<> {
        co_await clean_up_on_exception(sleep_for(1h), put_right(to));
        to += "not reached";
    };
    EXPECT_THROW(cancel_where_it_waits(work(said)), boost::system::system_error);
    EXPECT_EQ(said, "put right ");
}

TEST(clean_up_on_exception, does_nothing_after_a_value) {
    std::string said;
    auto work = [](std::string& to) -> awaitable<> {
        auto seven = []() -> awaitable<int> { co_return 7; };
        EXPECT_EQ(co_await clean_up_on_exception(seven(), put_right(to)), 7);
    };
    cancel_where_it_waits(work(said));
    EXPECT_EQ(said, "");
}

TEST(clean_up_on_exception, throws_the_first_exception_when_the_cleanup_breaks_too) {
    auto breaks = [](std::string what) -> awaitable<> {
        throw std::runtime_error(what);
        co_return;
    };
    std::string said;
    try {
        cancel_where_it_waits(clean_up_on_exception(breaks("first"), breaks("second")));
    } catch (const std::runtime_error& e) {
        said = e.what();
    }
    EXPECT_EQ(said, "first");
}

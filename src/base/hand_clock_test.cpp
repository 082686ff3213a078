#include "base/async.hpp"
#include "base/hand_clock.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

using namespace persais;
using namespace std::chrono_literals;

namespace {

/// A loop whose time stands still until the test advances it.
struct by_hand {
    asio::io_context io{1};
    hand_clock& time = asio::make_service<hand_clock>(io);
    std::string said;

    void start(awaitable<> work) {
        asio::co_spawn(io, std::move(work), [](std::exception_ptr) {});
        io.restart();
        io.poll();
    }
    void move(std::chrono::nanoseconds by) {
        time.move_to(time.now() + by);
        io.restart();
        io.poll();
    }
    awaitable<> sleeper(std::chrono::seconds how_long, char name) {
        co_await sleep_for(how_long);
        said += name;
    }
};

} // namespace

TEST(hand_clock, days_of_sleep_take_no_time) {
    by_hand w;
    w.start(w.sleeper(48h, 'a'));
    EXPECT_EQ(w.time.next(), w.time.now() + 48h);
    w.move(48h - 1ns);
    EXPECT_EQ(w.said, "");
    w.move(1ns);
    EXPECT_EQ(w.said, "a");
    EXPECT_FALSE(w.time.next().has_value());
}

TEST(hand_clock, what_is_due_first_goes_off_first_and_of_two_the_one_that_was_set_first) {
    by_hand w;
    w.start(w.sleeper(2s, 'c'));
    w.start(w.sleeper(1s, 'a'));
    w.start(w.sleeper(1s, 'b'));
    w.move(1h);
    EXPECT_EQ(w.said, "abc");
}

TEST(hand_clock, a_deadline_passes_when_the_hand_says_so) {
    by_hand w;
    w.start([](by_hand& of) -> awaitable<> {
        try {
            co_await with_deadline(10s, of.sleeper(20s, 'x'));
        } catch (const deadline_passed&) {
            of.said += "late";
        }
        co_await with_deadline(10s, of.sleeper(5s, '!'));
    }(w));
    w.move(9s);
    EXPECT_EQ(w.said, "");
    w.move(1s);
    EXPECT_EQ(w.said, "late");
    w.move(5s);
    EXPECT_EQ(w.said, "late!");
    EXPECT_FALSE(w.time.next().has_value()) << "the deadline that was kept is no alarm any more";
}

TEST(hand_clock, a_sleeper_that_is_cancelled_says_so) {
    by_hand w;
    bool cancelled = false;
    auto sleeps = start_cancellable(w.io.get_executor(), w.sleeper(1h, 'a'),
                                    [&](const std::exception_ptr& e) { cancelled = e != nullptr; });
    w.move(1s);
    sleeps.cancel();
    w.move(1s);
    EXPECT_TRUE(cancelled);
    EXPECT_EQ(w.said, "");
    EXPECT_FALSE(w.time.next().has_value());
}

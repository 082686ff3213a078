#include "base/turns.hpp"

#include <numeric>
#include <set>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

using namespace persais;

namespace {

struct turns_test : ::testing::Test {
    asio::io_context io{1};
    turns line{io.get_executor()};
    std::vector<int> went;

    cancel_handle worker(int number, int steps) {
        auto work = [](turns_test& t, int me, int times) -> awaitable<> {
            for (int i = 0; i < times; ++i) {
                co_await t.line.next();
                t.went.push_back(me);
            }
        };
        return spawn(io.get_executor(), "worker", work(*this, number, steps));
    }
};

} // namespace

TEST_F(turns_test, those_who_wait_go_on_one_by_one_and_in_their_order) {
    for (int number : {1, 2, 3})
        worker(number, 3);
    io.run();
    ASSERT_EQ(went.size(), 9u);
    for (std::size_t i = 1; i < 5; ++i) // all three wait
        EXPECT_EQ((std::set{went[i], went[i + 1], went[i + 2]}.size()), 3u) << i;
}

TEST_F(turns_test, what_else_is_ready_goes_on_between_any_two_steps) {
    for (int number = 0; number < 50; ++number)
        worker(number, 1);
    std::vector<std::size_t> seen;
    auto look = [](turns_test& t, std::vector<std::size_t>& at) -> awaitable<> {
        for (int i = 0; i < 20; ++i) {
            co_await sleep_for(std::chrono::nanoseconds(0)); // ready at once, by way of the loop
            at.push_back(t.went.size());
        }
    };
    spawn(io.get_executor(), "look", look(*this, seen));
    io.run();
    ASSERT_EQ(seen.size(), 20u);
    for (std::size_t i = 1; i < seen.size(); ++i)
        EXPECT_LE(seen[i] - seen[i - 1], 2u) << i;
}

TEST_F(turns_test, who_is_cancelled_holds_nobody_up) {
    cancel_handle last;
    for (int number = 0; number < 20; ++number)
        last = worker(number, 1);
    worker(20, 1);
    asio::post(io, [&] { last.cancel(); }); // long before its turn
    io.run();
    std::vector<int> others(19);
    std::iota(others.begin(), others.end(), 0);
    others.push_back(20);
    EXPECT_EQ(went, others);
}

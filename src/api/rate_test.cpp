#include "api/rate.hpp"

#include <gtest/gtest.h>

using namespace persais::api;
using namespace std::chrono_literals;

TEST(rate, lets_a_burst_through_and_then_so_many_a_second) {
    rate r(3, 2, 100);
    std::chrono::steady_clock::time_point now{};
    for (int i = 0; i < 3; ++i)
        EXPECT_TRUE(r.take("a", now));
    EXPECT_FALSE(r.take("a", now));
    EXPECT_FALSE(r.would_take("a", now));
    EXPECT_TRUE(r.take("b", now)) << "each has their own";
    EXPECT_FALSE(r.take("a", now + 400ms));
    EXPECT_TRUE(r.take("a", now + 500ms));
    EXPECT_FALSE(r.take("a", now + 500ms));
    EXPECT_TRUE(r.would_take("a", now + 1h));
}

TEST(rate, forgets_whoever_asked_least_when_it_is_full) {
    rate r(2, 0.001, 2);
    std::chrono::steady_clock::time_point now{};
    r.take("eager", now);
    r.take("eager", now);
    r.take("once", now);
    EXPECT_TRUE(r.take("new", now));
    EXPECT_FALSE(r.take("eager", now)) << "it is still known";
}

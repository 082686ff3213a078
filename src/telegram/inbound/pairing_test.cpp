#include "telegram/inbound/pairing.hpp"

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::telegram;
using namespace std::chrono_literals;

namespace {
const time_point start{1'000'000s};

pairing opened() {
    pairing p;
    p.open(secret("right"), start);
    return p;
}
} // namespace

TEST(pairing, takes_nobody_before_it_is_opened) {
    pairing p;
    EXPECT_FALSE(p.is_open(start));
    EXPECT_FALSE(p.try_code("", 1, start));
}

TEST(pairing, the_first_who_says_the_code_is_in_and_nobody_after) {
    auto p = opened();
    EXPECT_TRUE(p.try_code("right", 1, start + 14min));
    EXPECT_FALSE(p.try_code("right", 2, start + 14min));
    EXPECT_TRUE(p.try_code("right", 1, start + 14min))
        << "what was decided is decided again after a crash of the database";
    p.close();
    EXPECT_FALSE(p.is_open(start + 14min));
}

TEST(pairing, is_over_after_fifteen_minutes) {
    auto p = opened();
    EXPECT_TRUE(p.is_open(start + 15min - 1s));
    EXPECT_FALSE(p.is_open(start + 15min));
    EXPECT_FALSE(p.try_code("right", 1, start + 15min));
}

TEST(pairing, five_wrong_codes_close_it) {
    auto p = opened();
    for (int i = 0; i < 4; ++i)
        EXPECT_FALSE(p.try_code("wrong", 1, start));
    auto q = p;
    EXPECT_TRUE(q.try_code("right", 1, start));
    EXPECT_FALSE(p.try_code("wrong", 1, start));
    EXPECT_FALSE(p.try_code("right", 1, start));
}

TEST(pairing, another_code_opens_it_anew) {
    auto p = opened();
    for (int i = 0; i < 5; ++i)
        p.try_code("wrong", 1, start);
    p.open(secret("again"), start);
    EXPECT_FALSE(p.try_code("right", 1, start));
    EXPECT_TRUE(p.try_code("again", 1, start));
}

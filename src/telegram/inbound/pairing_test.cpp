#include "telegram/inbound/pairing.hpp"

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::telegram;
using namespace std::chrono_literals;

namespace {
using guess = pairing::guess;
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
    EXPECT_EQ(p.try_code("", 1, start), guess::unheard);
}

TEST(pairing, the_first_who_says_the_code_is_in_and_nobody_after) {
    auto p = opened();
    EXPECT_EQ(p.try_code("right", 1, start + 14min), guess::right);
    EXPECT_EQ(p.try_code("right", 2, start + 14min), guess::unheard);
    EXPECT_EQ(p.try_code("right", 1, start + 14min), guess::right)
        << "what was decided is decided again after a crash of the database";
    p.close();
    EXPECT_FALSE(p.is_open(start + 14min));
}

TEST(pairing, is_over_after_fifteen_minutes) {
    auto p = opened();
    EXPECT_TRUE(p.is_open(start + 15min - 1s));
    EXPECT_FALSE(p.is_open(start + 15min));
    EXPECT_EQ(p.try_code("right", 1, start + 15min), guess::unheard);
}

TEST(pairing, five_wrong_codes_close_it_for_who_said_them_and_for_nobody_else) {
    auto p = opened();
    for (int i = 0; i < 4; ++i)
        EXPECT_EQ(p.try_code("wrong", 1, start), guess::wrong);
    auto q = p;
    EXPECT_EQ(q.try_code("right", 1, start), guess::right);
    EXPECT_EQ(p.try_code("wrong", 1, start), guess::last_wrong);
    EXPECT_FALSE(p.hears(1, start));
    EXPECT_EQ(p.try_code("right", 1, start), guess::unheard);
    EXPECT_EQ(p.try_code("right", 2, start), guess::right);
}

TEST(pairing, remembers_so_many_who_guessed_and_no_more) {
    auto p = opened();
    for (int i = 0; i < 5; ++i)
        p.try_code("wrong", 1, start);
    for (std::int64_t other = 2; other <= static_cast<std::int64_t>(limits::pairing_remembered); ++other)
        p.try_code("wrong", other, start);
    EXPECT_FALSE(p.hears(1, start));
    p.try_code("wrong", 5000, start);
    EXPECT_TRUE(p.hears(1, start));
}

TEST(pairing, another_code_opens_it_anew) {
    auto p = opened();
    for (int i = 0; i < 5; ++i)
        p.try_code("wrong", 1, start);
    p.open(secret("again"), start);
    EXPECT_EQ(p.try_code("right", 1, start), guess::wrong);
    EXPECT_EQ(p.try_code("again", 1, start), guess::right);
}

TEST(hourly_answers, are_given_once_in_a_chat_and_ten_times_in_an_hour) {
    hourly_answers h(limits::pairing_hints, hourly_answers::once::for_good);
    EXPECT_TRUE(h.take(1, 100, start));
    EXPECT_TRUE(h.take(1, 100, start)) << "the same update is decided again";
    EXPECT_FALSE(h.left_for(1, start + 24h));
    EXPECT_FALSE(h.take(1, 101, start + 24h));
    for (int chat = 2; chat <= 10; ++chat)
        EXPECT_TRUE(h.take(chat, 100 + chat, start + 30min));
    EXPECT_FALSE(h.left_for(11, start + 30min));
    EXPECT_FALSE(h.take(11, 200, start + 30min));
    EXPECT_TRUE(h.take(11, 201, start + 1h)) << "that of the first chat is an hour ago";
    EXPECT_FALSE(h.take(12, 202, start + 1h));
    EXPECT_TRUE(h.take(1000, 203, start + 90min));
}

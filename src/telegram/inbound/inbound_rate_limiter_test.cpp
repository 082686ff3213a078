#include "telegram/inbound/inbound_rate_limiter.hpp"
#include "telegram/inbound/limits.hpp"

#include <map>

#include <gtest/gtest.h>

using namespace persais;
using telegram::inbound_rate_limiter;
using enum inbound_rate_limiter::verdict;

namespace {
constexpr std::int64_t then = 1'700'000'000;

/// The verdicts on the next `n` messages of a person at that time.
std::map<inbound_rate_limiter::verdict, int> say(inbound_rate_limiter& p, std::int64_t person, int n, std::int64_t date,
                                                 std::int64_t first_update) {
    std::map<inbound_rate_limiter::verdict, int> came;
    for (int i = 0; i < n; ++i)
        ++came[p.hear(person, first_update + i, date)];
    return came;
}
} // namespace

TEST(inbound_rate_limiter, a_burst_is_fine_and_what_is_over_it_is_told_once) {
    inbound_rate_limiter p;
    auto came = say(p, 1, 100, then, 1);
    EXPECT_EQ(came[fine], limits::person_burst);
    EXPECT_EQ(came[first_too_much], 1);
    EXPECT_EQ(came[too_much], 99 - limits::person_burst);
}

TEST(inbound_rate_limiter, with_time_there_is_room_again) {
    inbound_rate_limiter p;
    say(p, 1, 100, then, 1);
    auto came = say(p, 1, 10, then + 10, 101);
    EXPECT_EQ(came[fine], 5);
    EXPECT_EQ(came[first_too_much], 0) << "the same flood";
    came = say(p, 1, 1000, then + 10'000, 200);
    EXPECT_EQ(came[fine], limits::person_burst) << "no more than a burst";
    EXPECT_EQ(came[first_too_much], 1) << "another flood";
}

TEST(inbound_rate_limiter, a_flood_that_goes_on_is_told_once) {
    inbound_rate_limiter p;
    int told = 0;
    for (int i = 0; i < 10'000; ++i)
        told += p.hear(1, i + 1, then + i / 10) == first_too_much;
    EXPECT_EQ(told, 1);
}

TEST(inbound_rate_limiter, one_persons_flood_is_not_anothers) {
    inbound_rate_limiter p;
    say(p, 1, 100, then, 1);
    EXPECT_EQ(p.hear(2, 101, then), fine);
}

TEST(inbound_rate_limiter, what_was_said_slowly_is_fine_though_it_comes_at_once) {
    inbound_rate_limiter p;
    for (int i = 0; i < 1000; ++i)
        EXPECT_EQ(p.hear(1, i + 1, then + 2 * i), fine) << i;
}

TEST(inbound_rate_limiter, the_same_update_again_costs_nothing) {
    inbound_rate_limiter p;
    for (int i = 0; i < 100; ++i)
        EXPECT_EQ(p.hear(1, 7, then), fine);
}

TEST(inbound_rate_limiter, a_clock_that_goes_back_gives_no_room) {
    inbound_rate_limiter p;
    say(p, 1, limits::person_burst, then, 1);
    EXPECT_EQ(p.hear(1, 1000, then - 100), first_too_much);
    EXPECT_EQ(p.hear(1, 1001, then), too_much);
}

TEST(inbound_rate_limiter, forgets_the_one_who_was_silent_longest) {
    inbound_rate_limiter p;
    say(p, 1, limits::person_burst, then, 1);
    for (std::int64_t other = 2; other <= static_cast<std::int64_t>(limits::people_remembered) + 1; ++other)
        p.hear(other, 1, then);
    EXPECT_EQ(p.hear(1, 1000, then), fine);
}

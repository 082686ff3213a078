#include "telegram/outbound/limits.hpp"
#include "telegram/outbound/outbound_rate_limiter.hpp"

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::telegram;
using namespace std::chrono_literals;

namespace {

const outbound_rate_limiter::time start{1000h};

/// Sends `n` messages to each of these chats in turn, each as soon as it may be sent, and returns the times.
std::vector<outbound_rate_limiter::time> send_all(outbound_rate_limiter& p, const std::vector<std::int64_t>& chats,
                                                  int n) {
    std::vector<outbound_rate_limiter::time> times;
    auto now = start;
    for (int i = 0; i < n; ++i)
        for (auto chat : chats) {
            now = std::max(now, p.free_at(chat, now));
            p.sent(chat, now);
            times.push_back(now);
        }
    return times;
}

int most_within(const std::vector<outbound_rate_limiter::time>& times, std::chrono::nanoseconds window) {
    int most = 0;
    for (std::size_t i = 0; i < times.size(); ++i) {
        int n = 0;
        for (std::size_t k = i; k < times.size() && times[k] < times[i] + window; ++k)
            ++n;
        most = std::max(most, n);
    }
    return most;
}

} // namespace

TEST(outbound_rate_limiter, the_first_message_goes_at_once) {
    outbound_rate_limiter p;
    EXPECT_LE(p.free_at(7, start), start);
}

TEST(outbound_rate_limiter, one_a_second_to_one_person) {
    outbound_rate_limiter p;
    auto times = send_all(p, {7}, 90);
    EXPECT_EQ(most_within(times, 1s), 1);
    EXPECT_EQ(times.back() - times.front(), 89s);
}

TEST(outbound_rate_limiter, twenty_a_minute_to_a_group) {
    outbound_rate_limiter p;
    auto times = send_all(p, {-100}, 60);
    EXPECT_EQ(most_within(times, 1min), limits::telegram_group_per_minute);
}

TEST(outbound_rate_limiter, thirty_a_second_in_all) {
    outbound_rate_limiter p;
    std::vector<std::int64_t> many;
    for (int i = 1; i <= 100; ++i)
        many.push_back(i);
    auto times = send_all(p, many, 5);
    EXPECT_EQ(most_within(times, 1s), limits::telegram_per_second);
}

TEST(outbound_rate_limiter, what_telegram_asked_for_holds_that_chat_only) {
    outbound_rate_limiter p;
    p.hold(7, start + 30s);
    EXPECT_EQ(p.free_at(7, start), start + 30s);
    EXPECT_LE(p.free_at(8, start), start);
    p.hold(7, start + 10s);
    EXPECT_EQ(p.free_at(7, start), start + 30s);
    p.hold_all(start + 5s);
    EXPECT_EQ(p.free_at(8, start), start + 5s);
}

TEST(outbound_rate_limiter, what_was_not_sent_after_all_takes_nobodys_place) {
    outbound_rate_limiter p;
    p.sent(-5, start);
    p.sent(-5, start + 10s);
    p.withdrawn(-5, start + 10s);
    EXPECT_LE(p.free_at(-5, start + 10s), start + 10s);
    p.withdrawn(-5, start + 10s); // no message was recorded for that time
    p.sent(-5, start + 11s);
    EXPECT_EQ(p.free_at(-5, start + 11s), start + 12s);
}

TEST(outbound_rate_limiter, remembers_no_chat_for_longer_than_it_must) {
    outbound_rate_limiter p;
    for (int i = 1; i <= 1000; ++i)
        p.sent(i, start + i * 100ms);
    EXPECT_LE(p.size(), 12u);
    p.sent(-5, start + 1h);
    p.sent(1, start + 1h + 59s);
    EXPECT_EQ(p.size(), 2u);
    p.sent(1, start + 1h + 61s);
    EXPECT_EQ(p.size(), 1u);
}

#include "base/clock.hpp"
#include "telegram/outbound/limits.hpp"
#include "telegram/outbound/telegram_client.hpp"

#include <vector>

#include <boost/asio/io_context.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

using namespace persais;
using namespace persais::telegram;
using namespace std::chrono_literals;

namespace {

/// A Bot API that always gives the same answer.
struct one_answer final : api {
    called says;
    int asked = 0;

    awaitable<called> call(std::string, std::string, std::chrono::milliseconds) override {
        ++asked;
        co_return says;
    }
    awaitable<called> call_with_file(std::string method, std::string body, upload) override {
        return call(std::move(method), std::move(body), 1s);
    }
    awaitable<result<std::string>> download(std::string, std::size_t) override { co_return fail("none"); }
};

called refusal_of(int code, std::string words, std::optional<std::chrono::seconds> after = {}) {
    return {.got = answer{.code = code, .description = std::move(words), .retry_after = after}};
}

struct time_of_hand final : clock {
    explicit time_of_hand(hand_clock& t) : hand(t) {}
    time_point now() const override { return {}; }
    std::chrono::steady_clock::time_point steady() const override { return hand.now(); }
    hand_clock& hand;
};

/// A client whose clock is moved by hand, and what it said about Telegram's answering.
struct carrying {
    asio::io_context io{1};
    hand_clock& time = asio::make_service<hand_clock>(io);
    one_answer bot;
    time_of_hand as_clock{time};
    telegram_client way{bot, as_clock};
    std::string told;
    std::vector<delivery> came;

    carrying() {
        time.move_to(hand_clock::time_point(1000h));
        way.told = [this](bool answers, const std::string&) { told += answers ? "back " : "away "; };
    }
    void answers(called what) { bot.says = std::move(what); }
    void works() { answers({.got = answer{.ok = true, .result = R"({"message_id":9})"}}); }

    /// Sends one message in its turn; the clock jumps to the time that is waited for.
    delivery send(std::int64_t chat) {
        asio::co_spawn(
            io,
            [](carrying& to, std::int64_t where) -> awaitable<> {
                co_await to.way.turn(where);
                to.came.push_back(co_await to.way.deliver({.chat = where, .topic = {}}, "sendMessage", "{}"));
            }(*this, chat),
            [](std::exception_ptr) {});
        for (io.restart(), io.poll(); time.next(); io.restart(), io.poll())
            time.move_to(*time.next());
        return came.back();
    }
    void wait(std::chrono::milliseconds pause) { time.move_to(time.now() + pause); }
};

} // namespace

TEST(telegram_client, an_hour_without_telegram_is_asked_ever_less_and_at_least_each_minute) {
    carrying c;
    c.answers({.why = "connection refused"});
    auto begin = c.time.now();
    std::vector<long> pauses;
    while (c.time.now() < begin + 1h) {
        auto d = c.send(7);
        ASSERT_EQ(d.how, delivery::kind::later);
        pauses.push_back(std::chrono::duration_cast<std::chrono::seconds>(d.pause).count());
        c.wait(d.pause);
    }
    EXPECT_EQ(std::vector(pauses.begin(), pauses.begin() + 8), (std::vector<long>{1, 2, 4, 8, 16, 32, 60, 60}));
    EXPECT_EQ(pauses.back(), 60);
    EXPECT_LT(c.bot.asked, 70);
    c.works();
    EXPECT_EQ(c.send(7).how, delivery::kind::done);
    EXPECT_EQ(c.told, "away back ") << "once each";
    c.answers({.why = "connection refused"});
    EXPECT_EQ(c.send(7).pause, limits::telegram_retry_first) << "another outage begins at the beginning";
}

TEST(telegram_client, an_answer_that_was_lost_is_in_doubt_and_backs_off_too) {
    carrying c;
    c.answers({.may_have_happened = true, .why = "cut"});
    EXPECT_EQ(c.send(7).how, delivery::kind::in_doubt);
    EXPECT_EQ(c.send(7).pause, 2 * limits::telegram_retry_first);
}

TEST(telegram_client, one_chats_trouble_is_no_others) {
    carrying c;
    c.answers({.why = "connection refused"});
    for (int i = 0; i < 5; ++i)
        c.send(7);
    EXPECT_EQ(c.send(8).pause, limits::telegram_retry_first);
}

TEST(telegram_client, a_429_holds_its_chat_for_as_long_as_it_says) {
    carrying c;
    c.answers(refusal_of(429, "Too Many Requests: retry after 17", 17s));
    EXPECT_EQ(c.send(7).pause, 17s);
    EXPECT_EQ(c.way.free_in(7), 17s);
    EXPECT_EQ(c.way.free_in(8), 0s);
    auto before = c.time.now();
    c.works();
    EXPECT_EQ(c.send(7).how, delivery::kind::done);
    EXPECT_EQ(c.time.now() - before, 17s);
}

TEST(telegram_client, a_token_that_is_refused_holds_everything_until_it_is_another_one) {
    carrying c;
    c.answers(refusal_of(401, "Unauthorized"));
    EXPECT_EQ(c.send(7).how, delivery::kind::later);
    EXPECT_EQ(c.way.free_in(8), limits::telegram_retry_most);
    c.way.begin_anew();
    EXPECT_EQ(c.way.free_in(8), 0s);
}

TEST(telegram_client, messages_to_one_chat_keep_their_distance) {
    carrying c;
    c.works();
    auto before = c.time.now();
    for (int i = 0; i < 5; ++i)
        c.send(7);
    EXPECT_EQ(c.time.now() - before, 4 * limits::telegram_chat_every);
}

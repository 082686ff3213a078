#include "telegram/outbound/sender.hpp"
#include "telegram/store/testing_database.hpp"

#include <deque>

#include <boost/json.hpp>
#include <fmt/format.h>

using namespace persais;
using namespace persais::telegram;
using namespace std::chrono_literals;

namespace {

namespace json = boost::json;

called ok(std::int64_t message) {
    return {.got = answer{.ok = true, .result = fmt::format(R"({{"message_id":{}}})", message)}};
}
called refusal_of(int code, std::string words, std::optional<std::chrono::seconds> after = {}) {
    return {.got = answer{.code = code, .description = std::move(words), .retry_after = after}};
}

/// A Bot API that gives the scripted answers, and accepts everything else.
struct scripted_api final : api {
    std::deque<called> answers;
    std::vector<std::pair<std::int64_t, std::string>> heard; // chat, text
    std::int64_t number = 100;
    event* until = nullptr; // no call is answered before

    awaitable<called> call(std::string, std::string body, std::chrono::milliseconds) override {
        auto o = json::parse(body).as_object();
        heard.emplace_back(o.at("chat_id").to_number<std::int64_t>(), std::string(o.at("text").as_string()));
        if (until) co_await until->wait();
        if (answers.empty()) co_return ok(++number);
        auto next = std::move(answers.front());
        answers.pop_front();
        co_return next;
    }
    awaitable<called> call_with_file(std::string method, std::string body, upload) override {
        return call(std::move(method), std::move(body), 1s);
    }
    awaitable<result<std::string>> download(std::string, std::size_t) override { co_return fail("none"); }
};

struct silent final : notifier {
    awaitable<delivery> show(task_id, std::optional<int>) override { co_return delivery{.how = delivery::kind::done}; }
    awaitable<std::vector<std::string>> words(task_id, std::optional<int>, std::string) override { co_return said; }
    std::vector<std::string> said;
};

/// A sender that runs until `body` has ended.
struct sending {
    store::pool& db;
    scripted_api bot;
    system_clock time;
    telegram_client way{bot, time};
    silent notifier;
    int in_doubt = 0;
    std::chrono::milliseconds lease = 10s;
    sender post{db, way, notifier, {"me", [this] { return lease; }}, {.in_doubt = [this] { ++in_doubt; }, .sent = {}}};

    awaitable<void> put(std::int64_t chat, std::string text) {
        auto s = telegram::add_outgoing(
            chat, 0, json::serialize(json::object{{"method", "sendMessage"}, {"body", {{"text", std::move(text)}}}}));
        co_await db.query(s.sql, s.params);
        post.wake();
    }
    awaitable<bool> all_settled() {
        co_return co_await settled("select count(*) = 0 from outbox where sent_at is null");
    }
    awaitable<bool> settled(std::string sql) {
        auto until = std::chrono::steady_clock::now() + 60s;
        while (!(co_await db.query(sql)).boolean(0, 0)) {
            if (std::chrono::steady_clock::now() > until) co_return false;
            co_await sleep_for(2ms);
        }
        co_return true;
    }
    std::vector<std::string> to(std::int64_t chat) const {
        std::vector<std::string> texts;
        for (const auto& [c, text] : bot.heard)
            if (c == chat) texts.push_back(text);
        return texts;
    }
};

using texts = std::vector<std::string>;

} // namespace

struct sender_of_messages : telegram::testing::with_database {
    template <class F>
    void sends(F body) {
        with([&](store::pool& db) -> awaitable<void> {
            sending s{db};
            background<void> work(co_await asio::this_coro::executor, s.post.run());
            co_await body(s);
            co_await work.stop();
        });
    }
};

TEST_F(sender_of_messages, keeps_the_order_of_a_chat) {
    sends([](sending& s) -> awaitable<void> {
        co_await s.put(7, "one");
        co_await s.put(8, "other");
        co_await s.put(7, "two");
        EXPECT_TRUE(co_await s.all_settled());
        EXPECT_EQ(s.to(7), (texts{"one", "two"}));
        EXPECT_EQ(s.to(8), (texts{"other"}));
        EXPECT_EQ(s.in_doubt, 0);
    });
}

TEST_F(sender_of_messages, what_was_not_taken_is_sent_again_before_what_follows) {
    sends([](sending& s) -> awaitable<void> {
        s.bot.answers = {refusal_of(502, "Bad Gateway"), refusal_of(429, "Too Many Requests", 1s)};
        co_await s.put(7, "one");
        co_await s.put(7, "two");
        EXPECT_TRUE(co_await s.all_settled());
        EXPECT_EQ(s.to(7), (texts{"one", "one", "one", "two"}));
        EXPECT_EQ(s.in_doubt, 0);
    });
}

TEST_F(sender_of_messages, a_lost_answer_is_sent_again_and_counted) {
    sends([](sending& s) -> awaitable<void> {
        s.bot.answers = {called{.may_have_happened = true, .why = "cut"}};
        co_await s.put(7, "one");
        EXPECT_TRUE(co_await s.all_settled());
        EXPECT_EQ(s.to(7), (texts{"one", "one"}));
        EXPECT_EQ(s.in_doubt, 1);
    });
}

TEST_F(sender_of_messages, a_chat_that_is_gone_ends_its_messages_and_no_others) {
    sends([](sending& s) -> awaitable<void> {
        s.bot.answers = {refusal_of(403, "Forbidden: bot was blocked by the user")};
        co_await s.put(7, "one");
        EXPECT_TRUE(co_await s.all_settled());
        co_await s.db.query("insert into outbox (body, chat_id, request) select '', 7, request from outbox limit 1");
        co_await s.put(8, "other");
        EXPECT_TRUE(co_await s.settled("select count(*) = 1 from outbox where chat_id = 8 and sent_at is not null"));
        EXPECT_EQ(s.to(8), (texts{"other"}));
        auto r = co_await s.db.query("select failed from outbox where chat_id = 7 order by id limit 1");
        EXPECT_NE(std::string(r.text(0, 0)).find("blocked"), std::string::npos);
    });
}

TEST_F(sender_of_messages, a_message_of_ours_that_is_wrong_holds_nobody_up) {
    sends([](sending& s) -> awaitable<void> {
        s.bot.answers = {refusal_of(400, "Bad Request: can't parse entities")};
        co_await s.put(7, "one");
        co_await s.put(7, "two");
        co_await s.db.query("insert into outbox (body, chat_id, request) values ('', 9, '{\"nonsense\": 1}')");
        s.post.wake();
        EXPECT_TRUE(co_await s.all_settled());
        EXPECT_EQ(s.to(7), (texts{"one", "two"}));
        auto r = co_await s.db.query("select count(*) from outbox where failed is not null");
        EXPECT_EQ(r.number(0, 0), 2);
    });
}

TEST_F(sender_of_messages, a_group_with_a_new_number_gets_it_there) {
    sends([](sending& s) -> awaitable<void> {
        auto moved = refusal_of(400, "Bad Request: group chat was upgraded to a supergroup chat");
        moved.got->migrated_to = -1001;
        s.bot.answers = {moved};
        co_await s.db.script(
            "insert into buttons (token, chat_id, action, once) values ('0123456789abcdef', -5, 'repo', false)");
        co_await s.put(-5, "one");
        EXPECT_TRUE(co_await s.all_settled());
        EXPECT_EQ(s.to(-1001), (texts{"one"}));
        EXPECT_TRUE(co_await s.settled("select chat_id = -1001 from buttons")) << "it can be pressed there";
    });
}

TEST_F(sender_of_messages, what_a_dead_sender_took_is_sent_by_the_next_and_counted) {
    with([](store::pool& db) -> awaitable<void> {
        sending s{db};
        co_await s.put(7, "one");
        EXPECT_TRUE(co_await telegram::take_outgoing(db, 7, {"the dead one", 200ms}));
        EXPECT_FALSE(co_await telegram::take_outgoing(db, 7, {"the dead one", 200ms})); // its lease is held
        background<void> work(co_await asio::this_coro::executor, s.post.run());
        EXPECT_TRUE(co_await s.all_settled());
        EXPECT_EQ(s.to(7), (texts{"one"}));
        EXPECT_EQ(s.in_doubt, 1);
        co_await work.stop();
    });
}

TEST_F(sender_of_messages, what_died_before_this_start_held_is_sent_at_once) {
    with([](store::pool& db) -> awaitable<void> {
        sending s{db};
        co_await s.put(7, "one");
        co_await s.put(8, "of another");
        EXPECT_TRUE(co_await telegram::take_outgoing(db, 7, {"the dead one", 1h}));
        EXPECT_TRUE(co_await telegram::take_outgoing(db, 8, {"a living one", 1h}));
        co_await telegram::free_holds(db, {"the dead one", "another dead one"});
        background<void> work(co_await asio::this_coro::executor, s.post.run());
        EXPECT_TRUE(co_await s.settled("select count(*) = 1 from outbox where sent_at is not null"));
        EXPECT_EQ(s.to(7), (texts{"one"}));
        EXPECT_EQ(s.to(8), (texts{}));
        co_await work.stop();
    });
}

TEST_F(sender_of_messages, a_send_that_takes_longer_than_its_hold_stays_held) {
    with([](store::pool& db) -> awaitable<void> {
        sending s{db};
        s.lease = 30ms;
        auto executor = co_await asio::this_coro::executor;
        event answer(executor);
        s.bot.until = &answer;
        background<void> work(executor, s.post.run());
        co_await s.put(7, "one");
        EXPECT_TRUE(co_await telegram::testing::comes_true([&] { return s.to(7).size() == 1; }));
        auto until = co_await db.query("select not_before from outbox");
        EXPECT_TRUE(
            co_await s.settled(fmt::format("select not_before > '{}' from outbox", std::string(until.text(0, 0)))))
            << "it was renewed";
        answer.set();
        EXPECT_TRUE(co_await s.all_settled());
        EXPECT_EQ(s.to(7), (texts{"one"}));
        co_await work.stop();
    });
}

TEST_F(sender_of_messages, one_that_is_stopped_gives_back_what_it_has_in_hand) {
    with([](store::pool& db) -> awaitable<void> {
        sending s{db};
        auto executor = co_await asio::this_coro::executor;
        auto in_hand = [&db]() -> awaitable<std::string> {
            auto r = co_await db.query("select format('%s %s', tries, not_before <= clock_timestamp()) from outbox "
                                       "where sent_at is null");
            co_return r.empty() ? "nothing" : std::string(r.text(0, 0));
        };
        event answer(executor);
        s.bot.until = &answer;
        {
            background<void> work(executor, s.post.run());
            co_await s.put(7, "one");
            EXPECT_TRUE(co_await telegram::testing::comes_true([&] { return s.to(7).size() == 1; }));
            co_await work.stop();
        }
        EXPECT_EQ(co_await in_hand(), "1 t") << "it may have been taken";
        s.bot.until = nullptr;
        background<void> next(executor, s.post.run());
        EXPECT_TRUE(co_await s.all_settled());
        EXPECT_EQ(s.to(7), (texts{"one", "one"}));
        EXPECT_EQ(s.in_doubt, 1);
        co_await next.stop();
    });
}

TEST_F(sender_of_messages, what_was_sent_and_could_not_be_kept_is_kept_later_and_not_sent_again) {
    sends([](sending& s) -> awaitable<void> {
        co_await s.db.script(
            "create sequence breaks; create function break() returns trigger language plpgsql as $$ begin "
            "if new.sent_at is not null and nextval('breaks') = 1 then raise 'cut' using errcode = '40P01'; end if; "
            "return new; end $$; create trigger broken before update on outbox for each row execute function break()");
        co_await s.put(7, "one");
        co_await s.put(7, "two");
        EXPECT_TRUE(co_await s.all_settled());
        EXPECT_EQ(s.to(7), (texts{"one", "two"}));
        EXPECT_EQ(s.in_doubt, 0);
    });
}

TEST_F(sender_of_messages, what_a_task_came_to_is_told_once_when_a_pause_before_it_was_not_told_yet) {
    sends([](sending& s) -> awaitable<void> {
        s.notifier.said = {R"({"method":"sendMessage","body":{"text":"ready"}})"};
        co_await s.db.script(
            "insert into tasks (kind, remote, instruction, model, budget_usd, attempts_most, rounds_most, foreground, "
            "state, not_before) values ('change', '/r', 'x', 'a/b', 1, 3, 3, false, 'queued', now()); "
            "insert into outbox (task_id, turn, body, chat_id) values (1, 0, 'it waits', 7), (1, 0, 'ready', 7), "
            "(1, 1, 'ready', 7)");
        s.post.wake();
        EXPECT_TRUE(co_await s.all_settled());
        EXPECT_EQ(s.to(7), (texts{"ready", "ready"})); // one of each turn
    });
}

TEST_F(sender_of_messages, remembers_which_task_a_message_belongs_to) {
    sends([](sending& s) -> awaitable<void> {
        co_await s.db.script(
            "insert into tasks (kind, remote, instruction, model, budget_usd, attempts_most, rounds_most, "
            "foreground, state, not_before) values ('change', '/r', 'x', 'a/b', 1, 3, 3, false, "
            "'queued', now()); insert into task_messages (task_id, turn, chat_id, reply_to) "
            "values (1, 0, 7, 5)");
        auto added = telegram::add_outgoing(7, 0, R"({"method":"sendMessage","body":{"text":"one"},
                                                  "remember":{"task":1,"turn":0,"kind":"progress"}})",
                                            task_id{1});
        co_await s.db.query(added.sql, added.params);
        s.post.wake();
        EXPECT_TRUE(co_await s.all_settled());
        auto r = co_await s.db.query("select m.message_id = t.message_id and m.task_id = 1 and m.chat_id = 7 "
                                     "from message_tasks m, task_messages t");
        EXPECT_TRUE(r.boolean(0, 0));
    });
}

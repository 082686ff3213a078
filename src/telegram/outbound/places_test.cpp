#include "telegram/outbound/sender.hpp"
#include "telegram/outbound/status_messages.hpp"
#include "telegram/store/testing_database.hpp"

#include <set>

#include <boost/json.hpp>
#include <fmt/format.h>

using namespace persais;
using namespace persais::telegram;
using namespace std::chrono_literals;

namespace {

namespace json = boost::json;
using texts = std::vector<std::string>;

/// A Bot API whose chats change their numbers, lose topics, or go.
struct changing_api final : api {
    std::map<std::int64_t, std::int64_t> upgraded;
    std::set<std::pair<std::int64_t, std::int64_t>> without; // chat, topic; 0: General
    std::set<std::int64_t> gone;
    texts accepted; // "chat/topic: text"
    int calls = 0, replies = 0;
    int number = 500;

    awaitable<called> call(std::string method, std::string body, std::chrono::milliseconds) override {
        ++calls;
        auto o = json::parse(body).as_object();
        auto chat = o.at("chat_id").to_number<std::int64_t>();
        auto* thread = o.if_contains("message_thread_id");
        auto topic = thread ? thread->to_number<std::int64_t>() : 0;
        if (auto to = upgraded.find(chat); to != upgraded.end()) {
            auto a = refused(400, "group chat was upgraded to a supergroup chat");
            a.got->migrated_to = to->second;
            co_return a;
        }
        if (gone.contains(chat)) co_return refused(403, "bot was blocked by the user");
        if (method == "editMessageText") co_return refused(400, "message to edit not found");
        if (without.contains({chat, topic})) co_return refused(400, "message thread not found");
        replies += o.contains("reply_parameters") ? 1 : 0;
        accepted.push_back(fmt::format("{}/{}: {}", chat, topic, std::string(o.at("text").as_string())));
        co_return called{.got = answer{.ok = true, .result = fmt::format(R"({{"message_id":{}}})", ++number)}};
    }
    awaitable<called> call_with_file(std::string method, std::string body, upload) override {
        return call(std::move(method), std::move(body), 1s);
    }
    awaitable<result<std::string>> download(std::string, std::size_t) override { co_return fail("no file"); }
    static called refused(int code, std::string why) {
        return {.got = answer{.code = code, .description = std::move(why)}};
    }
};

/// Tasks that have come to their end and stand in chats, and what sends what there is to tell of them.
struct chats {
    store::pool& db;
    changing_api bot;
    system_clock time;
    telegram_client way{bot, time};
    status_messages messages{
        db,
        way,
        time,
        {.message = [](task_id id, std::optional<mechanic::progress>, language) -> awaitable<std::optional<task_view>> {
             co_return task_view{.what = {.text = plain(fmt::format("result {}", id.value)), .rows = {}},
                                 .turn = 0,
                                 .state = "aborted",
                                 .settled = true};
         },
         .notices = [](task_id id, std::string said, language) -> awaitable<std::vector<outgoing>> {
             co_return std::vector<outgoing>{{.text = plain(fmt::format("{} {}", said, id.value)), .rows = {}}};
         },
         .chat_gone = [this] { ++counted_gone; }}};
    int counted_gone = 0;
    sender post{db, way, messages, {"me", [] { return 10s; }}, {}};

    /// A task of person 7 or 8, from a message in this place, whose own message there shows the result.
    awaitable<void> task(int id, std::int64_t chat, std::int64_t topic, int person = 7) {
        co_await db.script(fmt::format(
            "insert into tasks (kind, remote, instruction, model, budget_usd, attempts_most, rounds_most, foreground, "
            "state, fence) values ('change', '/r', 'x', 'a/b', 1, 3, 3, false, 'aborted', 1); "
            "insert into task_chats (task_id, chat_id, topic_id, person_id, message_id, language) "
            "values ({0}, {1}, {2}, {3}, 5, 'en'); "
            "insert into task_messages (task_id, turn, chat_id, topic_id, reply_to, message_id, ended) "
            "values ({0}, 0, {1}, {2}, 5, 100, true)",
            id, chat, topic, person));
    }
    awaitable<void> tell(int id, std::int64_t chat, std::int64_t topic = 0) {
        co_await db.script(fmt::format("insert into outbox (task_id, turn, body, chat_id, topic_id) "
                                       "values ({}, 0, 'told of', {}, {})",
                                       id, chat, topic));
        post.wake();
    }
    awaitable<bool> all_sent() {
        auto until = std::chrono::steady_clock::now() + 30s;
        for (;;) {
            auto r = co_await db.query("select count(*) filter (where sent_at is null) = 0, "
                                       "count(*) filter (where failed is not null) = 0 from outbox");
            if (r.boolean(0, 0)) co_return r.boolean(0, 1);
            if (std::chrono::steady_clock::now() > until) co_return false;
            co_await sleep_for(2ms);
        }
    }
    /// Where a task and its message stand, as "chat/topic chat/topic".
    awaitable<std::string> home(int id) {
        auto r = co_await db.query("select format('%s/%s %s/%s', c.chat_id, c.topic_id, m.chat_id, m.topic_id) "
                                   "from task_chats c join task_messages m using (task_id) where task_id = $1",
                                   {std::to_string(id)});
        co_return std::string(r.text(0, 0));
    }
};

} // namespace

struct chats_that_change : telegram::testing::with_database {
    template <class F>
    void in(F body) {
        with([&](store::pool& db) -> awaitable<void> {
            chats c{db};
            background<void> work(co_await asio::this_coro::executor, c.post.run());
            co_await body(c);
            co_await work.stop();
        });
    }
    /// Without a sender: what is shown comes from edits alone.
    template <class F>
    void edits_in(F body) {
        with([&](store::pool& db) -> awaitable<void> {
            chats c{db};
            background<void> work(co_await asio::this_coro::executor, c.messages.run());
            co_await body(c);
            co_await work.stop();
        });
    }
};

TEST_F(chats_that_change, an_edit_that_finds_its_group_upgraded_is_shown_in_the_group_under_its_new_number) {
    edits_in([](chats& c) -> awaitable<void> {
        co_await c.task(1, -5, 0);
        c.bot.upgraded[-5] = -1001;
        c.messages.moved({1}, true);
        EXPECT_TRUE(co_await telegram::testing::comes_true([&] { return !c.bot.accepted.empty(); }));
        EXPECT_EQ(c.bot.accepted, (texts{"-1001/0: result 1"}));
        EXPECT_EQ(c.bot.replies, 0) << "the number of the person's message is another message's there";
        EXPECT_EQ(co_await c.home(1), "-1001/0 -1001/0");
    });
}

TEST_F(chats_that_change, an_edit_that_finds_its_topic_deleted_is_shown_in_general) {
    edits_in([](chats& c) -> awaitable<void> {
        co_await c.task(1, -9, 44);
        c.bot.without = {{-9, 44}};
        c.messages.moved({1}, true);
        EXPECT_TRUE(co_await telegram::testing::comes_true([&] { return !c.bot.accepted.empty(); }));
        EXPECT_EQ(c.bot.accepted, (texts{"-9/0: result 1"}));
        EXPECT_EQ(co_await c.home(1), "-9/0 -9/0");
    });
}

TEST_F(chats_that_change, an_edit_that_finds_its_chat_gone_is_the_last_one_there) {
    edits_in([](chats& c) -> awaitable<void> {
        co_await c.task(1, 7, 0);
        co_await c.task(2, 7, 0);
        co_await c.task(3, 8, 0);
        c.bot.gone = {7};
        c.messages.moved({1}, true);
        EXPECT_TRUE(co_await telegram::testing::comes_true([&] { return c.counted_gone == 1; }));
        EXPECT_EQ(c.bot.calls, 1);
        c.messages.moved({2}, true);
        c.messages.moved({3}, true);
        EXPECT_TRUE(co_await telegram::testing::comes_true([&] { return !c.bot.accepted.empty(); }));
        EXPECT_EQ(c.bot.accepted, (texts{"8/0: result 3"}));
        EXPECT_EQ(c.bot.calls, 3) << "an edit and a message in the other chat";
        EXPECT_EQ(c.counted_gone, 1);
    });
}

TEST_F(chats_that_change, what_waits_for_an_upgraded_group_is_no_reply_to_a_message_of_before) {
    in([](chats& c) -> awaitable<void> {
        co_await c.db.script(
            R"(insert into outbox (body, chat_id, request) values ('', -5, '{"method": "sendMessage", "body": )"
            R"({"text": "words", "reply_parameters": {"message_id": 5}}}'))");
        c.bot.upgraded[-5] = -1001;
        c.post.wake();
        EXPECT_TRUE(co_await c.all_sent());
        EXPECT_EQ(c.bot.accepted, (texts{"-1001/0: words"}));
        EXPECT_EQ(c.bot.replies, 0);
    });
}

TEST_F(chats_that_change, a_group_that_was_upgraded_is_told_what_becomes_of_its_results_and_keeps_what_was_chosen) {
    in([](chats& c) -> awaitable<void> {
        co_await c.task(1, -5, 0);
        co_await c.db.script("insert into conversations (chat_id, model) values (-5, 'a/chosen')");
        c.bot.upgraded[-5] = -1001;
        co_await telegram::move_chat(c.db, -5, -1001);
        co_await c.tell(1, -1001);
        EXPECT_TRUE(co_await c.all_sent());
        EXPECT_EQ(c.bot.accepted, (texts{"-1001/0: result 1", "-1001/0: told of 1"}));
        auto r = co_await c.db.query("select string_agg(format('%s %s', chat_id, model), ',') from conversations");
        EXPECT_EQ(std::string(r.text(0, 0)), "-1001 a/chosen");
    });
}

TEST_F(chats_that_change, to_move_a_group_to_where_it_is_changes_nothing) {
    in([](chats& c) -> awaitable<void> {
        co_await c.task(1, -1001, 0);
        co_await c.db.script("insert into conversations (chat_id, model) values (-1001, 'a/chosen')");
        co_await telegram::move_chat(c.db, -1001, -1001);
        auto r = co_await c.db.query("select model, (select message_id from task_messages) from conversations");
        EXPECT_EQ(r.size(), 1);
        if (r.size() == 1) EXPECT_EQ(r.number(0, 1), 100);
    });
}

TEST_F(chats_that_change, what_is_said_elsewhere_of_a_message_in_an_upgraded_group_moves_the_group_alone) {
    in([](chats& c) -> awaitable<void> {
        co_await c.task(1, 7, 0);
        co_await c.db.script("update task_messages set chat_id = -5"); // the reply was written in the group
        c.bot.upgraded[-5] = -1001;
        co_await c.tell(1, 7);
        EXPECT_TRUE(co_await c.all_sent());
        EXPECT_EQ(c.bot.accepted, (texts{"-1001/0: result 1", "7/0: told of 1"}));
        EXPECT_EQ(co_await c.home(1), "7/0 -1001/0");
    });
}

TEST_F(chats_that_change, results_in_a_deleted_topic_are_general_s_and_nobody_else_is_moved) {
    in([](chats& c) -> awaitable<void> {
        co_await c.task(1, -9, 44);
        co_await c.task(2, -9, 0, 8);
        co_await c.db.script("update task_messages set ended = false where task_id = 2");
        c.bot.without = {{-9, 44}};
        co_await c.tell(1, -9, 44);
        EXPECT_TRUE(co_await c.all_sent());
        EXPECT_EQ(c.bot.accepted, (texts{"-9/0: result 1", "-9/0: told of 1"}));
        EXPECT_EQ(co_await c.home(1), "-9/0 -9/0");
        EXPECT_EQ(co_await c.home(2), "-9/0 -9/0");
    });
}

TEST_F(chats_that_change, a_message_that_stayed_in_a_deleted_topic_is_not_blamed_on_general) {
    in([](chats& c) -> awaitable<void> {
        co_await c.task(1, -9, 0);
        co_await c.task(2, -9, 0, 8);
        co_await c.db.script("update task_messages set topic_id = 44 where task_id = 1; "
                             "update task_messages set ended = false where task_id = 2");
        c.bot.without = {{-9, 44}};
        co_await c.tell(1, -9);
        EXPECT_TRUE(co_await c.all_sent());
        EXPECT_EQ(c.bot.accepted, (texts{"-9/0: result 1", "-9/0: told of 1"}));
        EXPECT_EQ(co_await c.home(2), "-9/0 -9/0");
        auto r = co_await c.db.query("select tries from outbox");
        EXPECT_EQ(r.number(0, 0), 1) << "what was refused is not in doubt";
    });
}

TEST_F(chats_that_change, what_is_told_of_a_result_when_general_is_closed_is_told_in_private_with_the_result) {
    in([](chats& c) -> awaitable<void> {
        co_await c.task(1, -9, 0);
        co_await c.task(2, -9, 0, 8);
        c.bot.without = {{-9, 0}};
        co_await c.tell(1, -9);
        EXPECT_TRUE(co_await c.all_sent());
        EXPECT_EQ(c.bot.accepted, (texts{"7/0: result 1", "7/0: told of 1"}));
        EXPECT_EQ(co_await c.home(1), "7/0 7/0");
        EXPECT_EQ(co_await c.home(2), "-9/0 -9/0") << "there is nothing to tell of it";
    });
}

TEST_F(chats_that_change, a_chat_is_not_given_up_because_a_message_stands_in_another_one_that_is_gone) {
    in([](chats& c) -> awaitable<void> {
        co_await c.task(1, -9, 0);
        co_await c.db.script("update task_messages set chat_id = 7"); // the reply was written in private
        c.bot.gone = {7};
        co_await c.tell(1, -9);
        EXPECT_TRUE(co_await c.all_sent());
        EXPECT_EQ(c.bot.accepted, (texts{"-9/0: told of 1"}));
        auto r = co_await c.db.query("select chat_id from conversations where gone_at is not null");
        EXPECT_EQ(r.size(), 1);
        if (r.size() == 1) EXPECT_EQ(r.number(0, 0), 7);
    });
}

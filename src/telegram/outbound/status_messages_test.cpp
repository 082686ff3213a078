#include "telegram/outbound/status_messages.hpp"
#include "telegram/store/testing_database.hpp"

#include <deque>

#include <boost/json.hpp>
#include <fmt/format.h>

using namespace persais;
using namespace persais::telegram;
using namespace std::chrono_literals;

namespace {

namespace json = boost::json;

mechanic::progress says(std::string line) {
    return {mechanic::progress::kind::other, std::move(line)};
}

/// A Bot API that keeps what stands in the chat, by message.
struct chat_api final : api {
    std::map<std::int64_t, std::string> stands;
    std::deque<called> answers; // given before it answers normally
    int edits = 0, sends = 0;
    std::function<awaitable<void>()> before; // runs before an edit takes effect

    awaitable<called> call(std::string method, std::string body, std::chrono::milliseconds) override {
        auto o = json::parse(body).as_object();
        bool edit = method == "editMessageText";
        ++(edit ? edits : sends);
        if (edit && before) co_await before();
        auto n = edit ? o.at("message_id").to_number<std::int64_t>() : 100 + sends;
        if (!answers.empty()) {
            auto next = std::move(answers.front());
            answers.pop_front();
            if (next.got && next.got->ok) stands[n] = o.at("text").as_string();
            co_return next;
        }
        if (edit && !stands.contains(n))
            co_return called{.got = answer{.code = 400, .description = "Bad Request: message to edit not found"}};
        stands[n] = o.at("text").as_string();
        co_return called{.got = answer{.ok = true, .result = fmt::format(R"({{"message_id":{}}})", n)}};
    }
    awaitable<called> call_with_file(std::string method, std::string body, upload) override {
        return call(std::move(method), std::move(body), 1s);
    }
    awaitable<result<std::string>> download(std::string, std::size_t) override { co_return fail("none"); }
};

/// The status messages of task 1, whose message is due.
struct telling {
    store::pool& db;
    chat_api bot;
    system_clock time;
    telegram_client way{bot, time};
    std::string result = "ready";
    std::int64_t admin = 0;                           // of the private chat with this number
    std::function<awaitable<void>()> looking, looked; // before and after the read of the task for its message
    status_messages it{
        db,
        way,
        time,
        {.message = [this](task_id, std::optional<mechanic::progress> doing,
                           language) -> awaitable<std::optional<task_view>> {
             if (looking) co_await looking();
             auto row = co_await db.query("select coalesce((facts ->> 'turn')::int, 0), state from tasks");
             task_view seen{.what = {.text = {}, .rows = {{{.label = "Abort", .what = action::abort}}}},
                            .turn = static_cast<int>(row.number(0, 0)),
                            .state = std::string(row.text(0, 1)),
                            .settled = row.text(0, 1) == "aborted"};
             seen.what.text = plain(seen.settled ? result : doing ? to_string(*doing) : "begun");
             if (looked) co_await looked();
             co_return seen;
         },
         .notices = [](task_id, std::string sentence, reader r) -> awaitable<std::vector<outgoing>> {
             co_return std::vector<outgoing>{{.text = plain((r.admin ? "admin: " : "") + sentence), .rows = {}}};
         },
         .earlier = [](task_id, int turn, language) -> awaitable<std::optional<outgoing>> {
             co_return outgoing{.text = plain(fmt::format("came of turn {}", turn)), .rows = {}};
         },
         .earlier_notices = [](task_id, int turn, language) -> awaitable<std::vector<outgoing>> {
             co_return std::vector<outgoing>{{.text = plain(fmt::format("turn {} done", turn)), .rows = {}}};
         },
         .admin_reads = [this](std::int64_t chat) { return chat == admin; }}};

    /// `message`: its number, or null.
    awaitable<void> task_from_chat(std::string message) {
        co_await db.script(fmt::format(
            "insert into tasks (kind, remote, instruction, model, budget_usd, attempts_most, rounds_most, foreground, "
            "state, "
            "not_before) values ('change', '/r', 'x', 'a/b', 1, 3, 3, false, 'queued', now()); "
            "insert into task_chats (task_id, chat_id, person_id, message_id, language) values (1, 7, 7, 5, 'en'); "
            "insert into task_messages (task_id, turn, chat_id, reply_to, message_id) values (1, 0, 7, 5, {})",
            message));
    }
    awaitable<void> settles() {
        co_await db.script("update tasks set state = 'aborted', not_before = null, fence = fence + 1");
    }
    awaitable<void> goes_on(int turn) {
        co_await db.script(fmt::format("update tasks set state = 'queued', not_before = now(), "
                                       "facts = facts || '{{\"turn\": {}}}'",
                                       turn));
    }
    awaitable<bool> shows(std::int64_t message, std::string text) {
        return telegram::testing::comes_true([this, message, text] { return bot.stands[message] == text; });
    }
};

} // namespace

struct status_messages_of_tasks : telegram::testing::with_database {
    template <class F>
    void tells(F body) {
        with([&](store::pool& db) -> awaitable<void> {
            telling t{db};
            co_await t.task_from_chat("100");
            t.bot.stands[100] = "frozen";
            background<void> work(co_await asio::this_coro::executor, t.it.run());
            co_await body(t);
            co_await work.stop();
        });
    }
};

TEST_F(status_messages_of_tasks, what_a_crash_left_frozen_is_brought_up_to_date) {
    tells([](telling& t) -> awaitable<void> { EXPECT_TRUE(co_await t.shows(100, "begun")); });
}

TEST_F(status_messages_of_tasks, what_a_message_shows_depends_on_whether_an_admin_reads_it) {
    tells([](telling& t) -> awaitable<void> {
        EXPECT_NE((co_await t.it.words({1}, {}, "broken")).at(0).find("\"broken\""), std::string::npos);
        t.admin = 7;
        EXPECT_NE((co_await t.it.words({1}, {}, "broken")).at(0).find("\"admin: broken\""), std::string::npos);
    });
}

TEST_F(status_messages_of_tasks, progress_is_edited_in_at_a_pace) {
    tells([](telling& t) -> awaitable<void> {
        EXPECT_TRUE(co_await t.shows(100, "begun"));
        auto from = std::chrono::steady_clock::now();
        for (int i = 0; i < 50; ++i)
            t.it.progress({1}, says(fmt::format("step {}", i)));
        EXPECT_TRUE(co_await t.shows(100, "step 49"));
        EXPECT_GE(std::chrono::steady_clock::now() - from, 1s);
        EXPECT_EQ(t.bot.edits, 2);
        EXPECT_EQ(t.bot.sends, 0);
    });
}

TEST_F(status_messages_of_tasks, a_failed_edit_is_repaired) {
    tells([](telling& t) -> awaitable<void> {
        t.bot.answers = {called{.may_have_happened = true, .why = "cut"},
                         called{.got = answer{.code = 502, .description = "Bad Gateway"}}};
        EXPECT_TRUE(co_await t.shows(100, "begun"));
    });
}

TEST_F(status_messages_of_tasks, the_result_stays_and_its_buttons_keep_their_tokens) {
    tells([](telling& t) -> awaitable<void> {
        EXPECT_TRUE(co_await t.shows(100, "begun"));
        auto before = co_await t.db.query("select string_agg(token, ',') from buttons where standing");
        co_await t.settles();
        EXPECT_EQ((co_await t.it.show({1})).how, delivery::kind::done);
        EXPECT_EQ(t.bot.stands[100], "ready");
        auto after = co_await t.db.query("select string_agg(token, ',') from buttons where standing");
        EXPECT_EQ(std::string(before.text(0, 0)), std::string(after.text(0, 0)));
        EXPECT_TRUE((co_await t.db.query("select ended from task_messages")).boolean(0, 0));
        EXPECT_TRUE((co_await telegram::open_messages(t.db, 10)).empty());
        auto words = co_await t.it.words({1}, {}, "Ready.");
        EXPECT_EQ(words.size(), 1u);
        auto request = json::parse(words.at(0)).as_object();
        EXPECT_EQ(request.at("body").as_object().at("text").as_string(), "Ready.");
        EXPECT_FALSE(request.at("body").as_object().contains("chat_id"));
    });
}

TEST_F(status_messages_of_tasks, what_was_seen_before_the_result_is_not_put_over_it) {
    tells([](telling& t) -> awaitable<void> {
        EXPECT_TRUE(co_await t.shows(100, "begun"));
        event seen(co_await asio::this_coro::executor), on(co_await asio::this_coro::executor);
        t.looked = [&]() -> awaitable<void> {
            if (seen.is_set()) co_return; // the result's edit may go through
            seen.set();
            co_await on.wait();
        };
        t.it.progress({1}, says("pushing"));
        co_await seen.wait();
        co_await t.settles();
        background<delivery> result(co_await asio::this_coro::executor, t.it.show({1}));
        for (int i = 0; i < 50 && !result.finished(); ++i) // time enough for one that does not wait
            co_await t.db.query("select 1");
        on.set();
        co_await result.join();
        EXPECT_TRUE(co_await t.shows(100, "ready"));
        EXPECT_EQ(t.bot.edits, 3);
    });
}

TEST_F(status_messages_of_tasks, a_result_that_another_service_brought_meanwhile_is_brought_again) {
    tells([](telling& t) -> awaitable<void> {
        EXPECT_TRUE(co_await t.shows(100, "begun"));
        bool ended = false;
        t.bot.before = [&]() -> awaitable<void> { // while "pushing" is sent, the other service ends the task
            if (std::exchange(ended, true)) co_return;
            co_await t.settles();
            t.bot.stands[100] = "ready";
            co_await telegram::message_ended(t.db, {1}, 0);
        };
        t.it.progress({1}, says("pushing"));
        EXPECT_TRUE(co_await telegram::testing::comes_true([&] { return t.bot.edits == 3; }));
        EXPECT_EQ(t.bot.stands[100], "ready");
    });
}

TEST_F(status_messages_of_tasks, a_turn_that_begins_meanwhile_is_not_put_over_the_result_of_the_one_before) {
    tells([](telling& t) -> awaitable<void> {
        EXPECT_TRUE(co_await t.shows(100, "begun"));
        co_await t.db.script("insert into task_messages (task_id, turn, chat_id, reply_to) values (1, 1, 7, 8)");
        co_await t.settles();
        bool begun = false; // between the read of the message and that of the task
        t.looking = [&]() -> awaitable<void> {
            if (!std::exchange(begun, true)) co_await t.goes_on(1);
        };
        EXPECT_EQ((co_await t.it.show({1})).how, delivery::kind::done);
        EXPECT_EQ(t.bot.stands[100], "came of turn 0");
        EXPECT_EQ(t.bot.stands[101], "begun");
    });
}

TEST_F(status_messages_of_tasks, a_row_that_cannot_be_read_ends_nothing) {
    tells([](telling& t) -> awaitable<void> {
        EXPECT_TRUE(co_await t.shows(100, "begun"));
        bool broken = false;
        t.looking = [&]() -> awaitable<void> {
            if (!std::exchange(broken, true)) throw std::runtime_error("a state of a newer version");
            co_return;
        };
        t.it.progress({1}, says("one"));
        EXPECT_TRUE(co_await telegram::testing::comes_true([&] { return broken; }));
        t.it.progress({1}, says("two"));
        EXPECT_TRUE(co_await t.shows(100, "two"));
    });
}

TEST_F(status_messages_of_tasks, a_message_that_a_person_deleted_is_sent_anew) {
    tells([](telling& t) -> awaitable<void> {
        EXPECT_TRUE(co_await t.shows(100, "begun"));
        t.bot.stands.erase(100);
        co_await t.settles();
        EXPECT_EQ((co_await t.it.show({1})).how, delivery::kind::done);
        EXPECT_EQ(t.bot.stands[101], "ready");
        EXPECT_EQ((co_await t.db.query("select message_id from task_messages")).number(0, 0), 101);
    });
}

TEST_F(status_messages_of_tasks, of_a_task_from_no_chat_nothing_is_told) {
    tells([](telling& t) -> awaitable<void> {
        co_await t.db.script("delete from task_messages");
        EXPECT_EQ((co_await t.it.show({1})).how, delivery::kind::done);
        EXPECT_TRUE((co_await t.it.words({1}, {}, "x")).empty());
        EXPECT_EQ(t.bot.sends, 0);
    });
}

TEST_F(status_messages_of_tasks, a_turn_that_another_one_followed_shows_what_it_came_to) {
    tells([](telling& t) -> awaitable<void> {
        EXPECT_TRUE(co_await t.shows(100, "begun"));
        co_await t.db.script("insert into task_messages (task_id, turn, chat_id, reply_to) values (1, 1, 7, 8)");
        co_await t.settles();
        EXPECT_EQ((co_await t.it.show({1})).how, delivery::kind::done);
        EXPECT_EQ(t.bot.stands[100], "ready") << "the reply waits";
        EXPECT_EQ(t.bot.sends, 0);
        co_await t.db.script("update task_messages set ended = false");
        co_await t.goes_on(1);
        EXPECT_EQ((co_await t.it.show({1})).how, delivery::kind::done);
        EXPECT_EQ(t.bot.stands[100], "came of turn 0");
        EXPECT_EQ(t.bot.stands[101], "begun") << "the turn that is under way has a message of its own";
        EXPECT_EQ(
            (co_await t.db.query("select string_agg(ended::text, ' ' order by turn) from task_messages")).text(0, 0),
            "true false");
        auto words = co_await t.it.words({1}, 0, "Ready.");
        EXPECT_EQ(words.size(), 1u);
        EXPECT_TRUE(words.at(0).contains("turn 0 done")) << words.at(0);
    });
}

TEST_F(status_messages_of_tasks, a_reply_that_was_taken_back_says_so_in_its_message_and_nowhere_else) {
    tells([](telling& t) -> awaitable<void> {
        co_await t.db.script(
            "insert into task_turns (task_id, turn, instruction) values (1, 1, 'too much'); "
            "insert into task_messages (task_id, turn, chat_id, reply_to, message_id) values (1, 1, 7, 6, 101); "
            "select turn_withdraw(1, 1)");
        t.bot.stands[101] = "Going on with task 1.";
        EXPECT_TRUE(co_await t.shows(100, "begun"));
        EXPECT_EQ((co_await t.it.show({1}, 1)).how, delivery::kind::done);
        EXPECT_TRUE(t.bot.stands[101].starts_with("Your reply to task 1 is longer than 16384 characters"));
        EXPECT_EQ(t.bot.stands[100], "begun");
        EXPECT_EQ(co_await t.it.words({1}, 1, "Withdrawn."), std::vector<std::string>());
        EXPECT_EQ(t.bot.sends, 0);
    });
}

TEST_F(status_messages_of_tasks, a_reply_that_was_taken_back_says_so_when_later_turns_have_begun) {
    tells([](telling& t) -> awaitable<void> {
        EXPECT_TRUE(co_await t.shows(100, "begun"));
        co_await t.db.script(
            "insert into task_turns (task_id, turn, instruction) values (1, 1, 'too much'), (1, 2, 'in short'); "
            "insert into task_messages (task_id, turn, chat_id, reply_to) values (1, 1, 7, 6), (1, 2, 7, 8); "
            "select turn_withdraw(1, 1); update task_turns set state = 'begun' where turn = 2");
        for (auto turn : {2, 3}) {
            co_await t.goes_on(turn);
            co_await t.db.script("update task_messages set message_id = null where turn = 1");
            EXPECT_EQ((co_await t.it.show({1}, 1)).how, delivery::kind::done);
            auto text = t.bot.stands[100 + t.bot.sends];
            EXPECT_TRUE(text.starts_with("Your reply to task 1 is longer than 16384 characters")) << text;
            EXPECT_EQ(co_await t.it.words({1}, 1, "Withdrawn."), std::vector<std::string>());
        }
    });
}

TEST_F(status_messages_of_tasks, the_message_of_a_reply_that_was_taken_back_shows_nothing_else) {
    tells([](telling& t) -> awaitable<void> {
        EXPECT_TRUE(co_await t.shows(100, "begun"));
        co_await t.db.script(
            "insert into task_turns (task_id, turn, instruction) values (1, 1, 'too much'), (1, 2, 'in short'); "
            "insert into task_messages (task_id, turn, chat_id, reply_to, message_id) values (1, 1, 7, 6, 101); "
            "select turn_withdraw(1, 1); update task_turns set state = 'begun' where turn = 2");
        t.bot.stands[101] = "too long";
        co_await t.goes_on(2); // it was written at a terminal and has no message
        co_await t.settles();
        EXPECT_EQ((co_await t.it.show({1}, 2)).how, delivery::kind::done);
        EXPECT_EQ(t.bot.stands[100], "ready");
        EXPECT_EQ(t.bot.stands[101], "too long");
        EXPECT_EQ(t.bot.sends, 0);
    });
}

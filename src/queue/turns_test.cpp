// Replies in transactions of their writers. The other promises about replies are tested in tests/contract.
#include "pgserver/testing.hpp"
#include "queue/pg_tasks.hpp"
#include "queue/turns.hpp"
#include "store/migrate.hpp"

#include <gtest/gtest.h>

using namespace persais;
using queue::reply;
using queue::tasks;

namespace {

struct turns : ::testing::Test {
    pgserver::testing::scratch_database database;

    template <class F>
    void with(F body) {
        pgserver::testing::on_a_loop([](std::string url, F work) -> awaitable<void> {
            store::pool db(co_await asio::this_coro::executor, {.url = secret(std::move(url)), .size = 2});
            co_await store::migrate(db);
            queue::pg_tasks all(db, "me", std::chrono::seconds(10));
            co_await work(db, all);
            db.close();
        }(database.url(), std::move(body)));
    }
};

awaitable<task_id> added(tasks& all) {
    co_return co_await all.add({.remote = "/srv/r.git", .instruction = "mend it", .model = "a/b", .budget_usd = 2});
}

} // namespace

TEST_F(turns, an_instruction_over_its_characters_cannot_be_stored_and_russian_gets_as_many) {
    with([](store::pool&, tasks& all) -> awaitable<void> {
        auto id = co_await added(all);
        EXPECT_TRUE(co_await all.keep_reply(id, {1, std::string(16384, 'x')}));
        std::string russian;
        for (int i = 0; i < 16384; ++i)
            russian += "ж";
        EXPECT_TRUE(co_await all.keep_reply(id, {2, russian}));
        for (const auto& longer : {std::string(16385, 'x'), russian + "ж"}) {
            std::string state;
            try {
                co_await all.keep_reply(id, {3, longer});
            } catch (const store::db_error& e) {
                state = e.sqlstate;
            }
            EXPECT_EQ(state, "23514");
        }
    });
}

TEST_F(turns, a_second_press_takes_its_whole_transaction_back) {
    with([](store::pool& db, tasks& all) -> awaitable<void> {
        auto id = co_await added(all);
        auto press = [&](std::string told) {
            return std::vector<store::statement>{
                {"insert into outbox (task_id, body) values ($1, $2)", {id.str(), std::move(told)}},
                queue::reply_statement(id, {1, "and the tests", 42})};
        };
        co_await db.transact(press("first"));
        std::string state;
        try {
            co_await db.transact(press("second"));
        } catch (const store::db_error& e) {
            state = e.sqlstate;
        }
        EXPECT_EQ(state, "23505");
        auto told = co_await db.query("select string_agg(body, ' ') from outbox");
        EXPECT_EQ(told.text(0, 0), "first");
        EXPECT_EQ((co_await all.load(id))->kept, (reply{1, "and the tests", 42}));
    });
}

TEST_F(turns, a_reply_that_has_grown_is_not_begun_with_the_words_it_had) {
    with([](store::pool& db, tasks& all) -> awaitable<void> {
        auto id = co_await added(all);
        EXPECT_TRUE(co_await all.keep_reply(id, {1, "one"}));
        auto seen = co_await all.load(id);
        co_await db.query("select turn_join($1::bigint, 1, 'two', 1, now(), interval '0')", {id.str()});
        std::string state;
        try {
            co_await all.save(*seen, seen->task, false, {.begins = seen->kept});
        } catch (const store::db_error& e) {
            state = e.sqlstate;
        }
        EXPECT_EQ(state, queue::reply_has_grown);
        auto now = co_await all.load(id);
        EXPECT_EQ(now->kept->instruction, "one\n\ntwo");
        EXPECT_TRUE(co_await all.save(*now, now->task, false, {.begins = now->kept}));
        EXPECT_FALSE((co_await all.load(id))->kept);
    });
}

TEST_F(turns, what_a_turn_came_to_is_not_kept_with_the_message_of_a_reply_that_was_taken_back) {
    with([](store::pool& db, tasks& all) -> awaitable<void> {
        auto id = co_await added(all);
        EXPECT_TRUE(co_await all.keep_reply(id, {1, "too much"}));
        co_await db.script(
            "insert into task_messages (task_id, turn, chat_id, reply_to) values (1, 0, 7, 5), (1, 1, 7, 6); "
            "select turn_withdraw(1, 1)");
        for (int turn : {2, 3}) {
            EXPECT_TRUE(co_await all.keep_reply(id, {turn, "in short"}));
            auto was = co_await all.load(id);
            auto next = was->task;
            next.known.turn = turn;
            EXPECT_TRUE(co_await all.save(*was, next, false, {.begins = was->kept}));
        }
        auto kept = co_await db.query("select string_agg(coalesce(came_to #>> '{facts,turn}', 'nothing'), ' ' order by "
                                      "turn) from task_messages");
        EXPECT_EQ(kept.text(0, 0), "2 nothing");
    });
}

// What people can do about a turn that nobody asked for: it solves the conflict of a landing.
#include "mechanic/step.hpp"
#include "pgserver/testing.hpp"
#include "queue/pg_tasks.hpp"
#include "queue/testing.hpp"
#include "service/tasks.hpp"
#include "store/migrate.hpp"

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::service;
using namespace persais::mechanic;
using namespace std::chrono_literals;

namespace {

const std::string commit(40, 'c');

/// Runs `body` with a task whose deploy met a conflict, and whose turn for it waits in the queue.
template <class F>
void with_conflict(F body) {
    pgserver::testing::scratch_database database;
    pgserver::testing::on_a_loop([](std::string url, F work) -> awaitable<void> {
        store::pool db(co_await asio::this_coro::executor, {.url = secret(std::move(url)), .size = 1});
        co_await store::migrate(db);
        queue::pg_tasks all(db, "me", 10s);
        auto id = co_await all.add({.remote = "/srv/r.git", .instruction = "mend it", .model = "a/b", .budget_usd = 1});
        auto was = co_await all.load(id);
        EXPECT_TRUE(co_await all.save(*was, queue::testing::in_state(was->task, deploying{1, 0, commit, {}}), true));
        auto held = co_await all.load(id);
        auto next = held->task;
        next.known.base_branch = "main";
        replayed conflict{.onto = std::string(40, 'e'), .conflicts = {"a.py"}, .solve = true, .turn = 1};
        EXPECT_TRUE(step(next, conflict, held->read_at));
        queue::side_writes also{.outbox = {"told"}, .begins = queue::reply{1, next.known.asked}};
        EXPECT_TRUE(co_await all.save(*held, next, false, also));
        config::settings settings;
        system_clock time;
        service::tasks rules(settings, all, time);
        co_await work(db, all, rules, id);
        db.close();
    }(database.url(), std::move(body)));
}

} // namespace

TEST(conflict, is_given_up_by_an_abort_which_keeps_the_result) {
    with_conflict([](store::pool& db, queue::pg_tasks& all, service::tasks& rules, task_id id) -> awaitable<void> {
        EXPECT_EQ(co_await rules.abort(id), abort_end::landing) << "no turn of a person's is aborted";
        auto now = co_await all.load(id);
        EXPECT_EQ(now->task.now, state(review{commit, verdict::ready}));
        EXPECT_NE(now->task.known.not_landed.find("Aborted. What was there before stands"), std::string::npos);
        EXPECT_TRUE(now->task.known.was.empty());
        auto told = co_await db.query("select string_agg(body, '|' order by id) from outbox");
        EXPECT_NE(told.text(0, 0).find("nothing was deployed"), std::string_view::npos) << told.text(0, 0);
        auto audit = co_await db.query("select string_agg(what, ',' order by id) from audit");
        EXPECT_EQ(audit.text(0, 0), "deploy_asked,not_deployed") << "its landing ended when the turn began";
        EXPECT_TRUE(co_await rules.deploy(id, {.commit = commit, .by = "7"}, role::admin, relation::owns));
    });
}

TEST(conflict, is_under_way_for_whoever_asks_to_deploy_it_again) {
    with_conflict([](store::pool&, queue::pg_tasks&, service::tasks& rules, task_id id) -> awaitable<void> {
        auto again = co_await rules.deploy(id, {.commit = commit}, role::admin, relation::owns);
        EXPECT_EQ(again.error().why, refusal::reason::under_way);
    });
}

TEST(conflict, is_no_part_of_what_a_new_try_is_asked_for) {
    with_conflict([](store::pool&, queue::pg_tasks& all, service::tasks& rules, task_id id) -> awaitable<void> {
        EXPECT_TRUE(co_await rules.abort(id));
        auto said = co_await rules.reply(id, "and the tests");
        EXPECT_TRUE(said);
        EXPECT_TRUE(co_await rules.abort(id)); // the turn of the reply
        EXPECT_EQ((co_await all.turns_of(id)).size(), 2U);
        auto again = co_await rules.order_of_next_try((co_await all.load(id))->task);
        EXPECT_EQ(again ? again->instruction : again.error().sentence, "mend it\n\nand the tests");
    });
}

TEST(conflict, is_not_taken_for_a_reply_by_a_program_of_before) {
    with_conflict([](store::pool&, queue::pg_tasks& all, service::tasks&, task_id id) -> awaitable<void> {
        auto was = co_await all.load(id);
        auto theirs = was->task;
        theirs.known.was.clear(); // which it does not know
        theirs.now = preparing{1, {}};
        std::string said;
        try {
            co_await all.save(*was, theirs, true);
        } catch (const store::db_error& e) {
            said = e.what();
        }
        EXPECT_NE(said.find("is being made anew"), std::string::npos) << said;
        theirs.known = was->task.known;
        EXPECT_TRUE(co_await all.save(*was, theirs, true));
    });
}

#include "pgserver/testing.hpp"
#include "queue/pg_tasks.hpp"
#include "queue/testing.hpp"
#include "service/tasks.hpp"
#include "store/migrate.hpp"

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::service;
using namespace std::chrono_literals;
using mechanic::verdict;

namespace {

const std::string commit(40, 'c'), other(40, 'd');

/// Runs `body` with a task in this state.
template <class F>
void with_task(mechanic::state now, F body) {
    pgserver::testing::scratch_database database;
    pgserver::testing::on_a_loop([](std::string url, mechanic::state to, F work) -> awaitable<void> {
        store::pool db(co_await asio::this_coro::executor, {.url = secret(std::move(url)), .size = 1});
        co_await store::migrate(db);
        queue::pg_tasks all(db, "me", 10s);
        auto id = co_await all.add({.remote = "/srv/r.git", .instruction = "mend it", .model = "a/b", .budget_usd = 1});
        auto found = co_await all.load(id);
        auto next = queue::testing::in_state(found->task, std::move(to));
        next.known.base_branch = "main";
        EXPECT_TRUE(co_await all.save(*found, next, false));
        config::settings settings;
        system_clock time;
        service::tasks rules(settings, all, time);
        co_await work(all, rules, id);
        db.close();
    }(database.url(), std::move(now), std::move(body)));
}

using why = refusal::reason;

awaitable<why> refused(awaitable<answer<void>> asked) {
    auto said = co_await std::move(asked);
    EXPECT_FALSE(said);
    co_return said ? why::empty : said.error().why;
}

} // namespace

// I6
TEST(deploy, is_of_the_commit_that_was_shown_once_and_by_an_admin) {
    with_task(mechanic::review{commit, verdict::ready},
              [](queue::pg_tasks& all, service::tasks& rules, task_id id) -> awaitable<void> {
                  auto asks = [&](std::string shown, role who, relation what) {
                      return rules.deploy(id, {.commit = std::move(shown), .by = "7"}, who, what);
                  };
                  EXPECT_EQ(co_await refused(asks(commit, role::user, relation::owns)), why::admins_only);
                  EXPECT_EQ(co_await refused(asks(commit, role::user, relation::none)), why::not_yours);
                  EXPECT_EQ(co_await refused(asks(other, role::admin, relation::owns)), why::stale);
                  EXPECT_EQ(mechanic::name_of((co_await all.load(id))->task.now), "review");
                  EXPECT_TRUE(co_await asks(commit, role::admin, relation::owns));
                  auto now = co_await all.load(id);
                  EXPECT_EQ(mechanic::name_of(now->task.now), "queued");
                  EXPECT_EQ(now->task.known.lands->commit, commit);
                  EXPECT_EQ(now->task.known.lands->by, "7");
                  EXPECT_EQ(co_await refused(asks(commit, role::admin, relation::owns)), why::under_way);
              });
}

TEST(deploy, of_a_red_result_needs_an_extra_word) {
    with_task(mechanic::review{commit, verdict::tests_red},
              [](queue::pg_tasks&, service::tasks& rules, task_id id) -> awaitable<void> {
                  auto offer = co_await rules.may_land(id, role::admin, relation::owns, false);
                  EXPECT_TRUE(offer && !offer->green && offer->commit == commit && offer->branch == "main");
                  EXPECT_EQ(co_await refused(rules.deploy(id, {.commit = commit}, role::admin, relation::owns)),
                            why::not_green);
                  EXPECT_TRUE(
                      co_await rules.deploy(id, {.commit = commit, .anyway = true}, role::admin, relation::owns));
              });
}

TEST(deploy, waits_for_no_reply_that_was_given) {
    with_task(mechanic::review{commit, verdict::ready},
              [](queue::pg_tasks& all, service::tasks& rules, task_id id) -> awaitable<void> {
                  EXPECT_TRUE(co_await all.keep_reply(id, {1, "and the tests"}));
                  EXPECT_EQ(co_await refused(rules.deploy(id, {}, role::admin, relation::owns)), why::under_way);
              });
}

TEST(roll_back, is_of_what_was_deployed) {
    with_task(mechanic::deployed{commit},
              [](queue::pg_tasks& all, service::tasks& rules, task_id id) -> awaitable<void> {
                  EXPECT_EQ(co_await refused(rules.deploy(id, {}, role::admin, relation::owns)), why::not_landable);
                  EXPECT_EQ(co_await refused(rules.roll_back(id, {.commit = other}, role::admin, relation::owns)),
                            why::stale);
                  EXPECT_EQ(co_await refused(rules.roll_back({99}, {}, role::admin, relation::owns)), why::no_task);
                  EXPECT_TRUE(co_await rules.roll_back(id, {}, role::admin, relation::owns));
                  auto now = co_await all.load(id);
                  EXPECT_EQ(now->task.known.lands->what, mechanic::landing::kind::roll_back);
                  EXPECT_EQ(now->task.known.lands->commit, commit);
              });
}

TEST(audit, has_who_asked_and_what_came_of_it_and_keeps_it) {
    pgserver::testing::scratch_database database;
    pgserver::testing::on_a_loop([](std::string url) -> awaitable<void> {
        store::pool db(co_await asio::this_coro::executor, {.url = secret(std::move(url)), .size = 1});
        co_await store::migrate(db);
        queue::pg_tasks all(db, "me", 10s);
        auto id = co_await all.add({.remote = "/srv/r.git", .instruction = "mend it", .model = "a/b", .budget_usd = 1});
        auto found = co_await all.load(id);
        EXPECT_TRUE(co_await all.save(
            *found, queue::testing::in_state(found->task, mechanic::review{commit, verdict::ready}), false));
        config::settings settings;
        system_clock time;
        service::tasks rules(settings, all, time);
        EXPECT_TRUE(co_await rules.deploy(id, {.by = "7"}, role::admin, relation::owns));
        EXPECT_TRUE(co_await rules.abort(id));
        auto rows = co_await db.query("select string_agg(what || ' ' || by || ' ' || commit_id, ', ' order by id) "
                                      "from audit");
        EXPECT_EQ(rows.text(0, 0), "deploy_asked 7 " + commit + ", not_deployed 7 " + commit);
        for (const char* change : {"update audit set by = '8'", "delete from audit", "truncate audit"}) {
            std::string said;
            try {
                co_await db.script(change);
            } catch (const store::db_error& e) {
                said = e.what();
            }
            EXPECT_NE(said.find("only added to"), said.npos) << change << ": " << said;
        }
        co_await db.script("delete from tasks");
        EXPECT_EQ((co_await db.query("select count(*) from audit")).number(0, 0), 2);
        db.close();
    }(database.url()));
}

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
using why = refusal::reason;

struct discards : ::testing::Test {
    /// Runs `body` with a task in this state.
    template <class F>
    void with_task(mechanic::state now, F body) {
        pgserver::testing::scratch_database database;
        pgserver::testing::on_a_loop([](std::string url, mechanic::state to, F work) -> awaitable<void> {
            store::pool db(co_await asio::this_coro::executor, {.url = secret(std::move(url)), .size = 1});
            co_await store::migrate(db);
            queue::pg_tasks all(db, "me", 10s);
            auto id =
                co_await all.add({.remote = "/srv/r.git", .instruction = "mend it", .model = "a/b", .budget_usd = 1});
            auto found = co_await all.load(id);
            EXPECT_TRUE(co_await all.save(*found, queue::testing::in_state(found->task, std::move(to)), false));
            config::settings settings;
            system_clock time;
            service::tasks rules(settings, all, time);
            co_await work(all, rules, db, id);
            db.close();
        }(database.url(), std::move(now), std::move(body)));
    }
};

template <class T>
awaitable<std::optional<why>> refused(awaitable<answer<T>> asked) {
    auto said = co_await std::move(asked);
    co_return said ? std::nullopt : std::optional(said.error().why);
}

awaitable<std::string> state_of(queue::pg_tasks& all, task_id id) {
    co_return std::string(mechanic::name_of((co_await all.load(id))->task.now));
}

awaitable<std::int64_t> told(store::pool& db) {
    co_return (co_await db.query("select count(*) from outbox")).number(0, 0);
}

} // namespace

TEST_F(discards, put_away_the_commit_that_was_shown_and_bring_it_back) {
    with_task(mechanic::review{commit, verdict::tests_red},
              [](queue::pg_tasks& all, service::tasks& rules, store::pool& db, task_id id) -> awaitable<void> {
                  EXPECT_EQ(co_await refused(rules.discard(id, other)), why::stale);
                  EXPECT_EQ(co_await refused(rules.undiscard(id)), why::not_landable);
                  EXPECT_EQ(co_await told(db), 0);
                  EXPECT_EQ(co_await refused(rules.discard(id, commit)), std::nullopt);
                  EXPECT_EQ(co_await state_of(all, id), "discarded");
                  EXPECT_EQ(co_await told(db), 1) << "in the commit that changed it";
                  EXPECT_EQ(co_await refused(rules.discard(id)), why::not_landable);
                  EXPECT_EQ(co_await refused(rules.deploy(id, {.anyway = true}, role::admin, relation::owns)),
                            why::not_landable);
                  EXPECT_EQ(co_await refused(rules.undiscard(id, other)), why::stale);
                  EXPECT_EQ(co_await state_of(all, id), "discarded");
                  EXPECT_EQ(co_await refused(rules.undiscard(id, commit)), std::nullopt);
                  auto back = (co_await all.load(id))->task;
                  EXPECT_EQ(back.now, mechanic::state(mechanic::review{commit, verdict::tests_red}));
                  EXPECT_EQ(co_await told(db), 2);
              });
}

TEST_F(discards, are_what_an_abort_of_a_result_is) {
    with_task(mechanic::review{commit, verdict::ready},
              [](queue::pg_tasks& all, service::tasks& rules, store::pool&, task_id id) -> awaitable<void> {
                  EXPECT_EQ((co_await rules.abort(id)).error().why, why::has_result) << "which nobody was shown";
                  EXPECT_EQ((co_await rules.abort(id, other)).error().why, why::stale);
                  EXPECT_EQ(co_await state_of(all, id), "review");
                  EXPECT_EQ(co_await rules.abort(id, commit), abort_end::discarded);
                  EXPECT_EQ(co_await state_of(all, id), "discarded");
                  EXPECT_EQ((co_await rules.abort(id)).error().why, why::ended);
              });
}

TEST_F(discards, wait_for_a_reply_that_was_given_before) {
    with_task(mechanic::review{commit, verdict::ready},
              [](queue::pg_tasks& all, service::tasks& rules, store::pool&, task_id id) -> awaitable<void> {
                  EXPECT_TRUE(co_await all.keep_reply(id, {1, "more", {}}));
                  EXPECT_EQ(co_await refused(rules.discard(id)), why::under_way);
                  EXPECT_EQ(co_await state_of(all, id), "review");
              });
}

TEST_F(discards, are_of_results_only) {
    with_task(mechanic::queued{},
              [](queue::pg_tasks&, service::tasks& rules, store::pool&, task_id id) -> awaitable<void> {
                  EXPECT_EQ(co_await refused(rules.discard(id)), why::under_way);
                  EXPECT_EQ(co_await refused(rules.undiscard(id)), why::under_way);
                  EXPECT_EQ(co_await refused(rules.discard({99})), why::no_task);
              });
}

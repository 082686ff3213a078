#include "base/told.hpp"
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

template <class T>
awaitable<why> refused(awaitable<answer<T>> asked) {
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

namespace {

/// What a person reads who is refused, in both languages.
awaitable<std::string> words_of(awaitable<answer<tasks::landing_begun>> asked) {
    auto said = co_await std::move(asked);
    if (said) co_return "it was allowed";
    auto english = said.error().sentence;
    co_return english + " | " + russian_of(english).value_or("no Russian");
}

/// Another process changes the task between our read and our write, once.
struct raced final : queue::pg_tasks {
    using pg_tasks::pg_tasks;
    std::function<awaitable<void>()> meanwhile;
    int reads = 0;
    awaitable<std::optional<queue::snapshot>> load(task_id id) override {
        ++reads;
        auto found = co_await pg_tasks::load(id);
        if (auto change = std::exchange(meanwhile, {})) co_await change();
        co_return found;
    }
};

mechanic::task with_commit(mechanic::task t, const std::string& to) {
    return queue::testing::in_state(std::move(t), mechanic::review{to, verdict::ready});
}

} // namespace

TEST(deploy, says_in_both_languages_why_not) {
    with_task(mechanic::review{commit, verdict::tests_red},
              [](queue::pg_tasks& all, service::tasks& rules, task_id id) -> awaitable<void> {
                  auto by = [&](tasks::landing_wish wish, role who, relation what) {
                      return words_of(rules.deploy(id, std::move(wish), who, what));
                  };
                  EXPECT_EQ(co_await by({}, role::user, relation::none),
                            "The task is another person's. | Это задача другого человека.");
                  EXPECT_EQ(co_await by({}, role::user, relation::owns),
                            "Only an admin may deploy a result or roll it back. | Выкладывать результат и откатывать "
                            "его может только администратор.");
                  EXPECT_EQ(
                      co_await by({.commit = other, .anyway = true}, role::admin, relation::owns),
                      "Task 1 is at commit cccccccccc by now, not at dddddddddd: look at that one first. | Задача "
                      "1 уже на коммите cccccccccc, а не на dddddddddd: сначала посмотрите на него.");
                  EXPECT_EQ(co_await by({.commit = commit}, role::admin, relation::owns),
                            "The result of task 1 is not green (tests red): deploying it needs an extra word. | "
                            "Результат задачи 1 не прошёл проверки (проверки не прошли): чтобы выложить его, нужно "
                            "подтверждение.");
                  EXPECT_EQ(co_await words_of(rules.deploy({99}, {}, role::admin, relation::owns)),
                            "There is no task 99. | Задачи 99 нет.");
                  EXPECT_EQ(co_await words_of(rules.roll_back(id, {}, role::admin, relation::owns)),
                            "Task 1 has nothing deployed that could be rolled back: in review. | Задача 1 ничего не "
                            "выложила, откатывать нечего: есть результат.");
                  EXPECT_TRUE(co_await all.keep_reply(id, {1, "and the tests"}));
                  EXPECT_EQ(co_await by({}, role::admin, relation::owns),
                            "Task 1 goes on with a reply first. | Задача 1 сначала займётся дополнением.");
              });
}

TEST(deploy, of_a_task_in_any_other_state_is_refused_and_changes_nothing) {
    pgserver::testing::scratch_database database;
    pgserver::testing::on_a_loop([](std::string url) -> awaitable<void> {
        store::pool db(co_await asio::this_coro::executor, {.url = secret(std::move(url)), .size = 1});
        co_await store::migrate(db);
        queue::pg_tasks all(db, "me", 10s);
        config::settings settings;
        system_clock time;
        service::tasks rules(settings, all, time);
        using namespace mechanic;
        for (auto& to :
             std::vector<state>{queued{}, waiting{wait_reason::key, time.now(), time.now() + 1h},
                                failed{verdict::no_change, "", "nothing"}, aborted{}, parked{"x"}, expired{}}) {
            auto id = co_await all.add({.remote = "r", .instruction = "mend it", .model = "a/b", .budget_usd = 1});
            auto found = co_await all.load(id);
            EXPECT_TRUE(co_await all.save(*found, queue::testing::in_state(found->task, to), false)) << name_of(to);
            auto before = (co_await all.load(id))->task;
            bool open = !is_settled(before.now);
            for (bool anyway : {false, true}) {
                tasks::landing_wish wish{.commit = {}, .anyway = anyway, .by = "7"};
                EXPECT_EQ(co_await refused(rules.deploy(id, wish, role::admin, relation::owns)),
                          open ? why::under_way : why::not_landable)
                    << name_of(to);
                EXPECT_EQ(co_await refused(rules.roll_back(id, wish, role::admin, relation::owns)),
                          open ? why::under_way : why::not_landable)
                    << name_of(to);
            }
            auto said = co_await words_of(rules.deploy(id, {}, role::admin, relation::owns));
            EXPECT_FALSE(said.contains("no Russian")) << said;
            EXPECT_FALSE(co_await rules.may_land(id, role::admin, relation::owns, false)) << name_of(to);
            EXPECT_TRUE((co_await all.load(id))->task == before) << name_of(to);
        }
        EXPECT_EQ((co_await db.query("select count(*) from audit")).number(0, 0), 0);
        db.close();
    }(database.url()));
}

TEST(deploy, means_what_was_there_when_the_person_asked_whatever_comes_in_between) {
    pgserver::testing::scratch_database database;
    pgserver::testing::on_a_loop([](std::string url) -> awaitable<void> {
        store::pool db(co_await asio::this_coro::executor, {.url = secret(std::move(url)), .size = 1});
        co_await store::migrate(db);
        raced all(db, "me", 10s);
        config::settings settings;
        system_clock time;
        service::tasks rules(settings, all, time);
        auto id = co_await all.add({.remote = "r", .instruction = "mend it", .model = "a/b", .budget_usd = 1});
        auto found = co_await all.load(id);
        EXPECT_TRUE(co_await all.save(*found, with_commit(found->task, commit), false));
        all.meanwhile = [&]() -> awaitable<void> { // a reply is carried out, and its result takes the place of this one
            co_await db.query(
                "update tasks set state = 'queued', commit_id = null, verdict = null, not_before = now(), "
                "fence = fence + 1 "
                "where id = $1",
                {id.str()});
            auto now = co_await all.load(id);
            EXPECT_TRUE(co_await all.save(*now, with_commit(now->task, other), false));
        };
        all.reads = 0;
        EXPECT_EQ(co_await refused(rules.deploy(id, {.by = "7"}, role::admin, relation::owns)), why::stale)
            << "nobody was shown the new one";
        EXPECT_EQ(all.reads, 3) << "ours, the other's, and ours again";
        auto now = (co_await all.load(id))->task;
        EXPECT_TRUE(now.now == mechanic::state(mechanic::review{other, verdict::ready}));
        EXPECT_FALSE(now.known.lands);
        all.meanwhile = [&]() -> awaitable<void> { // and two admins press at the same time
            EXPECT_TRUE(co_await rules.deploy(id, {.by = "8"}, role::admin, relation::owns));
        };
        EXPECT_EQ(co_await refused(rules.deploy(id, {.by = "7"}, role::admin, relation::owns)), why::under_way);
        auto rows = co_await db.query("select string_agg(what || ' ' || by, ', ') from audit");
        EXPECT_EQ(rows.text(0, 0), "deploy_asked 8") << "it acts once";
        db.close();
    }(database.url()));
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

TEST(deploy, of_what_was_rolled_back_is_of_the_commit_that_took_it_back) {
    with_task(
        mechanic::rolled_back{commit}, [](queue::pg_tasks& all, service::tasks& rules, task_id id) -> awaitable<void> {
            auto was = co_await all.load(id);
            auto green = was->task;
            green.known.stands = mechanic::standing{.made = {.commit = other}, .how = verdict::ready};
            auto offer = co_await rules.may_land(id, role::admin, relation::owns, false);
            EXPECT_TRUE(offer && offer->again && !offer->green) << "an earlier version kept no verdict of it";
            EXPECT_EQ(co_await refused(rules.deploy(id, {.commit = commit}, role::admin, relation::owns)),
                      why::not_green);
            EXPECT_TRUE(co_await all.save(*was, green, false));
            offer = co_await rules.may_land(id, role::admin, relation::owns, false);
            EXPECT_TRUE(offer && offer->again && offer->green && offer->commit == commit);
            EXPECT_EQ(co_await refused(rules.deploy(id, {.commit = commit}, role::user, relation::owns)),
                      why::admins_only);
            EXPECT_EQ(co_await refused(rules.deploy(id, {.commit = other}, role::admin, relation::owns)), why::stale);
            EXPECT_EQ(co_await refused(rules.roll_back(id, {}, role::admin, relation::owns)), why::not_landable);
            EXPECT_TRUE(co_await rules.deploy(id, {.commit = commit, .by = "7"}, role::admin, relation::owns));
            auto now = co_await all.load(id);
            EXPECT_EQ(now->task.known.lands->what, mechanic::landing::kind::deploy_again);
            EXPECT_EQ(now->task.known.lands->commit, commit);
            EXPECT_EQ(co_await refused(rules.deploy(id, {}, role::admin, relation::owns)), why::under_way);
        });
}

#include "base/background.hpp"
#include "mechanic/step.hpp"
#include "pgserver/testing.hpp"
#include "queue/audit.hpp"
#include "queue/pg_tasks.hpp"
#include "queue/testing.hpp"
#include "store/migrate.hpp"

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::mechanic;
using namespace std::chrono_literals;

namespace {

const std::string commit(40, 'c');

struct audit : ::testing::Test {
    pgserver::testing::scratch_database database;

    template <class F>
    void with(F body) {
        pgserver::testing::on_a_loop([](std::string url, F work) -> awaitable<void> {
            store::pool db(co_await asio::this_coro::executor, {.url = secret(std::move(url)), .size = 2});
            co_await store::migrate(db);
            queue::pg_tasks all(db, "me", 10s);
            co_await work(db, all);
            db.close();
        }(database.url(), std::move(body)));
    }
};

/// A task of this repository with a result. The arguments outlive it.
awaitable<task_id> with_result(queue::pg_tasks& all, std::string remote) {
    auto id = co_await all.add({.remote = std::move(remote), .instruction = "x", .model = "a/b", .budget_usd = 1});
    auto found = co_await all.load(id);
    auto next = queue::testing::in_state(found->task, review{commit, verdict::ready});
    EXPECT_TRUE(co_await all.save(*found, next, false));
    co_return id;
}

awaitable<void> happens(queue::pg_tasks& all, task_id id, mechanic::event what, bool claim = false) {
    auto found = co_await all.load(id);
    auto next = found->task;
    EXPECT_TRUE(step(next, what, found->read_at)) << name_of(next.now);
    EXPECT_TRUE(co_await all.save(*found, next, claim));
}

approved deploy(std::string by) {
    return {commit, true, std::move(by)};
}

claimed by_us() {
    return {{fence{1}, time_point{}}};
}

std::string said(const std::vector<queue::audited>& rows) {
    std::string all;
    for (const auto& r : rows)
        all += (r.task ? r.task->str() : "person " + std::to_string(r.person.value())) + " " + r.what + " by " + r.by +
               (r.anyway ? " anyway. " : ". ");
    return all;
}

std::string said(const std::vector<queue::lane>& lanes) {
    std::string all;
    for (const auto& l : lanes) {
        all += l.remote + (l.has ? ": " + l.has->str() : ": nobody");
        for (auto id : l.waiting)
            all += ", " + id.str();
        all += l.back ? " back. " : ". ";
    }
    return all;
}

} // namespace

TEST_F(audit, has_who_decided_what_the_newest_first_and_bounded) {
    with([](store::pool& db, queue::pg_tasks& all) -> awaitable<void> {
        EXPECT_EQ(said(co_await queue::audit_of(db, {}, 10)), "");
        auto one = co_await with_result(all, "/a"), two = co_await with_result(all, "/b");
        co_await happens(all, one, deploy("terminal"));
        co_await happens(all, two, deploy("7"));
        co_await happens(all, two, abort_wished{});
        EXPECT_EQ(said(co_await queue::audit_of(db, {}, 10)),
                  "2 not_deployed by 7 anyway. 2 deploy_asked by 7 anyway. 1 deploy_asked by terminal anyway. ");
        EXPECT_EQ(said(co_await queue::audit_of(db, {}, 1)), "2 not_deployed by 7 anyway. ");
        EXPECT_EQ(said(co_await queue::audit_of(db, one, 10)), "1 deploy_asked by terminal anyway. ");
        EXPECT_EQ(said(co_await queue::audit_of(db, task_id{99}, 10)), "");
        auto row = (co_await queue::audit_of(db, one, 10)).front();
        EXPECT_EQ(row.remote, "/a");
        EXPECT_EQ(row.commit, commit);
        EXPECT_GT(row.at, time_point{} + std::chrono::days(18'000));
    });
}

/// The way of a landing from its claim to its end, without checks.
awaitable<void> lands(queue::pg_tasks& all, task_id id, std::int64_t under, std::string onto, std::string made) {
    co_await happens(all, id, claimed{{fence{under}, time_point{}}}, true);
    co_await happens(all, id, lane_answered{true});
    co_await happens(all, id, replayed{.onto = std::move(onto), .commit = std::move(made)});
    co_await happens(all, id, pushed{});
    co_await happens(all, id, watched{});
}

TEST_F(audit, tells_a_deploy_again_that_came_to_nothing_from_a_rollback) {
    with([](store::pool& db, queue::pg_tasks& all) -> awaitable<void> {
        const std::string base(40, 'b'), taken_back(40, 'd');
        auto id = co_await with_result(all, "/a");
        co_await happens(all, id, deploy("7"));
        co_await lands(all, id, 1, base, commit);
        co_await happens(all, id, roll_back_wished{commit, true, "7"});
        co_await lands(all, id, 2, commit, taken_back);
        co_await happens(all, id, approved{taken_back, true, "8"});
        co_await happens(all, id, abort_wished{});
        EXPECT_EQ(said(co_await queue::audit_of(db, id, 10)),
                  "1 not_deployed by 8 anyway. 1 deploy_asked by 8 anyway. 1 rolled_back by 7 anyway. 1 rollback_asked "
                  "by 7 anyway. "
                  "1 deployed by 7 anyway. 1 deploy_asked by 7 anyway. ");
        EXPECT_EQ((co_await queue::audit_of(db, id, 10)).front().commit, taken_back);
    });
}

TEST_F(audit, names_who_has_the_lane_of_each_repository_and_who_waits) {
    with([](store::pool& db, queue::pg_tasks& all) -> awaitable<void> {
        EXPECT_EQ(said(co_await queue::lanes_of(db)), "");
        auto one = co_await with_result(all, "/a"), two = co_await with_result(all, "/a");
        auto other = co_await with_result(all, "/b");
        for (auto id : {two, one, other})
            co_await happens(all, id, deploy("7"));
        EXPECT_EQ(said(co_await queue::lanes_of(db)), "/a: nobody, 2, 1. /b: nobody, 3. ");
        co_await happens(all, two, by_us(), true);
        EXPECT_EQ(said(co_await queue::lanes_of(db)), "/a: nobody, 2, 1. /b: nobody, 3. ") << "it has not asked yet";
        EXPECT_TRUE((co_await all.take_lane(two, (co_await all.load(two))->at)).taken);
        EXPECT_EQ(said(co_await queue::lanes_of(db)), "/a: 2, 1. /b: nobody, 3. ");
        co_await db.query("update tasks set lease_until = now() - interval '1 second' where id = " + two.str());
        EXPECT_EQ(said(co_await queue::lanes_of(db)), "/a: nobody, 2, 1. /b: nobody, 3. ") << "its worker died";
    });
}

TEST_F(audit, has_each_change_of_a_right) {
    with([](store::pool& db, queue::pg_tasks& all) -> awaitable<void> {
        co_await db.script("insert into people (id, asked_at) values (5, now()), (6, now()), (7, null); "
                           "update people set paired_at = now() where id = 7; "
                           "select person_decide(5, 7, true); select person_decide(6, 7, false); "
                           "select person_put_out(5, 7); update people set name = 'x', seen_at = now(); "
                           "update people set paired_at = now() where id = 7");
        EXPECT_EQ(said(co_await queue::audit_of(db, {}, 10)),
                  "person 5 put_out by 7. person 6 kept_out by 7. person 5 let_in by 7. person 7 made_admin by 7. ");
        auto one = co_await with_result(all, "/a");
        co_await happens(all, one, deploy("7"));
        EXPECT_EQ(said(co_await queue::audit_of(db, one, 10)), "1 deploy_asked by 7 anyway. ");
    });
}

namespace {

/// Those that were written since the audit had `before` rows, in order: "person, what, by, repository, rule".
awaitable<std::string> rights_since(store::pool& db, std::size_t before) {
    auto rows = co_await queue::audit_of(db, {}, 100);
    std::string all;
    for (auto i = rows.size() - before; i-- > 0;) {
        const auto& r = rows.at(i);
        all += (r.person ? std::to_string(*r.person) + " " : "") + r.what + " by " + r.by +
               (r.remote.empty() ? "" : " " + r.remote + ": " + r.detail) + ". ";
    }
    co_return all;
}

} // namespace

TEST_F(audit, has_what_settings_change_of_rights_once) {
    with([](store::pool& db, queue::pg_tasks&) -> awaitable<void> {
        std::vector<queue::right_by_setting> first{{"TELEGRAM_ADMIN_IDS", "1"},
                                                   {"ALLOWED_USER_IDS", "2"},
                                                   {"ALLOWED_USER_IDS", "2"},
                                                   {"DEPLOY_RULES", "team/app", "by=4"}};
        EXPECT_EQ(co_await queue::record_rights(db, first), 3);
        EXPECT_EQ(co_await rights_since(db, 0), "2 let_in by ALLOWED_USER_IDS. rule_set by DEPLOY_RULES team/app: "
                                                "by=4. 1 made_admin by TELEGRAM_ADMIN_IDS. ");
        EXPECT_EQ(co_await queue::record_rights(db, first), 0) << "the next start has no news";
        std::vector<queue::right_by_setting> then{{"TELEGRAM_ADMIN_IDS", "2"}, {"DEPLOY_RULES", "team/app", "by=5"}};
        EXPECT_EQ(co_await queue::record_rights(db, then), 4);
        EXPECT_EQ(co_await rights_since(db, 3), "2 put_out by ALLOWED_USER_IDS. rule_set by DEPLOY_RULES team/app: "
                                                "by=5. 1 no_admin by TELEGRAM_ADMIN_IDS. 2 made_admin by "
                                                "TELEGRAM_ADMIN_IDS. ");
        EXPECT_EQ(co_await queue::record_rights(db, {}), 2);
        EXPECT_EQ(co_await rights_since(db, 7), "rule_gone by DEPLOY_RULES team/app: . 2 no_admin by "
                                                "TELEGRAM_ADMIN_IDS. ");
    });
}

TEST_F(audit, has_them_once_when_several_processes_start_together) {
    with([](store::pool& db, queue::pg_tasks&) -> awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        std::vector<queue::right_by_setting> now{{"TELEGRAM_ADMIN_IDS", "1"}, {"DEPLOY_RULES", "*", "own=off"}};
        background<int> one(executor, queue::record_rights(db, now)), two(executor, queue::record_rights(db, now));
        EXPECT_EQ(co_await one.join() + co_await two.join(), 2);
        EXPECT_EQ((co_await queue::audit_of(db, {}, 100)).size(), 2U);
    });
}

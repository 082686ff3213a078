#include "pgserver/testing.hpp"
#include "queue/audit.hpp"
#include "queue/people.hpp"
#include "store/migrate.hpp"

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::queue;
using namespace std::chrono_literals;

namespace {

struct people : ::testing::Test {
    pgserver::testing::scratch_database database;

    template <class F>
    void with(F body) {
        pgserver::testing::on_a_loop([](std::string url, F work) -> awaitable<void> {
            store::pool db(co_await asio::this_coro::executor, {.url = secret(std::move(url)), .size = 2});
            co_await store::migrate(db);
            co_await work(db);
            db.close();
        }(database.url(), std::move(body)));
    }
};

/// The SQLSTATE of what was refused; empty: it was done.
awaitable<std::string> refused(store::pool& db, store::statement what) {
    std::string state;
    try {
        co_await db.transact({std::move(what)});
    } catch (const store::db_error& e) {
        state = e.sqlstate;
    }
    co_return state;
}

awaitable<std::string> one(store::pool& db, std::string sql) {
    auto r = co_await db.query(std::move(sql));
    co_return std::string(r.text(0, 0));
}

/// A task in this state that the person asked for in the chat.
awaitable<void> task_of(store::pool& db, int person, std::string columns, std::string values) {
    auto r = co_await db.query(
        "insert into tasks (kind, remote, instruction, model, budget_usd, attempts_most, rounds_most, "
        "foreground, fence, " +
        columns + ") values ('change', 'r', 'x', 'm', 1, 3, 2, false, 1, " + values + ") returning id");
    co_await db.query("insert into task_chats (task_id, chat_id, person_id, message_id, language) values ($1, 5, "
                      "$2::bigint, 1, 'en')",
                      {std::string(r.text(0, 0)), std::to_string(person)});
}

} // namespace

TEST_F(people, have_a_role_in_a_repository_or_everywhere) {
    with([](store::pool& db) -> awaitable<void> {
        co_await db.transact(
            {set_role(11, "", "member", "terminal", {1}), set_role(11, "you/shop", "deployer", "1", {1})});
        co_await db.transact({set_role(11, "", "reader", "1", {1})});
        EXPECT_EQ(co_await all_grants(db), (std::vector<role_grant>{{11, "", "reader"}, {11, "you/shop", "deployer"}}));
        co_await db.transact({set_role(11, "you/shop", std::nullopt, "1", {1})});
        EXPECT_EQ(co_await refused(db, set_role(11, "you/shop", std::nullopt, "1", {1})), "PX002") << "there is none";
        auto all = co_await team(db);
        EXPECT_EQ(all.at(0).grants.size(), 1U);
        auto said = co_await audit_of(db, std::nullopt, 9);
        EXPECT_EQ(said.at(0).what, "role_set");
        EXPECT_EQ(said.at(0).detail, "") << "it was taken away";
        EXPECT_EQ(said.at(1).detail, "reader");
    });
}

TEST_F(people, the_last_admin_stays) {
    with([](store::pool& db) -> awaitable<void> {
        co_await db.query("insert into people (id, paired_at) values (11, now())");
        EXPECT_EQ(co_await refused(db, remove_person(11, "terminal", {})), "PX002");
        EXPECT_EQ(co_await refused(db, set_role(11, "", "member", "terminal", {})), "PX002");
        EXPECT_EQ(co_await refused(db, set_role(11, "you/shop", "reader", "terminal", {})), "") << "an admin still";
        co_await db.transact({set_role(22, "", "admin", "11", {})});
        EXPECT_EQ(co_await refused(db, remove_person(11, "22", {})), "") << "who was paired by the code can be put out";
        EXPECT_EQ(co_await one(db, "select count(*) from people where paired_at is not null"), "0");
        EXPECT_EQ(co_await refused(db, set_role(22, "", std::nullopt, "22", {})), "PX002");
        EXPECT_EQ(co_await refused(db, remove_person(22, "terminal", {7})), "") << "the settings name another one";
    });
}

TEST_F(people, who_is_removed_has_nothing_and_nothing_under_way) {
    with([](store::pool& db) -> awaitable<void> {
        co_await db.query(
            "insert into people (id, name, let_in, decided_at, decided_by) values (11, 'Ann', true, now(), 1), "
            "(22, 'Bob', true, now(), 1)");
        co_await db.transact({set_role(11, "you/shop", "deployer", "1", {1}), link(11, {"github", "ann"}, "1")});
        co_await task_of(db, 11, "state, not_before", "'queued', now() + interval '1 hour'");
        co_await task_of(db, 11, "state, wait_reason, wait_until, give_up_at",
                         "'waiting', 'key', now() + interval '1 hour', now() + interval '2 hours'");
        co_await task_of(db, 11, "state, lease_owner, lease_until, attempt", "'preparing', 'w', now(), 1");
        co_await task_of(db, 11, "state, commit_id, verdict, facts",
                         "'review', repeat('c', 40), 'ready', jsonb_build_object('made', jsonb_build_object('commit', "
                         "repeat('c', 40)))");
        co_await task_of(db, 22, "state, not_before", "'queued', now()");
        co_await db.query("insert into task_turns (task_id, turn, instruction, person_id) values (5, 1, 'more', 11)");
        co_await db.query(
            "insert into approvals (task_id, commit_id, person, anyway) values (4, repeat('c', 40), '11', false)");
        EXPECT_EQ(co_await tasks_without_result_of(db, 11), 3);
        auto done = (co_await db.transact({remove_person(11, "1", {1})})).front();
        EXPECT_EQ(done.number(0, 0), 3) << "not the one with a result, and not another person's";
        EXPECT_EQ(done.number(0, 1), 1) << "the reply that waits";
        EXPECT_EQ(co_await one(db, "select string_agg(id::text, ' ' order by id) from tasks where abort_wished"),
                  "1 2 3");
        EXPECT_EQ(
            co_await one(
                db,
                "select count(*) from tasks where id <= 2 and coalesce(not_before, wait_until) <= clock_timestamp()"),
            "2")
            << "a worker looks at them now";
        EXPECT_EQ(co_await one(db, "select count(*) from approvals"), "0");
        EXPECT_EQ((co_await team(db)).size(), 1U);
        EXPECT_EQ(co_await refused(db, remove_person(11, "1", {1})), "PX002") << "there is nothing any more";
    });
}

TEST_F(people, are_known_by_names_elsewhere_with_a_code_that_is_used_once) {
    with([](store::pool& db) -> awaitable<void> {
        co_await db.query("insert into people (id, name) values (11, 'Ann')");
        auto digest = code_digest("a code");
        co_await db.transact({add_link_code(digest, 11, 15min)});
        EXPECT_EQ(co_await refused(db, use_link_code(code_digest("another"), {"github", "ann"})), "PX002");
        auto who = (co_await db.transact({use_link_code(digest, {"terminal", "terminal"})})).front();
        EXPECT_EQ(who.number(0, 0), 11);
        EXPECT_EQ(co_await refused(db, use_link_code(digest, {"terminal", "terminal"})), "PX002") << "it is used up";
        co_await db.transact({add_link_code(digest, 11, -1s)});
        EXPECT_EQ(co_await refused(db, use_link_code(digest, {"gitlab", "ann"})), "PX002") << "it is too old";
        EXPECT_EQ((co_await team(db)).at(0).known_as.at(0).kind, "terminal");
        EXPECT_EQ(co_await refused(db, link(99, {"github", "nobody"}, "1")), "PX002");
    });
}

TEST_F(people, come_by_an_invitation_with_its_role) {
    with([](store::pool& db) -> awaitable<void> {
        co_await db.query("insert into people (id, name) values (11, 'Ann'), (22, 'Bob')");
        co_await db.transact(
            {add_invite(code_digest("one"), 1h, "reader", "you/shop"), add_invite(code_digest("two"), 1h, "", "")});
        co_await db.query("select invite_use($1::bytea, 11)", {"\\x" + code_digest("one")});
        co_await db.query("select invite_use($1::bytea, 22)", {"\\x" + code_digest("two")});
        EXPECT_EQ(co_await all_grants(db), (std::vector<role_grant>{{11, "you/shop", "reader"}}));
        EXPECT_EQ(co_await one(db, "select string_agg(id::text, ' ') from people where let_in"), "22");
    });
}

TEST_F(people, who_is_no_admin_any_more_invites_nobody) {
    with([](store::pool& db) -> awaitable<void> {
        co_await db.query("insert into people (id, paired_at) values (11, now()), (22, null)");
        const std::string invite =
            "insert into invites (code_hash, made_by, expires_at) values (sha256('x'), 11, now() + interval '1 hour') "
            "on conflict do nothing";
        co_await db.query(invite);
        co_await db.transact({set_role(11, "you/shop", "reader", "1", {1}), set_role(11, "", "admin", "1", {1})});
        EXPECT_EQ(co_await one(db, "select count(*) from invites"), "1") << "still an admin";
        co_await db.transact({set_role(11, "", "member", "1", {1, 11})});
        EXPECT_EQ(co_await one(db, "select count(*) from invites"), "1") << "the settings name them";
        co_await db.transact({set_role(11, "", "reader", "1", {1})});
        EXPECT_EQ(co_await one(db, "select count(*) from invites"), "0");
    });
}

TEST_F(people, are_decided_on_by_a_role) {
    with([](store::pool& db) -> awaitable<void> {
        co_await db.query("insert into people (id, asked_at) values (11, now()), (22, now())");
        co_await db.transact({set_role(11, "you/shop", "reader", "7", {7})});
        EXPECT_EQ(co_await one(db, "select string_agg(id || ' ' || decided_by, '|') from people where decided_at is "
                                   "not null"),
                  "11 7");
    });
}

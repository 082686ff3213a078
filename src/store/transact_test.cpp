#include "pgserver/raw_server.hpp"
#include "pgserver/testing_bouncer.hpp"
#include "store/statements.hpp"
#include "store/store.hpp"

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::store;
using namespace persais::pgserver::testing;

namespace {

awaitable<std::string> state_of_all(pool& db, std::vector<statement> all) { // `db` and `all` belong to the test
    try {
        co_await db.transact(std::move(all));
    } catch (const db_error& e) {
        co_return e.sqlstate;
    }
    co_return "";
}

} // namespace

TEST(transact, gives_the_answer_of_each_statement) {
    scratch_database d;
    on_a_loop([](std::string url) -> awaitable<void> {
        pool db(co_await asio::this_coro::executor, {.url = secret(url), .size = 1});
        co_await db.query("create table t (n int)");
        auto got = co_await db.transact({{"insert into t values ($1::int), ($2::int)", {"1", "2"}},
                                         {"select sum(n) from t", {}},
                                         {"select txid_current() = $1::bigint", {"0"}}});
        EXPECT_EQ(got.size(), 3u);
        EXPECT_EQ(got.at(0).affected(), 2);
        EXPECT_EQ(got.at(1).number(0, 0), 3);
        EXPECT_EQ((co_await db.query("select count(*) from t")).number(0, 0), 2);
        EXPECT_TRUE((co_await db.transact({})).empty());
    }(d.url()));
}

TEST(transact, is_all_or_nothing) {
    scratch_database d;
    on_a_loop([](std::string url) -> awaitable<void> {
        pool db(co_await asio::this_coro::executor, {.url = secret(url), .size = 1});
        co_await db.query("create table t (n int unique)");
        EXPECT_EQ(co_await state_of_all(
                      db, {{"insert into t values (1)", {}}, {"select 1 / 0", {}}, {"insert into t values (2)", {}}}),
                  "22012");
        EXPECT_EQ(co_await state_of_all(db, {{"insert into t values (1)", {}}, {"insert into t values (1)", {}}}),
                  "23505");
        EXPECT_EQ((co_await db.query("select count(*) from t")).number(0, 0), 0);
        EXPECT_EQ(co_await state_of_all(db, {{"insert into t values (1)", {}}, {"selec", {}}}), "42601");
        EXPECT_EQ(co_await state_of_all(db, {{"insert into t values (1)", {}}}), "");
        EXPECT_EQ((co_await db.query("select count(*) from t")).number(0, 0), 1);
    }(d.url()));
}

TEST(transact, what_it_says_again_is_prepared_and_survives_a_refusal_and_a_migration) {
    scratch_database d;
    on_a_loop([](std::string url) -> awaitable<void> {
        pool db(co_await asio::this_coro::executor, {.url = secret(url), .size = 1});
        co_await db.query("create table t (n int)");
        std::vector<statement> all{{"insert into t values ($1::int)", {"1"}},
                                   {"insert into t values ($1::int)", {"2"}},
                                   {"select 1 / $1::int", {"1"}},
                                   {"select * from t", {}}};
        auto refused = all;
        refused[2].params = {"0"};
        EXPECT_EQ(co_await state_of_all(db, refused), "22012");
        EXPECT_EQ((co_await db.transact(all)).at(3).size(), 2);
        auto named = co_await db.query("select count(*) from pg_prepared_statements where statement in "
                                       "('insert into t values ($1::int)', 'select * from t')");
        EXPECT_EQ(named.number(0, 0), 2) << "once each";
        co_await db.query("alter table t add m int");
        EXPECT_EQ((co_await db.transact(all)).at(3).size(), 4);
    }(d.url()));
}

TEST(transact, a_connection_that_breaks_is_an_unknown_outcome) {
    scratch_database d;
    on_a_loop([](std::string url) -> awaitable<void> {
        pool db(co_await asio::this_coro::executor, {.url = secret(url), .size = 1});
        EXPECT_EQ(co_await state_of_all(
                      db, {{"select 1", {}}, {"select pg_terminate_backend(pg_backend_pid())", {}}, {"select 2", {}}}),
                  "08007");
        EXPECT_EQ((co_await db.query("select 1")).number(0, 0), 1);
    }(d.url()));
}

TEST(transact, one_that_is_refused_anywhere_writes_nothing_and_leaves_its_connection_as_it_was) {
    scratch_database d;
    on_a_loop([](std::string url) -> awaitable<void> {
        pool db(co_await asio::this_coro::executor, {.url = secret(url), .size = 1});
        co_await db.query("create table t (n int unique deferrable initially deferred)");
        auto session = (co_await db.query("select pg_backend_pid()")).number(0, 0);
        const std::vector<statement> good(6, {"insert into t select coalesce(max(n), 0) + 1 from t", {}});
        std::int64_t there = 0;
        for (auto [bad, state] : {std::pair("select 1 / 0", "22012"),
                                  {"select 'x'::int", "22P02"},
                                  {"selec", "42601"},
                                  {"select * from nowhere", "42P01"},
                                  {"select $1::int", "08P01"},
                                  {"do $$ begin raise exception 'no' using errcode = 'PX001'; end $$", "PX001"}})
            for (std::size_t at = 0; at < good.size(); ++at) {
                auto all = good;
                all[at] = {bad, {}};
                EXPECT_EQ(co_await state_of_all(db, all), state) << bad << " as number " << at;
                EXPECT_EQ((co_await db.query("select count(*) from t")).number(0, 0), there) << bad;
                EXPECT_EQ((co_await db.transact(good)).size(), good.size());
                there += 6;
            }
        EXPECT_EQ(co_await state_of_all(db, {{"insert into t values ($1::int)", {"1"}}, {"select 1", {}}}), "23505")
            << "which is found at the end, when each of them was answered";
        EXPECT_EQ((co_await db.query("select count(*) from t")).number(0, 0), there);
        EXPECT_EQ((co_await db.query("select pg_backend_pid()")).number(0, 0), session);
    }(d.url()));
}

namespace {

const std::string adds = "insert into t values ($1::int)";

/// What a pooler in between can do to the names of a session, of which the pool does not know.
void with_names_changed(std::string by, std::string refusal) {
    scratch_database d;
    on_a_loop([](std::string url, std::string by, std::string refusal) -> awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        pool db(executor, {.url = secret(url), .size = 1});
        co_await db.query("create table t (n int)");
        if (refusal == "26000") co_await db.transact({{adds, {"0"}}});
        co_await db.script(by);
        EXPECT_FALSE(db.status().pooled);
        auto got =
            co_await db.transact({{"select 1", {}}, {adds, {"1"}}, {adds, {"2"}}, {"select count(*) from t", {}}});
        EXPECT_EQ(got.size(), 4u);
        EXPECT_TRUE(db.status().pooled) << refusal << ": from now on nothing has a name";
        auto there = co_await db.query("select count(*) filter (where n > 0) from t");
        EXPECT_EQ(there.number(0, 0), 2) << "each once";
        auto named = co_await db.query("select count(*) from pg_prepared_statements");
        co_await db.transact({{"select 2", {}}, {adds, {"3"}}});
        co_await db.query("select 3");
        EXPECT_EQ((co_await db.query("select count(*) from pg_prepared_statements")).number(0, 0), named.number(0, 0));
    }(d.url(), std::move(by), std::move(refusal)));
}

} // namespace

TEST(transact, survives_a_session_that_lost_its_names) {
    with_names_changed("deallocate all", "26000");
}

TEST(transact, survives_a_session_where_others_have_its_names) {
    with_names_changed("prepare " + *statement_names().fresh(adds) + " as select 1", "42P05");
}

TEST(transact, leaves_no_name_behind_a_transaction_pooler) {
    NEEDS_PGBOUNCER;
    scratch_database d;
    bouncer b(scratch_server::shared().what());
    on_a_loop([](std::string url) -> awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        pool db(executor, {.url = secret(url), .size = 8});
        co_await db.query("create table t (n int)");
        std::list<beside<std::string>> running;
        for (int i = 0; i < 60; ++i) {
            std::vector<statement> all{{adds, {std::to_string(i)}}, {adds, {std::to_string(-i)}}};
            if (i % 3 == 0) all.push_back({"select 1 / $1::int", {"0"}});
            running.emplace_back(executor, state_of_all(db, std::move(all)));
        }
        for (int i = 0; auto& each : running)
            EXPECT_EQ(co_await each.end(), i++ % 3 == 0 ? "22012" : "");
        EXPECT_EQ((co_await db.query("select count(*) from t")).number(0, 0), 80);
        EXPECT_EQ((co_await db.query("select count(*) from pg_prepared_statements")).number(0, 0), 0);
        EXPECT_TRUE(db.status().pooled);
    }(b.url(d.name())));
}

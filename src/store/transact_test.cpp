#include "pgserver/testing.hpp"
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

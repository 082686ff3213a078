#include "pgserver/raw_server.hpp"
#include "pgserver/testing_bouncer.hpp"
#include "store/address.hpp"
#include "store/listener.hpp"
#include "store/migrate.hpp"

/// What the product does with a database, through a real PgBouncer with pool_mode=transaction. The statements of tasks
/// go through one in src/queue/retention_test.cpp.
namespace persais::store {

using namespace pgserver::testing;
using namespace std::chrono_literals;

namespace {

TEST(pooler, migrations_go_by_the_direct_address_or_where_there_is_none_through_it) {
    NEEDS_PGBOUNCER;
    scratch_database d, e;
    bouncer b(scratch_server::shared().what());
    on_a_loop([](secret direct, std::string only_pooled) -> awaitable<void> {
        EXPECT_GT(co_await migrate(pool_options{.url = direct}), 0);
        EXPECT_EQ(co_await migrate(pool_options{.url = direct}), 0);
        EXPECT_GT(co_await migrate(pool_options{.url = secret(only_pooled)}), 0);
        EXPECT_EQ(co_await migrate(pool_options{.url = secret(only_pooled)}), 0);
    }(*direct_url(secret(b.url(d.name())), secret(d.url()), true), b.url(e.name())));
}

TEST(pooler, is_told_by_the_server_and_gets_neither_names_nor_settings) {
    NEEDS_PGBOUNCER;
    bouncer b(scratch_server::shared().what());
    on_a_loop([](std::string url) -> awaitable<void> {
        pool db(co_await asio::this_coro::executor, {.url = secret(url)});
        EXPECT_FALSE(db.status().pooled); // the address does not show it
        co_await db.query("select $1::int", {"1"});
        EXPECT_TRUE(db.status().pooled);
        EXPECT_EQ(direct_url(secret(url), {}, db.status().pooled), std::nullopt);
    }(b.url()));
}

/// The outcomes of many inserts, one after another: each is done or of unknown outcome; nothing else may occur.
awaitable<int> insert_many(pool& db, int from, int to) {
    int unknown = 0;
    for (int i = from; i < to; ++i) {
        try {
            co_await db.query("insert into t values ($1) on conflict do nothing", {std::to_string(i)});
        } catch (const db_error& e) {
            EXPECT_TRUE(e.unknown_outcome()) << e.sqlstate << " " << e.what();
            ++unknown;
        }
    }
    co_return unknown;
}

TEST(pooler, a_restart_of_it_in_the_middle_loses_nothing_that_was_acknowledged) {
    NEEDS_PGBOUNCER;
    scratch_database d;
    bouncer b(scratch_server::shared().what());
    on_a_loop([](bouncer& pooler, std::string name) -> awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        pool db(executor, {.url = secret(pooler.url(name)), .size = 4});
        co_await db.query("create table t (n int primary key)");
        std::list<beside<int>> writers;
        for (int w = 0; w < 8; ++w)
            writers.emplace_back(executor, insert_many(db, w * 200, (w + 1) * 200));
        for (int i = 0; i < 3; ++i) {
            auto so_far = (i + 1) * 200;
            EXPECT_TRUE(co_await becomes_true([&]() -> awaitable<bool> {
                try {
                    auto r = co_await db.query("select count(*) from t");
                    co_return r.number(0, 0) >= so_far;
                } catch (const db_error&) {
                    co_return false;
                }
            }));
            pooler.kill();
            pooler.start();
        }
        int unknown = 0;
        for (auto& w : writers)
            unknown += co_await w.end();
        auto there = (co_await db.query("select count(*) from t")).number(0, 0);
        EXPECT_GE(there, 1600 - unknown);
        EXPECT_LE(there, 1600);
    }(b, d.name()));
}

TEST(pooler, a_server_away_behind_it_is_waited_for) {
    NEEDS_PGBOUNCER;
    raw_server server;
    server.start();
    bouncer b(server.what(), "query_wait_timeout=1"); // how long it holds a statement back before it gives up
    on_a_loop([](raw_server& s, std::string url) -> awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        pool db(executor, {.url = secret(url), .size = 2});
        co_await db.query("create table t (n int)");
        co_await s.stop();
        std::list<beside<rows>> waiting;
        for (int i = 0; i < 4; ++i)
            waiting.emplace_back(executor, db.query("insert into t values (1)"));
        co_await sleep_for(2500ms); // the pooler has failed to connect, and reports that to its clients
        for (auto& one : waiting)
            EXPECT_FALSE(one.ended());
        s.start();
        for (auto& one : waiting)
            EXPECT_EQ((co_await one.end()).affected(), 1);
        EXPECT_EQ((co_await db.query("select count(*) from t")).number(0, 0), 4);
    }(server, b.url()));
}

} // namespace

} // namespace persais::store

#include "pgserver/raw_server.hpp"
#include "pgserver/testing_bouncer.hpp"
#include "store/connections.hpp"
#include "store/limits.hpp"

namespace persais::store {

using namespace pgserver::testing;
using namespace std::chrono_literals;

namespace {

awaitable<void> mixed_queries(pool& db) {
    auto executor = co_await asio::this_coro::executor;
    std::list<beside<rows>> running;
    for (int i = 0; i < 120; ++i)
        running.emplace_back(
            executor, db.query(fmt::format("select $1::int + {} /* text {} */", i % 7, i % 7), {std::to_string(i)}));
    int i = 0;
    for (auto& one : running) {
        EXPECT_EQ((co_await one.end()).number(0, 0), i + i % 7);
        ++i;
    }
}

TEST(statements, are_named_when_the_session_is_ours) {
    scratch_database d;
    on_a_loop([](std::string url) -> awaitable<void> {
        pool db(co_await asio::this_coro::executor, {.url = secret(url), .size = 1});
        for (int i = 0; i < 300; ++i) {
            auto r = co_await db.query(fmt::format("select {} + $1::int", i), {"1"});
            EXPECT_EQ(r.number(0, 0), i + 1);
        }
        for (int i = 0; i < 3; ++i)
            co_await db.query("select 0 + $1::int", {"1"});
        auto r = co_await db.query("select count(*), max(generic_plans + custom_plans) from pg_prepared_statements");
        EXPECT_EQ(r.number(0, 0), static_cast<std::int64_t>(limits::db_prepared));
        EXPECT_EQ(r.number(0, 1), 4); // one of them ran four times
    }(d.url()));
}

TEST(statements, survive_a_session_that_lost_them) {
    scratch_database d;
    on_a_loop([](std::string url) -> awaitable<void> {
        pool db(co_await asio::this_coro::executor, {.url = secret(url), .size = 1});
        EXPECT_EQ((co_await db.query("select 5 + $1::int", {"1"})).number(0, 0), 6);
        co_await db.script("deallocate all");
        EXPECT_EQ((co_await db.query("select 5 + $1::int", {"2"})).number(0, 0), 7);
    }(d.url()));
}

TEST(statements, survive_a_migration_of_their_tables) {
    scratch_database d;
    on_a_loop([](std::string url) -> awaitable<void> {
        pool db(co_await asio::this_coro::executor, {.url = secret(url), .size = 1});
        co_await db.script("create table t (a int); insert into t values (1)");
        for (int i = 0; i < 2; ++i)
            EXPECT_EQ((co_await db.query("select * from t")).column("b"), -1);
        co_await db.script("alter table t add b int default 2");
        for (int i = 0; i < 2; ++i)
            EXPECT_EQ((co_await db.query("select * from t")).number(0, 1), 2);
    }(d.url()));
}

TEST(statements, a_read_only_server_is_left_for_the_next_one) {
    scratch_database d;
    on_a_loop([](std::string url) -> awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        pool db(executor, {.url = secret(url), .size = 1}), admin(executor, {.url = secret(url)});
        co_await db.query("create table t (a int)");
        auto name = std::string((co_await admin.query("select current_database()")).text(0, 0));
        co_await admin.query("alter database " + name + " set default_transaction_read_only = on");
        co_await admin.query("select pg_terminate_backend(pid, 5000) from pg_stat_activity "
                             "where datname = current_database() and pid <> pg_backend_pid()");
        std::vector<std::string> told;
        db.on_change([&](db_change what, const std::string& sentence) {
            if (what != db_change::idle_closed) told.push_back(sentence);
        });
        beside<rows> written(executor, db.query("insert into t values (1)"));
        EXPECT_TRUE(co_await becomes_true([&]() -> awaitable<bool> { co_return !told.empty(); }));
        EXPECT_EQ((co_await db.query("select 1")).number(0, 0), 1); // looking at the status reports nothing
        EXPECT_FALSE(written.ended());
        EXPECT_EQ(db.status().up, false);
        co_await admin.query("alter database " + name + " reset default_transaction_read_only");
        EXPECT_EQ((co_await written.end()).affected(), 1);
        EXPECT_EQ(db.status().up, true);
        EXPECT_EQ(told.size(), 2);
        EXPECT_NE(told.front().find("can only be read now"), std::string::npos) << told.front();
    }(d.url()));
}

TEST(statements, survive_a_transaction_pooler) {
    NEEDS_PGBOUNCER;
    bouncer b(scratch_server::shared().what());
    on_a_loop([](std::string url) -> awaitable<void> {
        pool db(co_await asio::this_coro::executor, {.url = secret(url), .size = 8});
        co_await mixed_queries(db);
        auto left = co_await db.query("select count(*) from pg_prepared_statements");
        EXPECT_EQ(left.number(0, 0), 0); // nothing of ours stays in a session that others use
        EXPECT_EQ((co_await db.query("show statement_timeout")).text(0, 0), "0");
    }(b.url()));
}

TEST(statements, a_hidden_pooler_is_found_out_by_its_errors) {
    NEEDS_PGBOUNCER;
    bouncer b(scratch_server::shared().what());
    on_a_loop([](std::string url) -> awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        // Two connections that each believe to have their own session prepare and run the same text: the pooler mixes
        // them.
        auto all = std::make_shared<connections>(executor, pool_options{.url = secret(url)});
        auto first = co_await all->take(std::chrono::steady_clock::now() + 10s);
        auto second = co_await all->take(std::chrono::steady_clock::now() + 10s);
        std::string met;
        for (int i = 0; i < 10 && met.empty(); ++i) {
            for (auto* c : {&first, &second}) {
                try {
                    co_await (*c)->execute(fmt::format("select {}", i), {}, true);
                } catch (const db_error& e) {
                    met = e.sqlstate;
                }
            }
        }
        EXPECT_TRUE(met == "42P05" || met == "26000") << met;
        all->close();
    }(b.url()));
}

} // namespace

} // namespace persais::store

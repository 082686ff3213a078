#include "pgserver/raw_server.hpp"
#include "store/limits.hpp"

#include <gtest/gtest.h>

namespace persais::store {

using namespace pgserver::testing;
using namespace std::chrono_literals;

namespace {

TEST(pool, binds_parameters_and_reads_values) {
    scratch_database d;
    on_a_loop([](std::string url) -> awaitable<void> {
        pool db(co_await asio::this_coro::executor, {.url = secret(url)});
        auto r = co_await db.query("select $1::bigint + 1 as n, $2::text as t, $3::float8 / 2, $1::int > 3 as b",
                                   {"41", std::nullopt, "3"});
        EXPECT_EQ(r.size(), 1);
        EXPECT_EQ(r.number(0, r.column("n")), 42);
        EXPECT_TRUE(r.null(0, r.column("t")));
        EXPECT_DOUBLE_EQ(r.real(0, 2), 1.5);
        EXPECT_TRUE(r.boolean(0, r.column("b")));
        EXPECT_EQ(r.column("absent"), -1);
        EXPECT_THROW(r.text(1, 0), std::out_of_range);
        EXPECT_THROW(r.number(0, 3), std::logic_error);
        co_await db.query("create table t (n int)");
        EXPECT_EQ((co_await db.query("insert into t select generate_series(1, 7)")).affected(), 7);
        EXPECT_EQ((co_await db.query("update t set n = 0 where n > 5")).affected(), 2);
    }(d.url()));
}

TEST(pool, carries_megabytes_both_ways) {
    scratch_database d;
    on_a_loop([](std::string url) -> awaitable<void> {
        pool db(co_await asio::this_coro::executor, {.url = secret(url)});
        std::string big(20 * 1024 * 1024, 'x');
        auto r = co_await db.query("select $1::text", {big});
        EXPECT_EQ(r.text(0, 0).size(), big.size());
    }(d.url()));
}

TEST(pool, serves_more_requests_than_it_has_connections) {
    scratch_database d;
    on_a_loop([](std::string url) -> awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        pool db(executor, {.url = secret(url), .size = 3}), witness(executor, {.url = secret(url), .size = 1});
        co_await db.query("create table t (n int)");
        co_await witness.query(
            "select pg_advisory_lock(7)"); // so that none ends before there are as many as there may be
        std::list<beside<rows>> running;
        for (int i = 0; i < 100; ++i)
            running.emplace_back(
                executor, db.query("insert into t select $1::int from (select pg_advisory_xact_lock_shared(7)) held",
                                   {std::to_string(i)}));
        std::int64_t waiting = 0;
        while (waiting < 3)
            waiting = (co_await witness.query("select count(*) from pg_stat_activity where datname = "
                                              "current_database() and wait_event = 'advisory'"))
                          .number(0, 0);
        co_await witness.query("select pg_advisory_unlock(7)");
        for (auto& one : running)
            co_await one.end();
        EXPECT_EQ((co_await db.query("select count(distinct n) from t")).number(0, 0), 100);
        auto sessions = co_await db.query("select count(*) from pg_stat_activity where datname = current_database()");
        EXPECT_EQ(sessions.number(0, 0), 3 + 1) << "and that of the witness";
    }(d.url()));
}

TEST(pool, refuses_more_waiting_requests_than_its_limit) {
    on_a_loop([]() -> awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        pool db(executor, {.url = secret("postgresql:///x?host=/nonexistent"), .absent = 300ms});
        std::list<beside<std::string>> running;
        for (std::size_t i = 0; i < limits::db_waiters; ++i)
            running.emplace_back(executor, state_of(db, "select 1"));
        co_await sleep_for(0ms); // lets them start
        auto before = std::chrono::steady_clock::now();
        EXPECT_EQ(co_await state_of(db, "select 1"), "08006");
        EXPECT_LT(std::chrono::steady_clock::now() - before, 100ms);
        for (auto& one : running)
            EXPECT_EQ(co_await one.end(), "08006");
    }());
}

TEST(pool, a_refused_statement_leaves_it_usable) {
    scratch_database d;
    on_a_loop([](std::string url) -> awaitable<void> {
        pool db(co_await asio::this_coro::executor, {.url = secret(url), .size = 1});
        EXPECT_EQ(co_await state_of(db, "select 1 / 0"), "22012");
        EXPECT_EQ(co_await state_of(db, "selec"), "42601");
        EXPECT_EQ(co_await state_of(db, "select 1 / 0"), "22012");
        EXPECT_EQ(co_await state_of(db, "copy pg_class to stdout"), "0A000");
        EXPECT_EQ((co_await db.query("select 1")).number(0, 0), 1);
    }(d.url()));
}

TEST(pool, a_connection_lost_while_a_statement_ran_is_an_unknown_outcome) {
    scratch_database d;
    on_a_loop([](std::string url) -> awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        pool db(executor, {.url = secret(url)});
        beside<std::string> victim(executor, state_of(db, "select pg_sleep(60) /* victim */"));
        EXPECT_TRUE(co_await becomes_true([&]() -> awaitable<bool> {
            auto r =
                co_await db.query("select pg_terminate_backend(pid) from pg_stat_activity "
                                  "where query like '%/* victim */' and pid <> pg_backend_pid() and state = 'active'");
            co_return r.size() == 1;
        }));
        EXPECT_EQ(co_await victim.end(), "08007");
        EXPECT_EQ((co_await db.query("select 1")).number(0, 0), 1);
    }(d.url()));
}

TEST(pool, a_connection_lost_while_idle_is_not_noticed_by_a_request) {
    scratch_database d;
    on_a_loop([](std::string url) -> awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        pool db(executor, {.url = secret(url), .size = 1}), other(executor, {.url = secret(url), .size = 1});
        auto first = (co_await db.query("select pg_backend_pid()")).number(0, 0);
        co_await other.query("select pg_terminate_backend($1, 5000)", {std::to_string(first)});
        EXPECT_NE((co_await db.query("select pg_backend_pid()")).number(0, 0), first);
    }(d.url()));
}

TEST(pool, requests_wait_for_a_server_that_comes_back) {
    raw_server server;
    server.start();
    on_a_loop([](raw_server& s) -> awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        pool db(executor, {.url = secret(s.url()), .size = 2});
        co_await db.query("create table t (n int)");
        co_await s.stop();
        std::list<beside<rows>> waiting;
        for (int i = 0; i < 10; ++i)
            waiting.emplace_back(executor, db.query("insert into t values (1)"));
        co_await sleep_for(300ms); // some attempts fail
        for (auto& one : waiting)
            EXPECT_FALSE(one.ended());
        s.start();
        for (auto& one : waiting)
            co_await one.end();
        EXPECT_EQ((co_await db.query("select count(*) from t")).number(0, 0), 10);
    }(server));
}

TEST(pool, an_absent_database_is_said_after_the_bound) {
    on_a_loop([]() -> awaitable<void> {
        pool db(co_await asio::this_coro::executor,
                {.url = secret("postgresql:///x?host=/nonexistent"), .absent = 200ms});
        auto before = std::chrono::steady_clock::now();
        EXPECT_EQ(co_await state_of(db, "select 1"), "08006");
        auto took = std::chrono::steady_clock::now() - before;
        EXPECT_GE(took, 200ms);
        EXPECT_LT(took, limits::db_absent) << "another bound was counted";
    }());
}

TEST(pool, a_database_that_does_not_exist_is_said_at_once) {
    scratch_database d;
    auto url = d.url();
    url.replace(url.find("/scratch"), 8, "/nothere");
    on_a_loop([](std::string u) -> awaitable<void> {
        pool db(co_await asio::this_coro::executor, {.url = secret(u)});
        EXPECT_EQ(co_await state_of(db, "select 1"), "3D000");
    }(url));
}

TEST(pool, a_statement_over_its_deadline_is_given_up_here_and_on_the_server) {
    scratch_database d;
    on_a_loop([](std::string url) -> awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        pool db(executor, {.url = secret(url), .size = 1, .statement = 200ms}), other(executor, {.url = secret(url)});
        // When the test is stalled for a second, the server's own timeout may be reported first.
        EXPECT_TRUE(co_await becomes_true([&]() -> awaitable<bool> {
            co_return co_await state_of(db, "select pg_sleep(60) /* slow */") == "08007";
        }));
        EXPECT_TRUE(co_await becomes_true([&]() -> awaitable<bool> {
            auto r = co_await other.query("select count(*) from pg_stat_activity where query like '%/* slow */' "
                                          "and state = 'active' and pid <> pg_backend_pid()");
            co_return r.number(0, 0) == 0;
        }));
        EXPECT_TRUE(
            co_await becomes_true([&]() -> awaitable<bool> { co_return (co_await state_of(db, "select 1")).empty(); }));
    }(d.url()));
}

TEST(pool, the_server_itself_ends_a_statement_that_we_cannot_cancel) {
    scratch_database d;
    on_a_loop([](std::string url) -> awaitable<void> {
        pool db(co_await asio::this_coro::executor, {.url = secret(url), .statement = 7s});
        EXPECT_EQ((co_await db.query("show statement_timeout")).text(0, 0), "8s");
    }(d.url()));
}

TEST(pool, a_cancelled_request_leaves_it_usable) {
    scratch_database d;
    on_a_loop([](std::string url) -> awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        pool db(executor, {.url = secret(url), .size = 1});
        beside<rows> running(executor, db.query("select pg_sleep(60)")), waiting(executor, db.query("select 2"));
        co_await sleep_for(100ms);
        waiting.cancel(); // while it waits for the connection
        EXPECT_THROW(co_await waiting.end(), boost::system::system_error);
        running.cancel(); // while its statement runs
        EXPECT_THROW(co_await running.end(), boost::system::system_error);
        EXPECT_EQ((co_await db.query("select 1")).number(0, 0), 1);
    }(d.url()));
}

TEST(pool, a_cancelled_connect_leaves_it_usable) {
    scratch_database d;
    on_a_loop([](std::string url) -> awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        for (int i = 0; i < 50; ++i) { // at another step of connecting each time
            pool db(executor, {.url = secret(url), .size = 1});
            beside<rows> first(executor, db.query("select 1"));
            co_await sleep_for(std::chrono::microseconds(100 * i));
            first.cancel();
            try {
                co_await first.end();
            } catch (const boost::system::system_error&) {
            }
            EXPECT_EQ((co_await db.query("select 1")).number(0, 0), 1);
        }
    }(d.url()));
}

TEST(pool, what_must_not_wait_has_a_connection_when_others_have_them_all) {
    scratch_database d;
    on_a_loop([](std::string url) -> awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        pool db(executor, {.url = secret(url), .size = 2}), witness(executor, {.url = secret(url), .size = 1});
        std::list<beside<std::string>> stuck;
        for (int i = 0; i < 2; ++i)
            stuck.emplace_back(executor, state_of(db, "select pg_sleep(60)"));
        beside<std::string> waiting(executor, state_of(db, "select 1"));
        EXPECT_TRUE(co_await becomes_true([&]() -> awaitable<bool> {
            auto r = co_await witness.query(
                "select from pg_stat_activity where query = 'select pg_sleep(60)' and state = 'active'");
            co_return r.size() == 2 && db.status().waiting == 1;
        }));
        beside<rows> urgent(executor, db.query_first("select 1"));
        for (int i = 0; i < 3; ++i) {
            auto got = co_await with_deadline(20s, db.query_at_once("select $1::int", {std::to_string(i)}));
            EXPECT_EQ(got.number(0, 0), i);
            EXPECT_EQ(db.status().open, 2) << "the one more is closed again";
        }
        EXPECT_FALSE(waiting.ended() || urgent.ended()) << "it is not for others";
        db.close();
        EXPECT_THROW(co_await urgent.end(), db_error);
        for (auto& one : stuck)
            EXPECT_EQ(co_await one.end(), "08007");
        EXPECT_EQ(co_await waiting.end(), "08003");
    }(d.url()));
}

TEST(pool, what_must_not_wait_goes_before_those_who_wait) {
    scratch_database d;
    on_a_loop([](std::string url) -> awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        pool db(executor, {.url = secret(url), .size = 1});
        co_await db.query("create table t (n serial, who text)");
        std::list<beside<rows>> running;
        for (int i = 0; i < 20; ++i)
            running.emplace_back(executor, db.query("insert into t (who) values ('other')"));
        co_await sleep_for(0ms); // lets them start
        running.emplace_back(executor, db.query_first("insert into t (who) values ('second')"));
        running.emplace_back(executor, db.query_at_once("insert into t (who) values ('first')"));
        for (auto& one : running)
            co_await one.end();
        auto urgent = co_await db.query("select who from t where n < 10 and who <> 'other' order by n");
        EXPECT_EQ(urgent.size(), 2);
        EXPECT_EQ(urgent.text(0, 0), "first");
        EXPECT_EQ(db.status().open, 1);
    }(d.url()));
}

TEST(pool, what_goes_first_goes_in_its_order_and_also_when_no_more_may_wait) {
    scratch_database d;
    on_a_loop([](std::string url) -> awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        pool db(executor, {.url = secret(url), .size = 1});
        co_await db.query("create table t (n serial, who text)");
        std::list<beside<rows>> running;
        for (std::size_t i = 0; i < limits::db_waiters + 1; ++i) // one of them is carried out meanwhile
            running.emplace_back(executor, db.query("insert into t (who) values ('other')"));
        co_await sleep_for(0ms); // lets them start
        EXPECT_EQ(static_cast<std::size_t>(db.status().waiting), limits::db_waiters);
        EXPECT_EQ(co_await state_of(db, "insert into t (who) values ('refused')"), "08006");
        for (int i = 0; i < 5; ++i)
            running.emplace_back(executor, db.query_first("insert into t (who) values ($1)", {std::to_string(i)}));
        for (auto& one : running)
            co_await one.end();
        auto urgent = co_await db.query("select string_agg(who, ' ' order by n), max(n) from t where who <> 'other'");
        EXPECT_EQ(urgent.text(0, 0), "0 1 2 3 4");
        EXPECT_LT(urgent.number(0, 1), 20) << "of all that waited";
    }(d.url()));
}

TEST(pool, closing_ends_what_runs_and_refuses_what_comes) {
    scratch_database d;
    on_a_loop([](std::string url) -> awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        pool db(executor, {.url = secret(url), .size = 1}), witness(executor, {.url = secret(url), .size = 1});
        beside<std::string> running(executor, state_of(db, "select pg_sleep(60)")),
            waiting(executor, state_of(db, "select 1"));
        EXPECT_TRUE(co_await becomes_true([&]() -> awaitable<bool> {
            auto r = co_await witness.query(
                "select from pg_stat_activity where query = 'select pg_sleep(60)' and state = 'active'");
            co_return r.size() == 1 && db.status().waiting == 1;
        }));
        db.close();
        EXPECT_EQ(co_await running.end(), "08007");
        EXPECT_EQ(co_await waiting.end(), "08003");
        EXPECT_EQ(co_await state_of(db, "select 1"), "08003");
    }(d.url()));
}

TEST(pool, an_address_that_cannot_be_read_is_not_repeated_in_the_error) {
    asio::io_context io;
    try {
        pool db(io.get_executor(), {.url = secret("postgresql://u:hush@host:port/x?nonsense=1")});
        ADD_FAILURE() << "accepted";
    } catch (const db_error& e) {
        EXPECT_EQ(e.sqlstate, "08001");
        EXPECT_EQ(std::string(e.what()).find("hush"), std::string::npos);
    }
}

} // namespace

} // namespace persais::store

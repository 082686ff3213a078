#include "pgserver/raw_server.hpp"
#include "pgserver/testing_neon.hpp"

namespace persais::store {

using namespace pgserver::testing;
using namespace std::chrono_literals;

namespace {

/// A pool on a Neon-like server, what the pool reported, and a table to write to.
struct world {
    world(const asio::any_io_executor& executor, neon& n, pool_options options = {}) : server(n) {
        options.url = secret(n.url());
        db = std::make_unique<pool>(executor, std::move(options));
        db->on_change([this](db_change what, const std::string& why) {
            told.push_back(what);
            reason = why;
        });
    }
    int times(db_change what) const { return static_cast<int>(std::ranges::count(told, what)); }
    neon& server;
    std::unique_ptr<pool> db;
    std::vector<db_change> told;
    std::string reason;
};

void with(awaitable<void> (*test)(world&), pool_options options = {}) {
    neon n(scratch_server::shared().what());
    on_a_loop([](neon& server, pool_options o, awaitable<void> (*run)(world&)) -> awaitable<void> {
        world w(co_await asio::this_coro::executor, server, std::move(o));
        co_await run(w);
    }(n, std::move(options), test));
}

TEST(neon, requests_wait_for_a_cold_start) {
    with([](world& w) -> awaitable<void> {
        w.server.order("sleep 10"); // the longest time that Neon states
        EXPECT_EQ(w.db->status().up, std::nullopt);
        auto before = std::chrono::steady_clock::now();
        EXPECT_EQ((co_await w.db->query("select 1")).number(0, 0), 1);
        EXPECT_GE(std::chrono::steady_clock::now() - before, 10s);
        EXPECT_EQ(w.server.count("wakes"), 1);
        EXPECT_EQ(w.times(db_change::down), 0);
        EXPECT_EQ(w.times(db_change::up), 1);
        EXPECT_EQ(w.db->status().up, true);
    });
}

TEST(neon, a_connect_that_takes_longer_than_its_limit_is_tried_again) {
    with(
        [](world& w) -> awaitable<void> {
            w.server.order("sleep 2");
            EXPECT_EQ((co_await w.db->query("select 1")).number(0, 0), 1);
            EXPECT_GE(w.times(db_change::down), 1);
            EXPECT_EQ(w.times(db_change::up), 1);
            EXPECT_TRUE(w.db->status().last_error.contains("gave no answer within 0.5 s")) << w.db->status().last_error;
        },
        {.connect = 500ms});
}

TEST(neon, a_compute_that_goes_to_sleep_is_no_outage_and_no_error) {
    with([](world& w) -> awaitable<void> {
        co_await w.db->query("select 1");
        EXPECT_EQ(w.db->status().open, 1);
        w.server.order("sleep 0.2");
        EXPECT_TRUE(co_await becomes_true([&]() -> awaitable<bool> { co_return w.db->status().open == 0; }));
        EXPECT_EQ(w.times(db_change::idle_closed), 1);
        EXPECT_TRUE(w.reason.contains("administrator command")) << w.reason;
        EXPECT_EQ(w.server.count("connections"), 1); // nothing woke the server
        EXPECT_EQ(w.db->status().up, true);
        EXPECT_EQ((co_await w.db->query("select 2")).number(0, 0), 2);
        EXPECT_EQ(w.times(db_change::down), 0);
    });
}

TEST(neon, requests_wait_through_an_outage) {
    with([](world& w) -> awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        co_await w.db->query("select 1");
        w.server.order("away");
        beside<rows> asked(executor, w.db->query("select 3"));
        EXPECT_TRUE(co_await becomes_true([&]() -> awaitable<bool> { co_return w.times(db_change::down) > 0; }));
        EXPECT_TRUE(w.reason.contains("nothing answers at ep-test.eu.aws.neon.tech, the host in DATABASE_URL"))
            << w.reason;
        EXPECT_EQ(w.db->status().up, false);
        EXPECT_EQ(w.db->status().waiting, 1);
        co_await sleep_for(2s); // many failed attempts, reported once
        EXPECT_EQ(w.times(db_change::down), 1);
        w.server.order("back");
        EXPECT_EQ((co_await asked.end()).number(0, 0), 3);
        EXPECT_EQ(w.told.back(), db_change::up);
        EXPECT_EQ(w.db->status().up, true);
        EXPECT_TRUE(w.db->status().last_success.has_value());
        EXPECT_GT(w.db->status().round_trip, 0ms);
    });
}

TEST(neon, a_connection_that_the_network_forgot_is_found_out_before_a_statement_is_sent) {
    with(
        [](world& w) -> awaitable<void> {
            co_await w.db->query("select 1");
            w.server.order("silence");
            EXPECT_EQ((co_await w.db->query("select 2")).number(0, 0), 2);
            EXPECT_EQ(w.server.count("connections"), 2);
        },
        {.doubt = 0ms});
}

TEST(neon, a_failover_to_a_standby_is_waited_out_on_new_connections) {
    with([](world& w) -> awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        co_await w.db->query("create table failover (n int)");
        w.server.order("read_only on");
        w.server.order("drop");
        beside<rows> written(executor, w.db->query("insert into failover values (1)"));
        EXPECT_TRUE(co_await becomes_true([&]() -> awaitable<bool> { co_return w.server.count("connections") > 2; }));
        EXPECT_FALSE(written.ended());
        w.server.order("read_only off");
        EXPECT_EQ((co_await written.end()).affected(), 1);
        co_await w.db->query("drop table failover");
    });
}

TEST(neon, a_full_server_is_waited_for_and_said) {
    with(
        [](world& w) -> awaitable<void> {
            w.server.order("refuse 53300 sorry, too many clients already");
            std::string words;
            do { // the time may be over before any attempt has failed
                try {
                    co_await w.db->query("select 1");
                } catch (const db_error& e) {
                    words = e.what();
                }
            } while (words.contains("gave no answer"));
            EXPECT_TRUE(words.contains("DATABASE_POOL_SIZE")) << words;
            auto executor = co_await asio::this_coro::executor;
            world patient(executor, w.server); // its next attempt is at most 5 s later
            beside<rows> asked(executor, patient.db->query("select 1"));
            EXPECT_TRUE(
                co_await becomes_true([&]() -> awaitable<bool> { co_return patient.times(db_change::down) > 0; }));
            EXPECT_FALSE(asked.ended());
            w.server.order("refuse");
            EXPECT_EQ((co_await asked.end()).size(), 1);
        },
        {.absent = 2s});
}

TEST(neon, a_wrong_address_is_told_by_the_name_of_its_setting) {
    authority known;
    neon n(scratch_server::shared().what(),
           {.password = "right", .tls = known.certificate("ep-test.eu.aws.neon.tech")});
    auto words_of = [&](std::string url, std::string setting = "DATABASE_URL") {
        return on_a_loop([](pool_options options) -> awaitable<std::string> {
            pool db(co_await asio::this_coro::executor, options);
            try {
                co_await db.query("select 1");
            } catch (const db_error& e) {
                co_return e.what();
            }
            co_return "";
        }({.url = secret(url), .ca_file = known.file(), .setting = setting}));
    };
    auto good = n.url("ep-test.eu.aws.neon.tech", "&sslmode=require", "persais:right");
    EXPECT_EQ(words_of(good), "");
    auto url = good;
    EXPECT_EQ(words_of(url.replace(url.find("right"), 5, "hush")),
              "the server refuses the user or the password in DATABASE_URL");
    EXPECT_TRUE(words_of(url.replace(url.find(":hush"), 5, "")).contains("the password in DATABASE_URL"));
    url = good;
    EXPECT_EQ(words_of(url.replace(url.find("/postgres?"), 10, "/nothere?"), "DIRECT_URL"),
              "the server has no database of the name in DIRECT_URL: create it, or correct the name");
}

} // namespace

} // namespace persais::store

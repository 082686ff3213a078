// While others have each connection of the pool, what must not wait tries one more, which the server may refuse.
#include "pgserver/raw_server.hpp"
#include "store/limits.hpp"

#include <fstream>

#include <gtest/gtest.h>

namespace persais::store {

using namespace pgserver::testing;
using namespace std::chrono_literals;

namespace {

/// A role of the shared server that may have two connections, as many as its pool.
class limited_role {
public:
    limited_role() {
        scratch_server::shared().run("create role limited login connection limit 2");
        log_ = scratch_server::shared().what().folder.log();
        from_ = std::filesystem::file_size(log_);
    }
    ~limited_role() { scratch_server::shared().run("drop role limited"); }
    limited_role(const limited_role&) = delete;
    std::string url() const {
        auto url = scratch_server::shared().url();
        return url.replace(url.find("user=persais"), 12, "user=limited");
    }
    /// How often the server refused a connection to it.
    int refusals() const {
        std::ifstream log(log_);
        log.seekg(static_cast<std::streamoff>(from_));
        int count = 0;
        for (std::string line; std::getline(log, line);)
            count += line.contains("too many connections for role") || line.contains("is not permitted to log in");
        return count;
    }

private:
    std::filesystem::path log_;
    std::uintmax_t from_ = 0;
};

/// Has two statements take the pool's two connections, the second one for so many seconds.
awaitable<void> take_both(pool& db, pool& witness, std::list<beside<std::string>>& stuck, std::string seconds) {
    auto executor = co_await asio::this_coro::executor;
    stuck.emplace_back(executor, state_of(db, "select pg_sleep(60)"));
    stuck.emplace_back(executor, state_of(db, "select pg_sleep(" + seconds + ")"));
    EXPECT_TRUE(co_await becomes_true([&]() -> awaitable<bool> {
        auto r = co_await witness.query("select from pg_stat_activity where usename = 'limited' and state = 'active'");
        co_return r.size() == 2;
    }));
}

TEST(one_more, is_tried_again_ever_later_when_the_server_refuses_it) {
    limited_role role;
    on_a_loop([](limited_role& of) -> awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        pool db(executor, {.url = secret(of.url()), .size = 2}),
            witness(executor, {.url = secret(scratch_server::shared().url()), .size = 1});
        std::list<beside<std::string>> stuck;
        co_await take_both(db, witness, stuck, "60");
        auto before = std::chrono::steady_clock::now();
        beside<rows> lease(executor, db.query_at_once("select 42"));
        EXPECT_TRUE(co_await becomes_true([&]() -> awaitable<bool> { co_return of.refusals() >= 5; }));
        // Each pause is at least half of a backoff that doubles.
        EXPECT_GE(std::chrono::steady_clock::now() - before, limits::db_backoff_least * (1 + 2 + 4 + 8) / 2);
        EXPECT_EQ(db.status().up, true) << "its own connections are there";
        co_await witness.query("alter role limited connection limit 3");
        EXPECT_EQ((co_await lease.end()).number(0, 0), 42);
        for (auto* one : {&db, &witness})
            one->close();
        for (auto& one : stuck)
            co_await one.end();
    }(role));
}

TEST(one_more, who_may_not_log_in_any_more_still_has_the_connections_that_it_has) {
    limited_role role;
    on_a_loop([](limited_role& of) -> awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        pool db(executor, {.url = secret(of.url()), .size = 2}),
            witness(executor, {.url = secret(scratch_server::shared().url()), .size = 1});
        std::list<beside<std::string>> stuck;
        co_await take_both(db, witness, stuck, "1");
        co_await witness.query("alter role limited nologin");
        beside<rows> lease(executor, db.query_at_once("select 42"));
        EXPECT_TRUE(co_await becomes_true([&]() -> awaitable<bool> { co_return of.refusals() >= 1; }));
        EXPECT_EQ((co_await lease.end()).number(0, 0), 42) << "as soon as one of them is free";
        EXPECT_EQ(of.refusals(), 1) << "to ask again was hopeless";
        EXPECT_EQ(db.status().up, true);
        for (auto* one : {&db, &witness})
            one->close();
        for (auto& one : stuck)
            co_await one.end();
    }(role));
}

} // namespace

} // namespace persais::store

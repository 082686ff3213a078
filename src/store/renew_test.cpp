// A password changes while a service works: new connections use the new one, and no statement is lost.
#include "pgserver/raw_server.hpp"
#include "store/listener.hpp"

#include <fstream>

namespace persais::store {

using namespace pgserver::testing;
using namespace std::chrono_literals;

namespace {

/// A server where the role `app` needs its password; all other roles log in by the socket alone.
class guarded_server {
public:
    guarded_server() {
        auto rules = server_.what().folder.cluster() / "pg_hba.conf";
        std::stringstream others;
        others << std::ifstream(rules).rdbuf();
        std::ofstream(rules) << "local all app scram-sha-256\n" << others.str();
        server_.start();
        run("create role app login password 'one'");
    }
    std::string admin() const { return server_.url(); }
    std::string app(const std::string& password) const {
        auto url = server_.url();
        return url.replace(url.find("user=persais"), 12, "user=app") + "&password=" + password;
    }
    void run(std::string sql) const {
        on_a_loop([](std::string url, std::string statement) -> awaitable<void> {
            pool db(co_await asio::this_coro::executor, {.url = secret(std::move(url)), .size = 1});
            co_await db.query(std::move(statement));
        }(admin(), std::move(sql)));
    }

private:
    raw_server server_;
};

awaitable<std::int64_t> sessions(pool& admin) {
    auto r = co_await admin.query("select count(*) from pg_stat_activity where usename = 'app'");
    co_return r.number(0, 0);
}

TEST(renew, a_new_password_is_taken_over_and_no_statement_is_lost) {
    guarded_server server;
    on_a_loop([](guarded_server& s) -> awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        pool admin(executor, {.url = secret(s.admin()), .size = 1}),
            holder(executor, {.url = secret(s.admin()), .size = 1});
        pool db(executor, {.url = secret(s.app("one")), .size = 2});
        co_await holder.query("select pg_advisory_lock(1)");
        beside<rows> busy(executor, db.query("select pg_advisory_lock_shared(1), pg_backend_pid()"));
        EXPECT_TRUE(co_await becomes_true([&]() -> awaitable<bool> {
            co_return !(co_await admin.query("select 1 from pg_locks where locktype = 'advisory' and not granted"))
                .empty();
        }));
        auto before = (co_await db.query("select pg_backend_pid()")).number(0, 0);
        EXPECT_EQ(db.status().open, 2);

        co_await admin.query("alter role app password 'two'");
        db.renew(secret(s.app("two")));
        EXPECT_EQ(db.status().open, 1) << "the idle one is closed, the busy one is not";
        EXPECT_NE((co_await db.query("select pg_backend_pid()")).number(0, 0), before);

        co_await holder.query("select pg_advisory_unlock(1)");
        auto kept = co_await busy.end();
        EXPECT_NE(kept.number(0, 1), before) << "it ended in order, on its own session";
        EXPECT_EQ(db.status().open, 1) << "and then was closed";
        EXPECT_TRUE(co_await becomes_true([&]() -> awaitable<bool> { co_return co_await sessions(admin) == 1; }));
        EXPECT_EQ(co_await state_of(db, "select 1"), "");

        pool late(executor, {.url = secret(s.app("one")), .size = 1});
        EXPECT_EQ(co_await state_of(late, "select 1"), "28P01") << "without it the old password is of no use";
        late.renew(secret(s.app("two")));
        EXPECT_EQ(co_await state_of(late, "select 1"), "") << "and with it the pool goes on";
        for (auto* one : {&admin, &holder, &db, &late})
            one->close();
    }(server));
}

TEST(renew, whoever_waits_for_a_database_that_is_away_goes_on_at_the_new_address) {
    on_a_loop([]() -> awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        pool db(executor, {.url = secret("postgresql:///postgres?host=/nonexistent"), .size = 1});
        beside<rows> waiting(executor, db.query("select 42"));
        EXPECT_TRUE(co_await becomes_true([&]() -> awaitable<bool> { co_return db.status().up == false; }));
        db.renew(secret(scratch_server::shared().url()));
        EXPECT_EQ((co_await waiting.end()).number(0, 0), 42);
        db.close();
    }());
}

TEST(renew, an_address_that_cannot_be_read_changes_nothing) {
    on_a_loop([]() -> awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        pool db(executor, {.url = secret(scratch_server::shared().url()), .size = 1});
        auto before = (co_await db.query("select pg_backend_pid()")).number(0, 0);
        EXPECT_THROW(db.renew(secret("postgresql://[half")), db_error);
        db.renew(secret(scratch_server::shared().url())); // the same address: nothing is closed
        EXPECT_EQ((co_await db.query("select pg_backend_pid()")).number(0, 0), before);
        db.close();
    }());
}

TEST(renew, a_listener_that_takes_the_place_of_the_old_one_hears_with_the_new_password) {
    guarded_server server;
    on_a_loop([](guarded_server& s) -> awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        pool admin(executor, {.url = secret(s.admin()), .size = 1});
        event on(executor), heard(executor);
        auto listening_at = [&](std::string url) {
            auto made = std::make_unique<listener>(
                executor, listener_options{.url = secret(std::move(url)), .channels = {"news"}},
                listener_events{.notified = [&](const std::string&, const std::string&) { heard.set(); },
                                .connected = [&] { on.set(); },
                                .lost = {}});
            made->wake();
            return made;
        };
        auto one = listening_at(s.app("one"));
        co_await on.wait();
        co_await admin.query("alter role app password 'two'");
        on.reset();
        one = listening_at(s.app("two"));
        co_await on.wait();
        EXPECT_TRUE(co_await becomes_true([&]() -> awaitable<bool> { co_return co_await sessions(admin) == 1; }));
        co_await admin.query("notify news");
        co_await heard.wait();
        one->close();
        admin.close();
    }(server));
}

} // namespace

} // namespace persais::store

#include "pgserver/raw_server.hpp"
#include "store/listener.hpp"

/// Idle means no SQL, as the server's own statistics count it: a suspended compute stays suspended, and costs nothing.
namespace persais::store {

using namespace pgserver::testing;
using namespace std::chrono_literals;

namespace {

constexpr auto idle_time = 4s; // longer than any pause of the pool or the listener while nothing is wrong

/// The sessions of the database, each with the start of its last statement.
awaitable<std::string> sessions_of(pool& watcher, std::string name) {
    auto r = co_await watcher.query("select coalesce(string_agg(concat_ws(' ', pid, state, query_start, state_change), "
                                    "', ' order by pid), '') from pg_stat_activity where datname = $1",
                                    {name});
    co_return std::string(r.text(0, 0));
}

/// Does some work, then nothing for `idle`, then ends. Returns how many transactions the server counted: sessions
/// report their counts when they end, at the latest.
awaitable<std::int64_t> transactions(pool& watcher, std::string name, std::string url, std::chrono::milliseconds idle) {
    auto executor = co_await asio::this_coro::executor;
    auto counted = [](pool& w, std::string of) -> awaitable<std::int64_t> {
        auto r = co_await w.query("select xact_commit + xact_rollback from pg_stat_database where datname = $1", {of});
        co_return r.number(0, 0);
    };
    auto before = co_await counted(watcher, name);
    {
        pool db(executor, {.url = secret(url), .size = 2});
        event heard(executor);
        listener l(executor, {.url = secret(url), .channels = {"tasks"}},
                   {.notified = [&heard](const std::string&, const std::string&) { heard.set(); },
                    .connected = [&heard] { heard.set(); },
                    .lost = {}});
        l.wake();
        co_await heard.wait();
        heard.reset();
        co_await db.query("select pg_notify('tasks', '')");
        co_await heard.wait();
        auto then = co_await sessions_of(watcher, name);
        co_await sleep_for(idle);
        EXPECT_EQ(co_await sessions_of(watcher, name), then);
        EXPECT_EQ(db.status().open, 1);
        EXPECT_EQ(l.state(), listening::on);
    }
    EXPECT_TRUE(co_await becomes_true([&]() -> awaitable<bool> {
        auto left = co_await sessions_of(watcher, name);
        co_return left.empty();
    }));
    co_return co_await counted(watcher, name) - before;
}

TEST(idle, a_pool_and_a_listener_send_nothing) {
    scratch_database d;
    on_a_loop([](std::string url, std::string name) -> awaitable<void> {
        pool watcher(co_await asio::this_coro::executor, {.url = secret(scratch_server::shared().url()), .size = 1});
        auto busy_only = co_await transactions(watcher, name, url, 0ms);
        auto idle_too = co_await transactions(watcher, name, url, idle_time);
        EXPECT_GT(busy_only, 0);
        EXPECT_EQ(idle_too, busy_only);
    }(d.url(), d.name()));
}

} // namespace

} // namespace persais::store

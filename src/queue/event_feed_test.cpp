#include "pgserver/testing.hpp"
#include "queue/event_feed.hpp"
#include "queue/pg_tasks.hpp"
#include "store/migrate.hpp"

#include <gtest/gtest.h>

namespace persais::queue {
namespace {

using store::pool;
using numbers = std::vector<std::int64_t>;

template <class F>
void with(F body) {
    pgserver::testing::scratch_database database;
    pgserver::testing::on_a_loop([](std::string url, F work) -> awaitable<void> {
        pool db(co_await asio::this_coro::executor, {.url = secret(std::move(url)), .size = 2});
        co_await store::migrate(db);
        co_await work(db);
        db.close();
    }(database.url(), std::move(body)));
}

mechanic::order an_order() {
    return {.remote = "/r.git", .instruction = "Mend it.", .model = "m", .budget_usd = 1};
}

awaitable<void> add(pool& db, task_id of, numbers which) { // the test's own
    for (auto each : which)
        co_await db.query("insert into task_events (task_id, number, fence, kind, body) values ($1, $2::bigint, 1, "
                          "'log', '{\"text\": \"x\"}')",
                          {of.str(), std::to_string(each)});
}

awaitable<numbers> read(pool& db, feed_range which) { // the test's own
    numbers all;
    for (const auto& each : co_await events_of(db, std::move(which)))
        all.push_back(each.what.number);
    co_return all;
}

} // namespace

TEST(event_feed, what_was_missing_comes_later_and_once) {
    with([](pool& db) -> awaitable<void> {
        pg_tasks all(db, "me", std::chrono::seconds(10));
        auto one = co_await all.add(an_order()), other = co_await all.add(an_order());
        co_await db.query("truncate task_events");
        co_await add(db, one, {101, 102, 105});
        auto at = co_await newest_event(db);
        EXPECT_EQ(at.number, 105);
        EXPECT_EQ(at.missing, (numbers{103, 104}));
        co_await add(db, other, {104, 106});
        EXPECT_EQ(co_await read(db, {.after = at, .but = {}, .task = {}}), (numbers{104, 106}));
        EXPECT_EQ(co_await read(db, {.after = at, .but = {}, .task = one}), numbers{});
        EXPECT_EQ(co_await read(db, {.after = {.number = 101}, .upto = 105, .but = {104}, .task = {}}),
                  (numbers{102, 105}));
        co_await db.query("update task_events set at = at - interval '1 hour'");
        EXPECT_EQ((co_await newest_event(db)).missing, numbers{}) << "a transaction that failed long ago";
    });
}

} // namespace persais::queue

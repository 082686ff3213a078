#include "mechanic/step.hpp"
#include "queue/listing.hpp"
#include "queue/tasks.hpp"
#include "store/migrate.hpp"
#include "store/testing.hpp"

#include <gtest/gtest.h>

using namespace persais;
using namespace std::chrono_literals;

namespace {

struct listing : ::testing::Test {
    store::testing::scratch_database database;

    template <class F>
    void with(F body) {
        store::testing::on_a_loop([](std::string url, F work) -> awaitable<void> {
            store::pool db(co_await asio::this_coro::executor, {.url = std::move(url), .size = 2});
            co_await store::migrate(db);
            co_await work(db);
            db.close();
        }(database.url(), std::move(body)));
    }
};

mechanic::order asked(std::string what) {
    return {.remote = "/srv/r.git", .instruction = std::move(what), .model = "a/b", .budget_usd = 2};
}

} // namespace

TEST_F(listing, shows_the_newest_first_and_what_is_open) {
    with([](store::pool& db) -> awaitable<void> {
        queue::tasks all(db, "me", 10s);
        auto first = co_await all.add(asked("one"));
        co_await all.add(asked(std::string(300, 'x')));
        auto held = co_await all.load(first);
        auto next = held->task;
        next.now = mechanic::failed{mechanic::verdict::no_change, "", "nothing"};
        EXPECT_TRUE(co_await all.save(*held, next, false));
        auto shown = co_await queue::list(db);
        EXPECT_EQ(shown.size(), 2U);
        EXPECT_EQ(shown.back().verdict, "no_change");
        EXPECT_EQ(shown.front().instruction.size(), 200U);
        auto open = co_await queue::list(db, {.unsettled = true});
        EXPECT_EQ(open.size(), 1U);
        EXPECT_EQ((co_await queue::list(db, {.state = "failed"})).size(), 1U);
        EXPECT_EQ((co_await queue::list(db, {.most = 1})).size(), 1U);
    });
}

TEST_F(listing, tells_what_happened_in_order_and_from_where_one_left_off) {
    with([](store::pool& db) -> awaitable<void> {
        queue::tasks all(db, "me", 10s);
        auto id = co_await all.add(asked("one"));
        auto found = co_await all.load(id);
        auto next = found->task;
        EXPECT_TRUE(mechanic::step(next, mechanic::claimed{{fence{1}, found->read_at + 10s}}, found->read_at));
        EXPECT_TRUE(co_await all.save(*found, next, true));
        co_await all.note(id, fence{1}, {{.text = "fetching"}});
        auto seen = co_await queue::happenings(db, id);
        EXPECT_EQ(seen.size(), 2U);
        EXPECT_EQ(seen[0].text, "preparing, attempt 1");
        EXPECT_EQ(seen[1].text, "fetching");
        EXPECT_EQ((co_await queue::happenings(db, id, seen[0].number)).size(), 1U);
    });
}

#include "queue/request_duties.hpp"
#include "queue/testing_table.hpp"

using namespace persais;
using namespace persais::queue;
using namespace persais::mechanic;
using namespace std::chrono_literals;

namespace {

struct request_duty_table : queue::testing::table {
    static awaitable<task_id> task(store::pool& db) {
        pg_tasks all(db, "me", 10s);
        co_return co_await all.add(queue::testing::some_order());
    }
};

} // namespace

TEST_F(request_duty_table, gives_each_wish_to_one_and_again_when_its_time_is_over) {
    with([](store::pool& db) -> awaitable<void> {
        auto id = co_await task(db);
        EXPECT_TRUE((co_await claim_request_duties(db, 60s)).empty());
        EXPECT_EQ(co_await next_request_duty(db), std::nullopt);
        co_await db.query("insert into request_duties (task_id, wish, state) values ($1, 'close', 'aborted')",
                          {id.str()});
        auto mine = co_await claim_request_duties(db, 60s);
        EXPECT_EQ(mine.size(), 1U);
        if (mine.empty()) co_return;
        EXPECT_TRUE(mine[0].close && mine[0].state == "aborted" && mine[0].task == id && mine[0].number > 0);
        EXPECT_TRUE((co_await claim_request_duties(db, 60s)).empty()) << "nobody else gets it meanwhile";
        co_await put_off_request_duty(db, mine[0], 0s);
        auto again = co_await claim_request_duties(db, 0s);
        EXPECT_EQ(again.size(), 1U);
        EXPECT_EQ(again.at(0).tries, 1);
        EXPECT_EQ(again.at(0).number, mine[0].number) << "it is the same wish";
        co_await end_request_duty(db, again[0]);
        EXPECT_EQ(co_await next_request_duty(db), std::nullopt);
    });
}

TEST_F(request_duty_table, keeps_a_wish_that_took_the_place_of_the_one_that_was_done) {
    with([](store::pool& db) -> awaitable<void> {
        auto id = co_await task(db);
        co_await db.query("insert into request_duties (task_id, wish, state) values ($1, 'close', 'discarded')",
                          {id.str()});
        auto mine = co_await claim_request_duties(db, 60s);
        co_await db.query(
            "update request_duties set wish = 'reopen', since = clock_timestamp(), next_try = clock_timestamp()");
        co_await end_request_duty(db, mine.at(0));
        auto next = co_await claim_request_duties(db, 60s);
        EXPECT_EQ(next.size(), 1U);
        EXPECT_FALSE(next.at(0).close);
        EXPECT_NE(next.at(0).number, mine.at(0).number);
    });
}

#include "app/wishes.hpp"
#include "queue/pg_tasks.hpp"
#include "store/migrate.hpp"
#include "store/testing.hpp"

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::app;
using namespace std::chrono_literals;

TEST(retry, asks_for_the_same_with_what_the_settings_say_now) {
    store::testing::scratch_database database;
    store::testing::on_a_loop([](std::string url) -> awaitable<void> {
        store::pool db(co_await asio::this_coro::executor, {.url = std::move(url), .size = 1});
        co_await store::migrate(db);
        queue::pg_tasks all(db, "me", 10s);
        mechanic::order asked{.remote = "/srv/r.git",
                              .base_branch = "develop",
                              .instruction = "mend it",
                              .check = "make test",
                              .setup = "make deps",
                              .model = "gone/model",
                              .budget_usd = 0.5,
                              .attempts = 1,
                              .repair_rounds = 0,
                              .foreground = true};
        auto first = co_await all.add(asked);
        config::settings now;
        now.aider_model = "new/model";
        now.budget_task_usd = 4;
        now.task_attempts = 5;
        now.repair_rounds = 2;
        EXPECT_FALSE((co_await retry_task(all, now, first)).has_value()) << "it has not ended";
        system_clock time;
        EXPECT_EQ(co_await abort_task(all, time, first), abort_end::aborted);
        auto second = co_await retry_task(all, now, first);
        EXPECT_TRUE(second.has_value()) << (second ? "" : second.error());
        asked.model = "new/model";
        asked.budget_usd = 4;
        asked.attempts = 5;
        asked.repair_rounds = 2;
        asked.foreground = false;
        asked.retry_of = first;
        EXPECT_EQ((co_await all.load(second.value_or(first)))->task.what, asked);
        db.close();
    }(database.url()));
}

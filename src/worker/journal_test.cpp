#include "pgserver/testing.hpp"
#include "queue/listing.hpp"
#include "queue/pg_tasks.hpp"
#include "store/migrate.hpp"
#include "worker/journal.hpp"

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::worker;
using namespace std::chrono_literals;

TEST(journal, what_was_told_before_a_state_is_saved_with_it_and_stands_before_it) {
    pgserver::testing::scratch_database database;
    pgserver::testing::on_a_loop([](std::string url) -> awaitable<void> {
        store::pool db(co_await asio::this_coro::executor, {.url = secret(std::move(url)), .size = 1});
        co_await store::migrate(db);
        queue::pg_tasks all(db, "me", 10s);
        auto was = co_await all.load(co_await all.add({.remote = "r", .instruction = "i", .model = "m"}));
        auto next = was->task;
        next.now = mechanic::preparing{};
        EXPECT_TRUE(co_await all.save(*was, next, true));
        auto held = *co_await all.load(was->task.id);
        {
            journal notes(all, held.task.id, held.at);
            notes.progress({mechanic::progress::kind::fetching, "r"});
            notes.words("I will ");
            notes.words("mend it.");
            next.now = mechanic::coding{};
            EXPECT_TRUE(co_await all.save(held, next, false));
            held.task = next;
            notes.progress({mechanic::progress::kind::checking, "make"});
            co_await notes.write();
            next.now = mechanic::aborted{};
            EXPECT_TRUE(co_await all.save(held, next, false));
        }
        std::string order;
        for (const auto& h : co_await queue::happenings(db, held.task.id))
            order += h.kind + ": " + (h.kind == "state" ? h.state : h.text) + "\n";
        EXPECT_EQ(order, "state: preparing\nprogress: fetching r\nlog: I will mend it.\nstate: coding\n"
                         "progress: checking: make\nstate: aborted\n");
        db.close();
    }(database.url()));
}

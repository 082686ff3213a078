#include "queue/testing_table.hpp"

using namespace persais;
using namespace persais::mechanic;
using namespace persais::queue::testing;
using namespace std::chrono_literals;
using queue::pg_tasks;
using queue::snapshot;
using queue::tasks;

namespace {

order of_repository(std::string remote) {
    auto o = some_order();
    o.remote = std::move(remote);
    return o;
}

/// The repositories in the order in which `times` claims serve them. Each task is settled before the next claim; with
/// `keep` it stays claimed.
awaitable<std::string> served(tasks& all, int times, bool keep) {
    std::string order;
    for (int i = 0; i < times; ++i) {
        auto held = co_await claim(all);
        if (!held) break;
        order += held->task.what.remote;
        auto next = held->task;
        next.now = aborted{};
        if (!keep) EXPECT_TRUE(co_await all.save(*held, next, false));
    }
    co_return order;
}

} // namespace

TEST_F(table, one_repository_with_a_long_backlog_does_not_hold_up_another) {
    with([](store::pool& db) -> awaitable<void> {
        pg_tasks all(db, "me", 10s);
        for (int i = 0; i < 5; ++i)
            co_await all.add(of_repository("a"));
        for (int i = 0; i < 2; ++i)
            co_await all.add(of_repository("b"));
        co_await all.add(of_repository("c"));
        EXPECT_EQ(co_await served(all, 9, false), "abcabaaa");
    });
}

TEST_F(table, free_workers_go_to_the_repository_with_the_fewest_under_way) {
    with([](store::pool& db) -> awaitable<void> {
        pg_tasks all(db, "me", 10s);
        for (int i = 0; i < 3; ++i)
            co_await all.add(of_repository("a"));
        EXPECT_EQ(co_await served(all, 2, true), "aa");
        co_await all.add(of_repository("b"));
        co_await all.add(of_repository("b"));
        EXPECT_EQ(co_await served(all, 9, true), "bba");
    });
}

TEST_F(table, what_a_dead_worker_left_comes_before_new_work) {
    with([](store::pool& db) -> awaitable<void> {
        pg_tasks all(db, "me", 10s);
        auto left = co_await claim(all, co_await all.add(of_repository("a")));
        co_await all.add(of_repository("b"));
        co_await db.query("update tasks set lease_until = now() - interval '1 second' where lease_until is not null");
        EXPECT_EQ((co_await all.claimable())->task.id, left->task.id);
    });
}

TEST_F(table, says_when_something_falls_due) {
    with([](store::pool& db) -> awaitable<void> {
        pg_tasks all(db, "me", 10s);
        EXPECT_FALSE((co_await all.next_due()).due.has_value());
        co_await all.add(some_order(true)); // a person's foreground task, which workers do not claim
        EXPECT_FALSE((co_await all.next_due()).due.has_value());
        auto id = co_await all.add(some_order());
        EXPECT_EQ((co_await all.next_due()).queued, 1);
        EXPECT_EQ((co_await all.next_due()).due, 0ms);
        auto held = co_await claim(all, id);
        auto due = (co_await all.next_due()).due; // when the lease expires
        EXPECT_GT(due.value_or(0ms), 5s);
        EXPECT_LE(due.value_or(0ms), 10s);
        auto next = held->task;
        next.now = waiting{wait_reason::key, held->read_at + 1h, held->read_at + 24h};
        EXPECT_TRUE(co_await all.save(*held, next, false));
        EXPECT_GT((co_await all.next_due()).due.value_or(0ms), 59min);
        EXPECT_EQ(co_await all.wake({wait_reason::credit}), 0);
        EXPECT_EQ(co_await all.wake({wait_reason::credit, wait_reason::key}), 1);
        EXPECT_EQ((co_await all.next_due()).due, 0ms);
        EXPECT_EQ((co_await all.claimable())->task.id, id);
    });
}

#include "queue/testing_table.hpp"

#include <random>

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
        EXPECT_FALSE((co_await all.claimable()).has_value());
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

namespace {

/// The task that is next by the definition of claimable(), found by looking at every row.
awaitable<std::int64_t> next_by_definition(store::pool& db) {
    auto r = co_await db.query(
        "select h.id from (select distinct on (remote) remote, id, not_before from tasks where state = 'queued' and "
        "not "
        "foreground and not_before <= now() order by remote, not_before, id) h left join lanes l using (remote) order "
        "by "
        "(select count(*) from tasks b where b.remote = h.remote and b.lease_until is not null), l.claimed_at nulls "
        "first, h.not_before, h.id limit 1");
    co_return r.empty() ? 0 : r.number(0, 0);
}

awaitable<void> expect_rows_and_index_to_agree(store::pool& db, pg_tasks& all, int seed) {
    auto by_rows = co_await next_by_definition(db);
    auto found = co_await all.claimable();
    EXPECT_EQ(found ? found->task.id.value : 0, by_rows) << "queue " << seed;
}

} // namespace

TEST_F(table, the_next_task_is_the_same_as_by_looking_at_every_row) {
    with([](store::pool& db) -> awaitable<void> {
        pg_tasks all(db, "me", 1h);
        std::mt19937 chance(7);
        auto upto = [&](int most) { return static_cast<int>(chance() % static_cast<unsigned>(most)); };
        std::vector<snapshot> held;
        for (int seed = 0; seed < 1000; ++seed) {
            if (seed % 50 == 0) { // another queue: other lanes, none of them served yet
                co_await db.query("truncate tasks, lanes cascade");
                held.clear();
            }
            switch (upto(8)) {
            case 0: // somebody asks for something
            case 1:
            case 2:
                co_await all.add(of_repository(std::string(1, static_cast<char>('a' + upto(6)))));
                break;
            case 3: // some wait for later, and for some the time has come
                co_await db.query(
                    fmt::format("update tasks set not_before = clock_timestamp() + interval '{} min' where "
                                "state = 'queued' and id % 5 = {}",
                                upto(2) == 0 ? -1 : 1, upto(5)));
                break;
            case 4: // a person takes one back
                co_await db.query(fmt::format("update tasks set state = 'aborted', not_before = null where state = "
                                              "'queued' and id % 7 = {}",
                                              upto(7)));
                break;
            case 5: // a worker comes to the end of one, which some try again
                if (held.empty()) break;
                {
                    auto done = held.back();
                    held.pop_back();
                    auto next = done.task;
                    next.known.attempts_used = upto(2);
                    if (upto(2) == 0)
                        next.now = aborted{};
                    else
                        next.now = queued{.not_before = done.read_at + std::chrono::minutes(upto(2))};
                    EXPECT_TRUE(co_await all.save(done, next, false));
                }
                break;
            case 6: // what is new among what would be got is claimed at once
            {
                int slots = 1 + upto(4);
                std::vector<task_id> expected, got;
                for (const auto& each : (co_await all.look({}, slots, false)).claimable)
                    if (each.task.known == facts{}) expected.push_back(each.task.id);
                for (auto& each : co_await all.claim_new(slots, preparing{})) {
                    got.push_back(each.task.id);
                    held.push_back(std::move(each));
                }
                EXPECT_EQ(got, expected) << "queue " << seed;
            } break;
            default: // for several slots at once, it is what they would get one after the other
                for (const auto& expected : (co_await all.look({}, 1 + upto(4), false)).claimable) {
                    auto taken = co_await claim(all);
                    EXPECT_EQ(taken ? taken->task.id : task_id{}, expected.task.id) << "queue " << seed;
                    if (taken) held.push_back(*taken);
                }
            }
            co_await expect_rows_and_index_to_agree(db, all, seed);
        }
    });
}

TEST_F(table, nothing_that_is_queued_is_overlooked_whoever_adds_and_claims_at_once) {
    with([](store::pool& db) -> awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        std::vector<std::unique_ptr<pg_tasks>> processes;
        for (int i = 0; i < 4; ++i)
            processes.push_back(std::make_unique<pg_tasks>(db, fmt::format("process {}", i), 1h));
        auto busy = [](pg_tasks& all, int number) -> awaitable<void> {
            for (int i = 0; i < 60; ++i) {
                if ((i + number) % 2 == 0) co_await all.add(of_repository(std::to_string((i + number) % 3)));
                std::vector<snapshot> taken;
                if (i % 3 == 0)
                    taken = co_await all.claim_new(3, preparing{});
                else if (auto one = co_await claim(all))
                    taken.push_back(std::move(*one));
                for (const auto& each : taken) {
                    auto next = each.task;
                    next.now = aborted{};
                    EXPECT_TRUE(co_await all.save(each, next, false)) << "two have claimed it";
                }
            }
        };
        std::vector<background<void>> running;
        for (int i = 0; i < 4; ++i)
            running.emplace_back(executor, busy(*processes[i], i));
        for (auto& one : running)
            co_await one.join();
        pg_tasks last(db, "last", 1h);
        auto there = co_await db.query("select count(*) from tasks where state = 'queued'");
        auto left = there.number(0, 0);
        EXPECT_EQ(static_cast<std::int64_t>((co_await served(last, 1000, false)).size()), left);
        EXPECT_EQ((co_await db.query("select count(*) from tasks where state = 'queued'")).number(0, 0), 0);
    });
}

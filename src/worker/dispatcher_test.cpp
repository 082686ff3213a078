#include "queue/testing_counts.hpp"
#include "queue/testing_table.hpp"
#include "worker/dispatcher.hpp"

using namespace persais;
using namespace persais::queue::testing;
using namespace std::chrono_literals;

namespace {

/// The repository of each task is not there.
class ends_at_once final : public worker::command_executor {
public:
    awaitable<mechanic::event> execute(mechanic::task, mechanic::command, std::string) override {
        co_return mechanic::remote_trouble{"not_found", "There is no such repository."};
    }
    std::optional<std::string> take_conversation() override { return std::nullopt; }
    awaitable<void> put_away() override { co_return; }
    awaitable<void> clean_up(mechanic::task) override { co_return; }
    void leave_behind() override {}
};

/// Runs a dispatcher until so many tasks have ended.
awaitable<void> work_on(store::pool& db, int tasks, int slots) {
    queue::pg_tasks all(db, "me", 10s);
    system_clock time;
    worker::driver_dependencies with{
        .time = time, .leases = all, .requests = all, .make_executor = [](const worker::observer&, task_id, fence) {
            return std::make_unique<ends_at_once>();
        }};
    worker::dispatcher* running = nullptr;
    worker::dispatcher work(with, slots, {.moved = [&](const mechanic::task& t, std::string_view) {
                                if (mechanic::is_settled(t.now) && --tasks == 0) running->leave();
                            }});
    running = &work;
    co_await work.run();
}

} // namespace

TEST(dispatcher, a_task_that_ends_at_once_takes_at_most_four_round_trips) {
    pgserver::testing::scratch_database database;
    pgserver::testing::on_a_loop([](std::string url) -> awaitable<void> {
        counting_pool db(co_await asio::this_coro::executor, {.url = secret(std::move(url)), .size = 4});
        co_await store::migrate(db);
        db.trips = 0;
        queue::pg_tasks adder(db, "somebody", 10s);
        for (int i = 0; i < 40; ++i)
            co_await adder.add(some_order());
        co_await work_on(db, 40, 4);
        EXPECT_LE(db.trips, 4 * 40);
        auto left = co_await db.query("select (select count(*) from tasks where state = 'failed' and fence = 1), "
                                      "(select count(*) from outbox), (select count(*) from task_events)");
        EXPECT_EQ(left.number(0, 0), 40);
        EXPECT_EQ(left.number(0, 1), 40) << "what is told of each";
        EXPECT_EQ(left.number(0, 2), 80) << "that it began, and that it ended";
        db.close();
    }(database.url()));
}

namespace {

/// Counts who works; the first one goes on until it is stopped.
class counted_work final : public worker::command_executor {
public:
    struct counts {
        int begun = 0, at_once = 0, most = 0;
        std::function<void()> first = [] {};
        std::function<awaitable<void>()> later = []() -> awaitable<void> { co_return; };
    };
    counted_work(counts& into, const worker::observer& tell) : counts_(into), tell_(tell) {}
    awaitable<mechanic::event> execute(mechanic::task, mechanic::command, std::string) override {
        struct at_work {
            counts& c;
            explicit at_work(counts& into) : c(into) { c.most = std::max(c.most, ++c.at_once); }
            ~at_work() { --c.at_once; }
        } here(counts_);
        if (++counts_.begun == 1) {
            counts_.first();
            co_await sleep_for(1h);
        }
        co_await counts_.later();
        tell_.agent_text("It is looked at again.");
        co_return mechanic::remote_trouble{"not_found", "There is no such repository."};
    }
    std::optional<std::string> take_conversation() override { return std::nullopt; }
    awaitable<void> put_away() override { co_return; }
    awaitable<void> clean_up(mechanic::task) override { co_return; }
    void leave_behind() override {}

private:
    counts& counts_;
    const worker::observer& tell_;
};

} // namespace

TEST(dispatcher, one_whose_claim_the_database_forgot_has_stopped_before_the_next_one_begins) {
    pgserver::testing::scratch_database database;
    pgserver::testing::on_a_loop([](std::string url) -> awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        store::pool db(executor, {.url = secret(std::move(url)), .size = 4});
        co_await store::migrate(db);
        queue::pg_tasks all(db, "me", 1h);
        co_await all.add(some_order());
        system_clock time;
        counted_work::counts seen;
        worker::driver_dependencies with{.time = time,
                                         .leases = all,
                                         .requests = all,
                                         .make_executor = [&](const worker::observer& tell, task_id, fence) {
                                             return std::make_unique<counted_work>(seen, tell);
                                         }};
        persais::event begun(executor), ended(executor), reaped(executor);
        seen.first = [&] { begun.set(); };
        seen.later = [&]() -> awaitable<void> { co_await reaped.wait(); };
        int most = 0;
        worker::dispatcher_events until{.moved =
                                            [&](const mechanic::task& t, std::string_view) {
                                                if (mechanic::is_settled(t.now)) ended.set();
                                            },
                                        .running =
                                            [&](int now) {
                                                most = std::max(most, now);
                                                if (most == 2 && now == 1) reaped.set();
                                            }};
        worker::dispatcher working(with, 4, until);
        background<void> running(executor, working.run());
        co_await begun.wait();
        co_await db.query("update tasks set state = 'queued', fence = 0, lease_until = null, lease_owner = null, "
                          "attempt = null, not_before = now()");
        working.wake();
        co_await ended.wait();
        working.leave();
        co_await running.join();
        EXPECT_EQ(seen.begun, 2);
        EXPECT_EQ(seen.most, 1);
        EXPECT_EQ((co_await db.query("select fence from tasks where state = 'failed'")).number(0, 0), 1);
        auto kept = co_await db.query("select count(*) from task_events where body::text like '%looked at again%'");
        EXPECT_EQ(kept.number(0, 0), 1) << "what the first one takes down with it is not the other's log";
        db.close();
    }(database.url()));
}

namespace {

/// Works until it is stopped.
class unending final : public worker::command_executor {
public:
    struct counts {
        int at_once = 0, most = 0, left_behind = 0;
        std::function<void()> changed = [] {};
    };
    explicit unending(counts& into) : counts_(into) {}
    awaitable<mechanic::event> execute(mechanic::task, mechanic::command, std::string) override {
        struct at_work {
            counts& c;
            explicit at_work(counts& into) : c(into) {
                c.most = std::max(c.most, ++c.at_once);
                c.changed();
            }
            ~at_work() { --c.at_once; }
        } here(counts_);
        co_await sleep_for(1h);
        co_return mechanic::remote_trouble{"not_found", "It was not stopped."};
    }
    std::optional<std::string> take_conversation() override { return std::nullopt; }
    awaitable<void> put_away() override { co_return; }
    awaitable<void> clean_up(mechanic::task) override { co_return; }
    void leave_behind() override { ++counts_.left_behind; }

private:
    counts& counts_;
};

/// A dispatcher with `slots` at work on `tasks` new tasks, and a test's part in it.
using with_it = std::function<awaitable<void>(worker::dispatcher&, store::pool&, queue::pg_tasks&, unending::counts&)>;

void while_at_work(int tasks, int slots, worker::dispatcher_events events, with_it body) {
    pgserver::testing::scratch_database database;
    auto all_of_it = [&](std::string url) -> awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        store::pool db(executor, {.url = secret(std::move(url)), .size = 4});
        co_await store::migrate(db);
        queue::pg_tasks all(db, "me", 1h);
        for (int i = 0; i < tasks; ++i)
            co_await all.add(some_order());
        system_clock time;
        unending::counts seen;
        persais::event full(executor);
        seen.changed = [&] {
            if (seen.at_once == std::min(tasks, slots)) full.set();
        };
        worker::driver_dependencies with{
            .time = time,
            .leases = all,
            .requests = all,
            .make_executor = [&](const worker::observer&, task_id, fence) { return std::make_unique<unending>(seen); }};
        worker::dispatcher working(with, slots, events);
        background<void> running(executor, working.run());
        co_await full.wait();
        co_await body(working, db, all, seen);
        working.leave();
        co_await running.join();
        EXPECT_EQ(working.running(), 0);
        EXPECT_EQ(seen.at_once, 0);
        EXPECT_LE(seen.most, slots);
        db.close();
    };
    pgserver::testing::on_a_loop(all_of_it(database.url()));
}

} // namespace

TEST(dispatcher, that_leaves_returns_what_it_holds_and_takes_nothing_more) {
    std::vector<int> running;
    std::function<void()> none_left = [] {};
    auto count = [&](int now) {
        running.push_back(now);
        if (now == 0) none_left();
    };
    while_at_work(2, 3, {.running = count},
                  [&](worker::dispatcher& working, store::pool& db, queue::pg_tasks& all,
                      unending::counts& seen) -> awaitable<void> {
                      EXPECT_EQ(working.running(), 2);
                      persais::event gone(co_await asio::this_coro::executor);
                      none_left = [&] { gone.set(); };
                      co_await all.add(some_order()); // for which there is a slot
                      working.leave();
                      working.wake(); // by the doorbell
                      co_await gone.wait();
                      EXPECT_EQ(seen.left_behind, 2) << "the next start removes it";
                      auto left = co_await db.query("select count(*) filter (where state = 'queued' and lease_until is "
                                                    "null), min(fence) from tasks");
                      EXPECT_EQ(left.number(0, 0), 3);
                      EXPECT_EQ(left.number(0, 1), 0) << "the new one was claimed";
                  });
    EXPECT_EQ(running, (std::vector<int>{1, 2, 1, 0}));
}

TEST(dispatcher, a_wish_to_abort_frees_a_slot_for_the_next_task) {
    std::vector<std::string> ended;
    while_at_work(
        3, 2,
        {.moved =
             [&](const mechanic::task& t, std::string_view from) {
                 if (mechanic::is_settled(t.now))
                     ended.push_back(std::string(from) + " " + std::string(name_of(t.now)));
             }},
        [&](worker::dispatcher& working, store::pool& db, queue::pg_tasks& all,
            unending::counts& seen) -> awaitable<void> {
            auto held = co_await db.query("select id from tasks where lease_until is not null order by id limit 1");
            persais::event next(co_await asio::this_coro::executor);
            seen.changed = [&] { next.set(); };
            EXPECT_TRUE(co_await all.wish_abort({held.number(0, 0)}));
            working.wake();
            co_await next.wait();
            seen.changed = [] {};
            EXPECT_EQ(working.running(), 2);
            EXPECT_EQ((co_await db.query("select count(*) from tasks where state = 'queued'")).number(0, 0), 0);
        });
    ASSERT_EQ(ended.size(), 1U);
    EXPECT_TRUE(ended[0].ends_with(" aborted")) << ended[0];
}

TEST(dispatcher, that_loses_its_database_says_so_and_works_on_when_it_is_back) {
    std::vector<std::string> troubles;
    std::function<void()> told = [] {};
    while_at_work(
        1, 1,
        {.database =
             [&](const std::string& trouble) {
                 if (troubles.empty() || troubles.back() != trouble) troubles.push_back(trouble);
                 told();
             }},
        [&](worker::dispatcher& working, store::pool& db, queue::pg_tasks&, unending::counts& seen) -> awaitable<void> {
            persais::event news(co_await asio::this_coro::executor);
            told = [&] { news.set(); };
            co_await db.query("alter table tasks rename to elsewhere");
            working.wake();
            while (troubles.empty() || troubles.back().empty()) {
                news.reset();
                co_await news.wait();
            }
            EXPECT_EQ(seen.at_once, 1) << "its work was stopped by another's trouble";
            co_await db.query("alter table elsewhere rename to tasks");
            working.wake();
            while (!troubles.back().empty()) {
                news.reset();
                co_await news.wait();
            }
            told = [] {};
        });
    ASSERT_GE(troubles.size(), 2U);
    EXPECT_EQ(troubles.back(), "");
}

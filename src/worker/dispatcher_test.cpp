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
    };
    explicit counted_work(counts& into) : counts_(into) {}
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
        co_return mechanic::remote_trouble{"not_found", "There is no such repository."};
    }
    std::optional<std::string> take_conversation() override { return std::nullopt; }
    awaitable<void> put_away() override { co_return; }
    awaitable<void> clean_up(mechanic::task) override { co_return; }
    void leave_behind() override {}

private:
    counts& counts_;
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
                                         .make_executor = [&](const worker::observer&, task_id, fence) {
                                             return std::make_unique<counted_work>(seen);
                                         }};
        persais::event begun(executor), ended(executor);
        seen.first = [&] { begun.set(); };
        worker::dispatcher_events until{.moved = [&](const mechanic::task& t, std::string_view) {
            if (mechanic::is_settled(t.now)) ended.set();
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
        db.close();
    }(database.url()));
}

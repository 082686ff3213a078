// Whose places are used by landings that have not their turn yet.
#include "queue/testing.hpp"
#include "queue/testing_table.hpp"
#include "worker/dispatcher.hpp"

using namespace persais;
using namespace persais::mechanic;
using namespace persais::queue::testing;
using namespace std::chrono_literals;

namespace {

/// Another landing always has the lane, and has made something. All other work goes on until it is stopped.
class never_its_turn final : public worker::command_executor {
public:
    never_its_turn(std::multiset<std::string>& at_work, std::function<void()>& changed)
        : at_work_(at_work), changed_(changed) {}
    awaitable<mechanic::event> execute(task t, command what, std::string) override {
        if (std::holds_alternative<take_lane>(what)) co_return lane_answered{false, std::string(40, 'a')};
        auto me = at_work_.insert(t.known.lands ? "landing " + t.id.str() : "task");
        changed_();
        struct at_end {
            never_its_turn& s;
            std::multiset<std::string>::iterator me;
            ~at_end() { s.at_work_.erase(me); }
        } end{*this, me};
        co_await sleep_for(1h);
        co_return world_trouble{"It was not stopped."};
    }
    std::optional<std::string> take_conversation() override { return std::nullopt; }
    awaitable<void> put_away() override { co_return; }
    awaitable<void> clean_up(task) override { co_return; }
    void leave_behind() override {}

private:
    std::multiset<std::string>& at_work_;
    std::function<void()>& changed_;
};

awaitable<task_id> add_landing(queue::pg_tasks& all, int asked) {
    auto order = some_order();
    order.foreground = true; // the dispatcher leaves it alone until it is a landing
    auto was = co_await all.load(co_await all.add(std::move(order)));
    auto next = in_state(was->task, deploying{1, 0, std::string(40, 'c'), {}});
    next.known.lands->asked = time_point(1'700'000'000s) + std::chrono::seconds(asked);
    next.now = queued{was->read_at};
    next.what.foreground = false;
    EXPECT_TRUE(co_await all.save(*was, next, false));
    co_return was->task.id;
}

struct bench {
    store::pool& db;
    queue::pg_tasks& all;
    worker::dispatcher& working;
    std::multiset<std::string>& at_work;
    std::function<void()>& changed;

    /// Until so many are at work.
    awaitable<void> until(std::size_t count) {
        persais::event there(co_await asio::this_coro::executor);
        changed = [&] {
            if (at_work.size() == count) there.set();
        };
        changed();
        working.wake();
        co_await there.wait();
        changed = [] {};
    }
};

void with_slots(int slots, std::function<awaitable<void>(bench)> body) {
    pgserver::testing::scratch_database database;
    auto all_of_it = [&](std::string url) -> awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        store::pool db(executor, {.url = secret(std::move(url)), .size = 4});
        co_await store::migrate(db);
        queue::pg_tasks all(db, "me", 1h);
        system_clock time;
        std::multiset<std::string> at_work;
        std::function<void()> changed = [] {};
        worker::driver_dependencies with{.time = time,
                                         .leases = all,
                                         .requests = all,
                                         .make_executor = [&](const worker::observer&, task_id, fence) {
                                             return std::make_unique<never_its_turn>(at_work, changed);
                                         }};
        worker::dispatcher working(with, slots, {});
        background<void> running(executor, working.run());
        co_await body({db, all, working, at_work, changed});
        working.leave();
        co_await running.join();
        EXPECT_EQ(at_work.size(), 0U);
        db.close();
    };
    pgserver::testing::on_a_loop(all_of_it(database.url()));
}

using names = std::multiset<std::string>;

} // namespace

TEST(room, a_landing_before_its_turn_leaves_one_place_free) {
    with_slots(3, [](bench on) -> awaitable<void> {
        auto first = co_await add_landing(on.all, 1);
        co_await on.until(1);
        auto second = co_await add_landing(on.all, 2);
        co_await on.until(2);
        EXPECT_EQ(on.at_work, (names{"landing " + first.str(), "landing " + second.str()}));
        auto third = co_await add_landing(on.all, 3);
        co_await on.all.add(some_order());
        co_await on.until(3); // the place that was free is the task's, whoever came first
        EXPECT_EQ(on.at_work, (names{"landing " + first.str(), "landing " + second.str(), "task"}));
        EXPECT_FALSE(on.at_work.contains("landing " + third.str()));
    });
}

TEST(room, the_landing_whose_turn_comes_last_makes_room_for_a_task) {
    with_slots(3, [](bench on) -> awaitable<void> {
        auto first = co_await add_landing(on.all, 1);
        co_await on.until(1);
        auto second = co_await add_landing(on.all, 2);
        co_await on.until(2);
        co_await on.all.add(some_order());
        co_await on.until(3);
        co_await on.all.add(some_order());
        persais::event there(co_await asio::this_coro::executor);
        on.changed = [&] {
            if (on.at_work.count("task") == 2) there.set();
        };
        on.working.wake();
        co_await there.wait();
        on.changed = [] {};
        EXPECT_EQ(on.at_work, (names{"landing " + first.str(), "task", "task"}));
        auto back =
            co_await on.db.query("select state, not_before > now(), facts #> '{lands,beside}' is null from tasks "
                                 "where id = " +
                                 second.str());
        EXPECT_EQ(back.text(0, 0), "queued");
        EXPECT_TRUE(back.boolean(0, 1)) << "its place is not to be taken by itself at once";
        EXPECT_TRUE(back.boolean(0, 2));
    });
}

TEST(room, with_one_place_nothing_is_begun_before_its_turn) {
    with_slots(1, [](bench on) -> awaitable<void> {
        co_await add_landing(on.all, 1);
        co_await on.all.add(some_order());
        co_await on.until(1);
        EXPECT_EQ(on.at_work, (names{"task"}));
    });
}

#include "queue/testing_counts.hpp"
#include "queue/testing_table.hpp"
#include "worker/dispatcher.hpp"

using namespace persais;
using namespace persais::queue::testing;
using namespace std::chrono_literals;

namespace {

/// Says when it was begun.
class noticed final : public worker::command_executor {
public:
    awaitable<mechanic::event> execute(mechanic::task, mechanic::command, std::string) override {
        co_return mechanic::remote_trouble{"not_found", "There is no such repository."};
    }
    std::optional<std::string> take_conversation() override { return std::nullopt; }
    awaitable<void> put_away() override { co_return; }
    awaitable<void> clean_up(mechanic::task) override { co_return; }
    void leave_behind() override {}
};

/// Counts the round trips, and loses the answers to the next claims of new tasks.
class losing_pool final : public counting_pool {
public:
    using counting_pool::counting_pool;
    awaitable<store::rows> query(std::string sql, std::vector<store::param> params = {}) override {
        bool lost = sql.find("claim_new_tasks") != sql.npos && lose > 0 && lose-- > 0;
        auto answer = co_await counting_pool::query(std::move(sql), std::move(params));
        if (lost) throw store::db_error("08007", "the connection was lost");
        co_return answer;
    }
    int lose = 0;
};

/// A dispatcher with four slots that has seen an empty queue, and a test's part in it until `tasks` have ended.
struct begun {
    losing_pool& db;
    queue::pg_tasks& all;
    worker::dispatcher& working;
    std::vector<int>& trips; // so many had been made when each task was begun
};

void with_it(int tasks, std::function<awaitable<void>(begun)> body) {
    pgserver::testing::scratch_database database;
    auto all_of_it = [&](std::string url) -> awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        losing_pool db(executor, {.url = secret(std::move(url)), .size = 4});
        co_await store::migrate(db);
        queue::pg_tasks all(db, "me", 1h);
        system_clock time;
        std::vector<int> trips;
        worker::driver_dependencies with{.time = time,
                                         .leases = all,
                                         .requests = all,
                                         .make_executor = [&](const worker::observer&, task_id, fence) {
                                             trips.push_back(db.trips);
                                             return std::make_unique<noticed>();
                                         }};
        persais::event asleep(executor);
        worker::dispatcher* running = nullptr;
        worker::dispatcher working(with, 4,
                                   {.moved =
                                        [&](const mechanic::task& t, std::string_view) {
                                            if (mechanic::is_settled(t.now) && --tasks == 0) running->leave();
                                        },
                                    .database =
                                        [&](const std::string& trouble) {
                                            asleep.set();
                                            if (!trouble.empty())
                                                running->wake(); // it need not wait before it tries again
                                        }});
        running = &working;
        background<void> work(executor, working.run());
        co_await asleep.wait();
        co_await body({db, all, working, trips});
        co_await work.join();
        db.close();
    };
    pgserver::testing::on_a_loop(all_of_it(database.url()));
}

awaitable<std::string> stored(store::pool& db) {
    auto r =
        co_await db.query("select coalesce(string_agg(id || ' ' || state || ' ' || fence || ' ' || coalesce(facts ->> "
                          "'attempts_used', '0') || ' ' || (select count(*) from task_events e where e.task_id = "
                          "t.id), ', ' order by id), '') from tasks t");
    co_return std::string(r.text(0, 0));
}

} // namespace

TEST(dispatcher_claims, a_new_task_is_begun_one_round_trip_after_the_wake) {
    with_it(1, [](begun at) -> awaitable<void> {
        co_await at.all.add(some_order());
        int before = at.db.trips;
        at.working.wake();
        while (at.trips.empty())
            co_await asio::post(asio::use_awaitable);
        EXPECT_EQ(at.trips.at(0) - before, 1);
    });
}

TEST(dispatcher_claims, tasks_whose_claim_was_not_answered_are_worked_on_once_and_no_attempt_is_used_up) {
    for (int lost : {1, 2, 3}) { // a second one is asked at once, a third one when it looks again
        std::string found;
        with_it(2, [&](begun at) -> awaitable<void> {
            co_await at.all.add(some_order());
            co_await at.all.add(some_order());
            at.db.lose = lost;
            at.working.wake();
            while (at.trips.size() < 2)
                co_await asio::post(asio::use_awaitable);
            while ((found = co_await stored(at.db)).find("preparing") != found.npos)
                co_await asio::post(asio::use_awaitable);
            EXPECT_EQ(at.trips.size(), 2U);
        });
        EXPECT_EQ(found, "1 failed 1 0 2, 2 failed 1 0 2") << lost << " answers lost";
    }
}

#include "queue/testing_counts.hpp"
#include "queue/testing_table.hpp"

using namespace persais;
using namespace persais::mechanic;
using namespace persais::queue::testing;
using namespace std::chrono_literals;
using queue::pg_tasks;
using queue::snapshot;

namespace {

struct together : ::testing::Test {
    pgserver::testing::scratch_database database;

    template <class F>
    void with(F body) {
        pgserver::testing::on_a_loop([](std::string url, F work) -> awaitable<void> {
            counting_pool db(co_await asio::this_coro::executor, {.url = secret(std::move(url)), .size = 4});
            co_await store::migrate(db);
            co_await work(db);
            db.close();
        }(database.url(), std::move(body)));
    }
};

/// So many tasks, claimed at once.
awaitable<std::vector<snapshot>> some_held(pg_tasks& all, int number) {
    std::vector<snapshot> held;
    for (int i = 0; i < number; ++i) {
        co_await all.add(some_order());
        held.push_back(*co_await claim(all));
    }
    co_return held;
}

awaitable<std::string> outcome(awaitable<bool> save) {
    try {
        co_return co_await std::move(save) ? "written" : "lost";
    } catch (const store::db_error& e) {
        co_return e.sqlstate;
    }
}

/// What becomes of the saves of these, all asked for at once.
awaitable<std::vector<std::string>> at_once(pg_tasks& all, std::vector<snapshot> held, std::vector<task> next) {
    std::vector<background<std::string>> running;
    for (std::size_t i = 0; i < held.size(); ++i)
        running.emplace_back(co_await asio::this_coro::executor,
                             outcome(all.save(held[i], next[i], false, {.outbox = {"said"}})));
    std::vector<std::string> found;
    for (auto& each : running)
        found.push_back(co_await each.join());
    co_return found;
}

std::vector<task> aborted_ones(const std::vector<snapshot>& held) {
    std::vector<task> next;
    for (const auto& each : held)
        next.push_back(in_state(each.task, aborted{}));
    return next;
}

const std::vector<std::string> five_written(5, "written");

} // namespace

TEST_F(together, what_is_saved_at_once_goes_in_one_round_trip) {
    with([](counting_pool& db) -> awaitable<void> {
        pg_tasks all(db, "me", 10s);
        auto held = co_await some_held(all, 5);
        db.trips = 0;
        EXPECT_EQ(co_await at_once(all, held, aborted_ones(held)), five_written);
        EXPECT_EQ(db.trips, 1);
        EXPECT_EQ((co_await db.query("select count(*) from tasks where state = 'aborted'")).number(0, 0), 5);
        EXPECT_EQ((co_await db.query("select count(*) from outbox")).number(0, 0), 5);
        EXPECT_EQ((co_await db.query("select count(*) from task_events")).number(0, 0), 10);
    });
}

TEST_F(together, one_that_lost_its_lease_writes_nothing_and_the_others_do) {
    with([](counting_pool& db) -> awaitable<void> {
        pg_tasks all(db, "me", 10s);
        auto held = co_await some_held(all, 3);
        ++held[1].at.value;
        EXPECT_EQ(co_await at_once(all, held, aborted_ones(held)),
                  (std::vector<std::string>{"written", "lost", "written"}));
        EXPECT_EQ((co_await db.query("select count(*) from outbox")).number(0, 0), 2);
    });
}

TEST_F(together, one_that_is_refused_takes_none_of_the_others_with_it) {
    with([](counting_pool& db) -> awaitable<void> {
        pg_tasks all(db, "me", 10s);
        auto held = co_await some_held(all, 3);
        auto next = aborted_ones(held);
        next[1].now = publishing{1, "no commit", {}};
        EXPECT_EQ(co_await at_once(all, held, next), (std::vector<std::string>{"written", "23514", "written"}));
        EXPECT_EQ((co_await db.query("select count(*) from outbox")).number(0, 0), 2);
    });
}

TEST_F(together, a_connection_that_breaks_under_them_loses_none) {
    with([](counting_pool& db) -> awaitable<void> {
        pg_tasks all(db, "me", 10s);
        auto held = co_await some_held(all, 5);
        co_await db.query("create sequence cuts");
        co_await db.query("create function cut() returns trigger language plpgsql as $$ begin if "
                          "nextval('cuts') = 3 then perform pg_terminate_backend(pg_backend_pid()); end if; return "
                          "new; end $$");
        co_await db.query("create trigger cut before update on tasks for each row execute function cut()");
        EXPECT_EQ(co_await at_once(all, held, aborted_ones(held)), five_written);
        EXPECT_EQ((co_await db.query("select count(*) from outbox")).number(0, 0), 5);
    });
}

TEST_F(together, each_has_its_own_end_whatever_becomes_of_those_beside_it) {
    with([](counting_pool& db) -> awaitable<void> {
        pg_tasks all(db, "me", 10s);
        auto held = co_await some_held(all, 6);
        auto next = aborted_ones(held);
        ++held[0].at.value;                           // another worker has it
        next[2].now = publishing{1, "no commit", {}}; // the table does not take this
        held[4].task.now = coding{1, 7, {}};          // an answer that came late: it is further by now
        EXPECT_EQ(co_await at_once(all, held, next),
                  (std::vector<std::string>{"lost", "written", "23514", "written", "lost", "written"}));
        auto ended =
            co_await db.query("select string_agg(id::text, ' ' order by id) from tasks where state = 'aborted'");
        EXPECT_EQ(ended.text(0, 0), "2 4 6");
        auto told = co_await db.query("select string_agg(task_id::text, ' ' order by id) from outbox");
        EXPECT_EQ(told.text(0, 0), "2 4 6") << "each once, although it was tried twice";
        auto noted = co_await db.query("select count(*) from task_events where body ->> 'state' = 'aborted'");
        EXPECT_EQ(noted.number(0, 0), 3);
    });
}

TEST_F(together, the_same_task_is_written_once_however_often_it_is_asked_for) {
    with([](counting_pool& db) -> awaitable<void> {
        pg_tasks all(db, "me", 10s);
        auto held = co_await some_held(all, 2);
        std::vector<snapshot> twice{held[0], held[1], held[0], held[0]};
        auto found = co_await at_once(all, twice, aborted_ones(twice));
        EXPECT_EQ(std::ranges::count(found, "written"), 2);
        EXPECT_EQ(std::ranges::count(found, "lost"), 2);
        EXPECT_EQ(found[1], "written");
        EXPECT_EQ((co_await db.query("select count(*) from outbox")).number(0, 0), 2);
    });
}

TEST_F(together, two_workers_who_claim_the_same_tasks_at_once_have_each_of_them_once) {
    with([](counting_pool& db) -> awaitable<void> {
        pg_tasks one(db, "one", 10s), two(db, "two", 10s);
        for (int i = 0; i < 8; ++i) {
            auto o = some_order();
            o.remote = std::to_string(i % 3);
            co_await one.add(o);
        }
        auto executor = co_await asio::this_coro::executor;
        std::vector<background<std::string>> running;
        for (auto* worker : {&one, &two})
            for (const auto& each : (co_await worker->look({}, 8, false)).claimable) {
                auto next = each.task;
                EXPECT_TRUE(step(next, claimed{next_lease(each)}, each.read_at));
                running.emplace_back(executor, outcome(worker->save(each, next, true)));
            }
        EXPECT_EQ(running.size(), 16u);
        int written = 0;
        for (auto& each : running)
            written += co_await each.join() == "written";
        EXPECT_EQ(written, 8);
        auto leases = co_await db.query("select count(*), count(*) filter (where fence = 1) from tasks where "
                                        "lease_until is not null");
        EXPECT_EQ(leases.number(0, 0), 8);
        EXPECT_EQ(leases.number(0, 1), 8) << "nobody raised a fence twice";
        auto noted = co_await db.query("select count(*) from task_events where body ->> 'state' = 'preparing'");
        EXPECT_EQ(noted.number(0, 0), 8);
    });
}

TEST_F(together, those_who_are_cancelled_leave_the_others_their_answers) {
    with([](counting_pool& db) -> awaitable<void> {
        pg_tasks all(db, "me", 10s);
        auto held = co_await some_held(all, 4);
        auto next = aborted_ones(held);
        auto executor = co_await asio::this_coro::executor;
        {
            background<std::string> leaves(executor, outcome(all.save(held[0], next[0], false)));
            background<std::string> stays(executor, outcome(all.save(held[1], next[1], false)));
            co_await sleep_for(0ms); // both have begun
            co_await leaves.stop();
            EXPECT_EQ(co_await stays.join(), "written");
        }
        EXPECT_EQ(co_await outcome(all.save(held[2], next[2], false)), "written") << "the next ones are sent as ever";
        EXPECT_EQ((co_await db.query("select count(*) from tasks where state = 'aborted'")).number(0, 0), 3)
            << "what was sent is written to its end";
    });
}

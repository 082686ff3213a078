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

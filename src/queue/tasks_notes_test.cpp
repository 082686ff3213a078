#include "queue/testing_table.hpp"

using namespace persais;
using namespace persais::mechanic;
using namespace persais::queue::testing;
using namespace std::chrono_literals;
using queue::pg_tasks;
using queue::snapshot;
using queue::tasks;

TEST_F(table, notes_keep_their_order_and_their_words) {
    with([](store::pool& db) -> awaitable<void> {
        pg_tasks all(db, "me", 10s);
        auto held = co_await claim(all, co_await all.add(some_order()));
        using line = tasks::line;
        co_await all.note(held->task.id, held->at,
                          {{.text = "one \"quoted\""}, {line::kind::log, "zwei\n\xE2\x82\xAC"}});
        auto r =
            co_await db.query("select kind, body ->> 'text' from task_events where kind <> 'state' order by number");
        EXPECT_EQ(r.size(), 2);
        EXPECT_EQ(r.text(0, 1), "one \"quoted\"");
        EXPECT_EQ(r.text(1, 0), "log");
        EXPECT_EQ(r.text(1, 1), "zwei\n\xE2\x82\xAC");
    });
}

namespace {

/// The kinds of a task's log entries in the order in which they became visible, "line" for each line.
awaitable<std::string> told_in_order(store::pool& db, std::string order) {
    auto r = co_await db.query("select coalesce(body ->> 'state', body ->> 'text') from task_events order by " + order);
    std::string all;
    for (int i = 0; i < r.size(); ++i)
        all += (i ? " " : "") + std::string(r.text(i, 0));
    co_return all;
}

} // namespace

TEST_F(table, a_line_stands_before_the_state_that_came_after_it) {
    with([](store::pool& db) -> awaitable<void> {
        pg_tasks all(db, "me", 10s);
        auto held = co_await claim(all, co_await all.add(some_order()));
        auto id = held->task.id;
        std::vector<tasks::line> said{{.text = "one"}, {tasks::line::kind::log, "two"}};
        all.gather(id, held->at, [&] { return std::exchange(said, {}); });
        auto next = held->task;
        next.now = coding{1, 0, next_lease(*held)};
        EXPECT_TRUE(co_await all.save(*held, next, false));
        said = {{.text = "three"}};
        co_await all.write_gathered(id, held->at);
        said = {{.text = "four"}};
        auto was = *held;
        was.task = next;
        was.at = fence{9}; // not the fence that we hold: nothing is written, the line is not lost
        EXPECT_FALSE(co_await all.save(was, next, false));
        was.at = held->at;
        next.now = aborted{};
        EXPECT_TRUE(co_await all.save(was, next, false));
        EXPECT_EQ(co_await told_in_order(db, "number"), "preparing one two coding three four aborted");
        all.gather_no_more(id, held->at);
        said = {{.text = "five"}};
        co_await all.write_gathered(id, held->at);
        EXPECT_EQ(said.size(), 1U);
    });
}

TEST_F(table, a_state_does_not_overtake_lines_that_are_on_their_way) {
    with([this](store::pool& db) -> awaitable<void> {
        pg_tasks all(db, "me", 10s);
        auto held = co_await claim(all, co_await all.add(some_order()));
        // The insert of a line waits until the test lets it continue.
        co_await db.script("create function hold() returns trigger language plpgsql as $$ begin "
                           "perform pg_advisory_xact_lock(7); return new; end $$; "
                           "create trigger hold before insert on task_events for each row "
                           "when (new.kind = 'progress') execute function hold()");
        store::pool other(co_await asio::this_coro::executor, {.url = secret(database.url()), .size = 1});
        co_await other.query("select pg_advisory_lock(7)");
        bool once = true;
        all.gather(held->task.id, held->at, [&] {
            return std::exchange(once, false) ? std::vector<tasks::line>{{.text = "early"}}
                                              : std::vector<tasks::line>{};
        });
        auto executor = co_await asio::this_coro::executor;
        background<void> writing(executor, all.write_gathered(held->task.id, held->at));
        while ((co_await db.query("select 1 from pg_locks where locktype = 'advisory' and not granted")).empty()) {
        }
        auto next = held->task;
        next.now = aborted{};
        background<bool> saving(executor, all.save(*held, next, false));
        for (int i = 0; i < 20 && !saving.finished(); ++i) // time enough for a save that does not wait
            co_await db.query("select 1");
        EXPECT_FALSE(saving.finished());
        co_await other.query("select pg_advisory_unlock(7)");
        co_await writing.join();
        EXPECT_TRUE(co_await saving.join());
        EXPECT_EQ(co_await told_in_order(db, "xmin::text::bigint, number"), "preparing early aborted");
        other.close();
    });
}

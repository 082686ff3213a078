#include "base/background.hpp"
#include "mechanic/states.hpp"
#include "mechanic/step.hpp"
#include "pgserver/testing.hpp"
#include "queue/pg_tasks.hpp"
#include "queue/testing.hpp"
#include "store/migrate.hpp"

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::mechanic;
using namespace std::chrono_literals;
using queue::pg_tasks;
using queue::snapshot;
using queue::tasks;

namespace {

const std::string commit(40, 'c');

order some_order(bool foreground = false) {
    return {
        .remote = "/srv/r.git", .instruction = "mend it", .model = "a/b", .budget_usd = 2, .foreground = foreground};
}

/// A database with our schema, one worker on it, and everything on a loop of its own.
struct table : ::testing::Test {
    pgserver::testing::scratch_database database;

    template <class F>
    void with(F body) {
        pgserver::testing::on_a_loop([](std::string url, F work) -> awaitable<void> {
            store::pool db(co_await asio::this_coro::executor, {.url = std::move(url), .size = 4});
            co_await store::migrate(db);
            co_await work(db);
            db.close();
        }(database.url(), std::move(body)));
    }
};

lease next_lease(const snapshot& s) {
    return {fence{s.at.value + 1}, s.read_at + 10s};
}

/// Claims as the driver does; the snapshot after it.
awaitable<std::optional<snapshot>> claim(tasks& all, std::optional<task_id> only = {}) {
    auto found = co_await all.claimable(only);
    if (!found) co_return std::nullopt;
    auto next = found->task;
    if (!step(next, claimed{next_lease(*found)}, found->read_at)) co_return std::nullopt;
    if (!co_await all.save(*found, next, true)) co_return std::nullopt;
    co_return co_await all.load(found->task.id);
}

std::string sqlstate_of(const std::exception_ptr& e) {
    try {
        std::rethrow_exception(e);
    } catch (const store::db_error& error) {
        return error.sqlstate;
    }
}

awaitable<std::string> refusal(store::pool& db, std::string sql) {
    std::exception_ptr error;
    try {
        co_await db.query(std::move(sql));
    } catch (...) {
        error = std::current_exception();
    }
    co_return error ? sqlstate_of(error) : "accepted";
}

} // namespace

TEST_F(table, every_state_comes_back_as_it_was_stored) {
    with([](store::pool& db) -> awaitable<void> {
        pg_tasks all(db, "me", 10s);
        auto noon = time_point(std::chrono::microseconds(1700000000123456));
        std::vector<state> states{queued{noon},
                                  preparing{2, {}},
                                  coding{1, 2, {}},
                                  checking{1, 0, {}},
                                  publishing{1, commit, {}},
                                  review{commit, verdict::tests_red},
                                  waiting{wait_reason::credit, noon, noon + 24h},
                                  failed{verdict::no_change, "", "The agent changed nothing."},
                                  aborted{},
                                  parked{"look at it"},
                                  expired{}};
        for (auto& s : states) {
            auto id = co_await all.add(some_order());
            auto was = co_await all.load(id);
            auto next = queue::testing::in_state(was->task, s);
            next.known.feedback = "x";
            EXPECT_TRUE(co_await all.save(*was, next, true)) << name_of(s);
            auto back = co_await all.load(id);
            EXPECT_EQ(name_of(back->task.now), name_of(s));
            EXPECT_EQ(back->task.known, next.known);
            if (!lease_of(s))
                EXPECT_EQ(back->task.now, s) << name_of(s);
            else
                EXPECT_GT(lease_of(back->task.now)->until, back->read_at) << name_of(s);
        }
    });
}

TEST_F(table, knows_the_states_that_the_code_knows) {
    with([](store::pool& db) -> awaitable<void> {
        auto r = co_await db.query("select m[1] from pg_constraint, regexp_matches(pg_get_constraintdef(oid), "
                                   "'''([a-z_]+)''', 'g') m where conname = 'state_known' order by 1");
        std::vector<std::string> table;
        for (int i = 0; i < r.size(); ++i)
            table.emplace_back(r.text(i, 0));
        auto code = state_names();
        std::ranges::sort(code);
        EXPECT_EQ(table, code);
        for (const auto& name : code)
            EXPECT_EQ(name_of(*state_from(name)), name);
        EXPECT_FALSE(state_from("dancing"));
    });
}

TEST_F(table, a_question_is_answered_and_never_pushed) {
    with([](store::pool& db) -> awaitable<void> {
        pg_tasks all(db, "me", 10s);
        auto asked = some_order();
        asked.what = order::kind::question;
        auto id = co_await all.add(asked);
        auto was = co_await all.load(id);
        auto next = was->task;
        next.now = answering{1, {}};
        EXPECT_TRUE(co_await all.save(*was, next, true));
        EXPECT_EQ(co_await refusal(db, "update tasks set state = 'publishing', commit_id = '" + commit + "'"), "23514");
    });
}

TEST_F(table, refuses_hand_written_nonsense) {
    with([](store::pool& db) -> awaitable<void> {
        pg_tasks all(db, "me", 10s);
        (void)co_await all.add(some_order());
        for (const std::string& wrong : std::vector<std::string>{
                 "state = 'dancing', not_before = null",
                 "state = 'coding', not_before = null",                            // no lease
                 "lease_until = now(), lease_owner = 'x', attempt = 1, fence = 1", // queued with a lease
                 "state = 'review', not_before = null, verdict = 'ready'",         // no commit
                 "state = 'failed', not_before = null, verdict = 'ready', reason = '', sentence = 'x'",
                 "state = 'failed', not_before = null, verdict = 'no_change', sentence = 'x'", // no reason
                 "state = 'waiting', not_before = null, wait_reason = 'key', wait_until = now()",
                 "state = 'parked', not_before = null",
                 "state = 'aborted'", // still has its not_before
                 "not_before = null",
                 "commit_id = '" + commit + "'",
                 "round = 1",
                 "fence = -1",
                 "instruction = ''",
             })
            EXPECT_EQ(co_await refusal(db, "update tasks set " + wrong), "23514") << wrong;
    });
}

TEST_F(table, a_stale_fence_writes_neither_state_nor_outbox) {
    with([](store::pool& db) -> awaitable<void> {
        pg_tasks all(db, "me", 10s);
        auto id = co_await all.add(some_order());
        auto held = co_await claim(all, id);
        EXPECT_TRUE(held.has_value());
        co_await db.query("update tasks set lease_until = now() - interval '1 second'");
        auto other = co_await claim(all, id);
        EXPECT_EQ(other->at.value, held->at.value + 1);
        auto next = held->task;
        next.now = aborted{};
        EXPECT_FALSE(co_await all.save(*held, next, false, {.outbox = {"aborted"}, .conversation = "[1]"}));
        EXPECT_FALSE((co_await all.renew(id, held->at)).held);
        co_await all.note(id, held->at, {{.text = "too late"}});
        auto left = co_await db.query("select (select count(*) from outbox), "
                                      "(select count(*) from task_events where kind = 'progress'), "
                                      "(select conversation::text from tasks)");
        EXPECT_EQ(left.number(0, 0), 0);
        EXPECT_EQ(left.number(0, 1), 0);
        EXPECT_EQ(left.text(0, 2), "[]");
    });
}

TEST_F(table, of_many_workers_one_gets_the_task) {
    with([](store::pool& db) -> awaitable<void> {
        pg_tasks all(db, "me", 10s);
        auto id = co_await all.add(some_order());
        auto seen = co_await all.claimable(id);
        auto next = seen->task;
        EXPECT_TRUE(step(next, claimed{next_lease(*seen)}, seen->read_at).has_value());
        EXPECT_TRUE(co_await all.save(*seen, next, true));
        EXPECT_FALSE(co_await all.save(*seen, next, true)) << "the same snapshot cannot win twice";
        EXPECT_FALSE((co_await all.claimable(id)).has_value()) << "a held task is not claimable";
    });
}

TEST_F(table, a_live_lease_cannot_be_claimed_over) {
    with([](store::pool& db) -> awaitable<void> {
        pg_tasks all(db, "me", 10s);
        auto id = co_await all.add(some_order());
        auto held = co_await claim(all, id);
        auto next = held->task;
        EXPECT_TRUE(step(next, claimed{next_lease(*held)}, held->read_at).has_value());
        EXPECT_FALSE(co_await all.save(*held, next, true));
    });
}

TEST_F(table, only_its_holder_renews_a_lease) {
    with([](store::pool& db) -> awaitable<void> {
        pg_tasks all(db, "me", 10s);
        auto id = co_await all.add(some_order());
        auto held = co_await claim(all, id);
        auto first = co_await all.renew(id, held->at);
        EXPECT_TRUE(first.held);
        auto before = co_await all.renew(id, fence{held->at.value - 1});
        EXPECT_FALSE(before.held) << "a worker that lost its lease";
        auto after = co_await all.renew(id, fence{held->at.value + 1});
        EXPECT_FALSE(after.held);
    });
}

TEST_F(table, gives_the_due_and_leaves_foreground_tasks_to_their_person) {
    with([](store::pool& db) -> awaitable<void> {
        pg_tasks all(db, "me", 10s);
        auto mine = co_await all.add(some_order(true));
        EXPECT_FALSE((co_await all.claimable()).has_value());
        EXPECT_TRUE((co_await all.claimable(mine)).has_value());
        auto id = co_await all.add(some_order());
        co_await db.query("update tasks set not_before = now() + interval '1 hour' where id = $1", {id.str()});
        EXPECT_FALSE((co_await all.claimable()).has_value());
        co_await db.query("update tasks set not_before = now() where id = $1", {id.str()});
        EXPECT_EQ((co_await all.claimable())->task.id, id);
    });
}

TEST_F(table, stores_what_is_told_with_the_change) {
    with([](store::pool& db) -> awaitable<void> {
        pg_tasks all(db, "me", 10s);
        auto held = co_await claim(all, co_await all.add(some_order()));
        auto next = held->task;
        next.now = failed{verdict::no_change, "", "The agent changed nothing."};
        EXPECT_TRUE(
            co_await all.save(*held, next, false, {.outbox = {"one", "two \"quoted\"\n"}, .conversation = "[{}]"}));
        auto told = co_await db.query("select body from outbox order by id");
        EXPECT_EQ(told.size(), 2);
        EXPECT_EQ(told.text(1, 0), "two \"quoted\"\n");
        EXPECT_EQ((co_await all.load(held->task.id))->conversation, "[{}]");
    });
}

namespace {

order of_repository(std::string remote) {
    auto o = some_order();
    o.remote = std::move(remote);
    return o;
}

/// The repositories in the order in which `times` claims serve them, each task settled before the next claim unless
/// `keep`: then it stays held.
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
        co_await all.add(some_order(true)); // a person's own, not for us
        EXPECT_FALSE((co_await all.next_due()).due.has_value());
        auto id = co_await all.add(some_order());
        EXPECT_EQ((co_await all.next_due()).queued, 1);
        EXPECT_EQ((co_await all.next_due()).due, 0ms);
        auto held = co_await claim(all, id);
        auto due = (co_await all.next_due()).due; // its lease
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

TEST_F(table, a_wish_to_abort_reaches_the_worker_that_holds_the_task) {
    with([](store::pool& db) -> awaitable<void> {
        pg_tasks all(db, "me", 10s);
        auto id = co_await all.add(some_order());
        EXPECT_FALSE(co_await all.wish_abort(id)); // nobody holds it
        auto held = co_await claim(all, id);
        EXPECT_FALSE((co_await all.renew(id, held->at)).abort_wished);
        EXPECT_TRUE(co_await all.wish_abort(id));
        EXPECT_TRUE((co_await all.renew(id, held->at)).abort_wished);
        EXPECT_EQ(co_await all.abort_wished_of({id, task_id{99}}), std::vector{id});
        auto next = held->task;
        next.now = coding{1, 0, next_lease(*held)};
        EXPECT_TRUE(co_await all.save(*held, next, false));
        EXPECT_EQ(co_await all.abort_wished_of({id}), std::vector{id}); // not lost by a step
        auto again = *held;
        again.task = next;
        next.now = aborted{};
        EXPECT_TRUE(co_await all.save(again, next, false));
        EXPECT_TRUE((co_await all.abort_wished_of({id})).empty());
    });
}

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

/// Kinds of a task's log in the order in which they became visible, "line" for each line.
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
        was.at = fence{9}; // not what we hold: nothing is written, the line is not lost
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
        // A line's insert waits until we let it.
        co_await db.script("create function hold() returns trigger language plpgsql as $$ begin "
                           "perform pg_advisory_xact_lock(7); return new; end $$; "
                           "create trigger hold before insert on task_events for each row "
                           "when (new.kind = 'progress') execute function hold()");
        store::pool other(co_await asio::this_coro::executor, {.url = database.url(), .size = 1});
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
        for (int i = 0; i < 20 && !saving.finished(); ++i) // time enough for one that does not wait
            co_await db.query("select 1");
        EXPECT_FALSE(saving.finished());
        co_await other.query("select pg_advisory_unlock(7)");
        co_await writing.join();
        EXPECT_TRUE(co_await saving.join());
        EXPECT_EQ(co_await told_in_order(db, "xmin::text::bigint, number"), "preparing early aborted");
        other.close();
    });
}

TEST_F(table, a_retry_names_the_task_that_it_repeats) {
    with([](store::pool& db) -> awaitable<void> {
        pg_tasks all(db, "me", 10s);
        auto first = co_await all.add(some_order());
        auto o = some_order();
        o.retry_of = first;
        auto second = co_await all.add(o);
        EXPECT_EQ((co_await all.load(second))->task.what, o);
    });
}

TEST_F(table, knows_the_results_that_nobody_decided_on) {
    with([](store::pool& db) -> awaitable<void> {
        pg_tasks all(db, "me", 10s);
        auto held = co_await claim(all, co_await all.add(some_order()));
        auto next = queue::testing::in_state(held->task, review{commit, verdict::ready});
        EXPECT_TRUE(co_await all.save(*held, next, false));
        EXPECT_TRUE((co_await all.reviews_before(held->read_at)).empty());
        EXPECT_EQ(co_await all.reviews_before(held->read_at + 1h), std::vector{held->task.id});
    });
}

TEST_F(table, a_row_that_cannot_be_read_is_set_aside_for_the_others) {
    with([](store::pool& db) -> awaitable<void> {
        pg_tasks all(db, "me", 10s);
        auto broken = co_await all.add(some_order());
        auto next = co_await all.add(some_order());
        co_await db.query("update tasks set facts = '[7]'::jsonb where id = $1", {broken.str()});
        std::optional<task_id> told;
        try {
            co_await all.claimable();
        } catch (const queue::unusable_row& e) {
            told = e.id;
        }
        EXPECT_EQ(told, broken);
        co_await all.set_aside(broken, 1h);
        auto found = co_await all.claimable();
        EXPECT_TRUE(found && found->task.id == next);
    });
}

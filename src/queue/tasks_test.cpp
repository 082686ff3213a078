#include "pgserver/raw_server.hpp"
#include "queue/testing_table.hpp"

#include <list>

using namespace persais;
using namespace persais::mechanic;
using namespace persais::queue::testing;
using namespace std::chrono_literals;
using queue::pg_tasks;
using queue::snapshot;
using queue::tasks;

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

// A program of before would store a deploy of the commit that took it back, and find that on the branch.
TEST_F(table, lets_no_earlier_program_take_up_what_is_deployed_again) {
    with([](store::pool& db) -> awaitable<void> {
        pg_tasks all(db, "me", 10s);
        auto id = co_await all.add(some_order());
        auto was = co_await all.load(id);
        auto next = queue::testing::in_state(was->task, deploying{1, 0, commit, {}});
        next.known.lands->what = landing::kind::deploy_again;
        EXPECT_TRUE(co_await all.save(*was, next, true));
        EXPECT_EQ((co_await all.load(id))->task.known.lands->what, landing::kind::deploy_again);
        EXPECT_EQ(co_await refusal(db, "update tasks set facts = jsonb_set(facts, '{lands,what}', '\"deploy\"')"),
                  "23514");
        EXPECT_EQ(co_await refusal(db, "update tasks set facts = facts || '{\"said\": \"x\"}'"), "accepted");
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

TEST_F(table, a_lease_is_renewed_while_others_hold_each_connection) {
    with([this](store::pool& db) -> awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        pg_tasks all(db, "me", 10s);
        auto id = co_await all.add(some_order());
        auto held = co_await claim(all, id);
        store::pool keeper(executor, {.url = secret(database.url()), .size = 1});
        co_await keeper.query("select pg_advisory_lock(7)"); // its connection has it
        std::list<background<store::rows>> streams;
        for (int i = 0; i < 64; ++i) // more than there are connections
            streams.emplace_back(executor, db.query("select pg_advisory_lock(7), pg_advisory_unlock(7)"));
        EXPECT_TRUE(co_await pgserver::testing::becomes_true(
            [&]() -> awaitable<bool> { co_return db.status().busy == db.status().size; }));
        for (int i = 0; i < 3; ++i)
            EXPECT_TRUE((co_await with_deadline(20s, all.renew(id, held->at))).held);
        EXPECT_EQ(std::ranges::count_if(streams, [](const auto& each) { return each.finished(); }), 0);
        co_await keeper.query("select pg_advisory_unlock(7)");
        for (auto& each : streams)
            co_await each.join();
        keeper.close();
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
        EXPECT_EQ(co_await all.abort_wished_of({id}), std::vector{id}); // a step does not lose the wish
        auto again = *held;
        again.task = next;
        next.now = aborted{};
        EXPECT_TRUE(co_await all.save(again, next, false));
        EXPECT_TRUE((co_await all.abort_wished_of({id})).empty());
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

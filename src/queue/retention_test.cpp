#include "mechanic/step.hpp"
#include "pgserver/testing_bouncer.hpp"
#include "queue/limits.hpp"
#include "queue/pg_tasks.hpp"
#include "queue/retention.hpp"
#include "queue/testing.hpp"
#include "store/migrate.hpp"

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::mechanic;
using namespace std::chrono_literals;
using queue::pg_tasks;
using queue::tasks;
using store::pool;

namespace {

const std::string commit(40, 'c');

/// Runs `body` with a pool on a fresh database with our schema.
template <class F>
void with(F body, std::function<std::string(const pgserver::testing::scratch_database&)> address = {}) {
    pgserver::testing::scratch_database d;
    auto url = address ? address(d) : d.url();
    pgserver::testing::on_a_loop([](std::string direct, std::string at, F work) -> awaitable<void> {
        co_await store::migrate(store::pool_options{.url = secret(direct)});
        pool db(co_await asio::this_coro::executor, {.url = secret(at), .size = 4});
        co_await work(db);
        db.close();
    }(d.url(), url, std::move(body)));
}

/// Adds a task with a history: it was claimed, noted, has a message for its person and a call to the model; then it is
/// put into state `end`.
awaitable<task_id> lived(pool& db, state end) {
    pg_tasks all(db, "me", 10s);
    auto id = co_await all.add({.remote = "/srv/r.git", .instruction = "mend it", .model = "a/b", .budget_usd = 2});
    auto was = co_await all.load(id);
    auto next = was->task;
    step(next, claimed{{fence{was->at.value + 1}, was->read_at + 10s}}, was->read_at);
    EXPECT_TRUE(co_await all.save(*was, next, true));
    was = co_await all.load(id);
    EXPECT_TRUE((co_await all.renew(id, was->at)).held);
    co_await all.note(id, was->at, {{tasks::line::kind::log, "a line"}, {tasks::line::kind::progress, "editing"}});
    next = queue::testing::in_state(was->task, std::move(end));
    next.known.said = "done";
    next.known.feedback = "red";
    EXPECT_TRUE(co_await all.save(*was, next, false, {.outbox = {"ready"}, .conversation = R"([{"role":"user"}])"}));
    co_await db.query("insert into llm_tasks values ($1)", {id.str()});
    co_await db.query(
        "insert into llm_calls (task, day, model, state, reserved_at, reserved_usd, reserved_tokens, priced) "
        "values ($1, (now() at time zone 'utc')::date, 'a/b', 'reserved', now(), 0.5, 100, true)",
        {id.str()});
    co_return id;
}

awaitable<void> age(pool& db, int days) {
    co_await db.query("update tasks set changed_at = changed_at - make_interval(days => $1)", {std::to_string(days)});
}

/// What is left of a task: `conversation said events outbox calls locks`.
awaitable<std::string> left_of(pool& db, task_id id) {
    auto r = co_await db.query(
        "select concat_ws(' ', jsonb_array_length(conversation), facts ? 'said', (select count(*) from task_events "
        "where task_id = $1), (select count(*) from outbox where task_id = $1), (select count(*) from llm_calls where "
        "task "
        "= $1), (select count(*) from llm_tasks where task = $1)) from tasks where id = $1",
        {id.str()});
    co_return r.empty() ? "gone" : std::string(r.text(0, 0));
}

TEST(prune, a_task_that_ended_long_ago_keeps_its_row_and_its_cost_only) {
    with([](pool& db) -> awaitable<void> {
        auto id = co_await lived(db, failed{verdict::no_change, "", "The agent changed nothing."});
        auto before = co_await left_of(db, id);
        EXPECT_TRUE(before.starts_with("1 t ") && before.ends_with(" 1 1 1")) << before;
        co_await age(db, 91);
        auto done = co_await queue::prune(db, 90);
        EXPECT_EQ(done.tasks, 1);
        EXPECT_GE(done.events, 2);
        EXPECT_EQ(done.outbox, 1);
        EXPECT_EQ(done.locks, 1);
        EXPECT_EQ(co_await left_of(db, id), "0 f 0 0 1 0");
        auto back = co_await pg_tasks(db, "me", 10s).load(id);
        EXPECT_EQ(back->task.what.instruction, "mend it");
        EXPECT_EQ(std::get<failed>(back->task.now).sentence, "The agent changed nothing.");
        auto again = co_await queue::prune(db, 90);
        EXPECT_EQ(again.tasks + again.events + again.outbox + again.locks, 0);
    });
}

TEST(prune, what_ended_lately_and_what_has_not_ended_loses_nothing) {
    with([](pool& db) -> awaitable<void> {
        auto noon = time_point(std::chrono::microseconds(1700000000123456));
        std::vector<task_id> old;
        for (state s : std::vector<state>{queued{noon}, coding{1, 0, {}}, review{commit, verdict::ready},
                                          waiting{wait_reason::credit, noon, noon + 24h}})
            old.push_back(co_await lived(db, s));
        co_await age(db, 4000);
        auto recent = co_await lived(db, aborted{});
        co_await age(db, 89);
        auto done = co_await queue::prune(db, 90);
        EXPECT_EQ(done.tasks + done.events + done.outbox, 0);
        EXPECT_EQ(done.locks, 0);
        old.push_back(recent);
        for (auto id : old) {
            auto left = co_await left_of(db, id);
            EXPECT_TRUE(left.starts_with("1 t ") && left.ends_with(" 1 1 1")) << left;
        }
    });
}

TEST(prune, of_the_chat_what_is_over_goes) {
    with([](pool& db) -> awaitable<void> {
        co_await db.query("insert into inbox (update_id, received_at, body, done_at, effect) "
                          "select n, now() - make_interval(days => 91), '{}', case when n > 1 then "
                          "now() - make_interval(days => case when n > 2 then 91 else 89 end) end, "
                          "case when n > 1 then 'command' end from generate_series(1, $1::int) n",
                          {std::to_string(limits::prune_batch + 5)});
        co_await db.query("insert into outbox (chat_id, body, request, created_at, sent_at) select n, '', '{}', "
                          "now() - make_interval(days => 91), case when n > 1 then "
                          "now() - make_interval(days => case when n > 2 then 91 else 89 end) end "
                          "from generate_series(1, 3) n");
        auto done = co_await queue::prune(db, 90);
        EXPECT_EQ(done.inbox, limits::prune_batch + 3);
        EXPECT_EQ(done.outbox, 1);
        auto left = co_await db.query("select (select string_agg(update_id::text, ' ' order by update_id) from inbox), "
                                      "(select string_agg(chat_id::text, ' ' order by chat_id) from outbox)");
        EXPECT_EQ(left.text(0, 0), "1 2");
        EXPECT_EQ(left.text(0, 1), "1 2");
    });
}

TEST(prune, strangers_go_unless_they_have_something) {
    with([](pool& db) -> awaitable<void> {
        co_await db.script("insert into people (id, asked_at, seen_at) select n, now() - interval '91 days', now() - "
                           "interval '91 days' "
                           "from generate_series(1, 5) n; "
                           "insert into grants (person, role, by) values (1, 'reader', 'terminal'); "
                           "insert into identities (kind, id, person) values ('github', 'ann', 2); "
                           "insert into link_codes (code_hash, person, expires_at) values (sha256('a'), 3, now() + "
                           "interval '1 hour'), "
                           "(sha256('b'), 4, now() - interval '1 hour')");
        co_await queue::prune(db, 90);
        auto left = [&]() -> awaitable<std::string> {
            co_return std::string(
                (co_await db.query("select string_agg(id::text, ' ' order by id) from people")).text(0, 0));
        };
        EXPECT_EQ(co_await left(), "1 2 3 4");
        co_await queue::prune(db, 90);
        EXPECT_EQ(co_await left(), "1 2 3") << "their code had expired";
    });
}

TEST(prune, what_was_heard_at_forges_goes_when_it_was_done_long_ago) {
    with([](pool& db) -> awaitable<void> {
        co_await db.script("insert into forge_inbox (remote, kind, thing, number, said_at, done_at, effect) values "
                           "('r', 'comment', '1', 3, now(), now() - interval '91 days', 'task'), "
                           "('r', 'comment', '2', 3, now(), now() - interval '89 days', 'task'), "
                           "('r', 'comment', '3', 3, now() - interval '1 year', null, null)");
        co_await queue::prune(db, 90);
        auto left = co_await db.query("select string_agg(thing, ' ' order by thing) from forge_inbox");
        EXPECT_EQ(left.text(0, 0), "2 3");
    });
}

TEST(prune, every_final_state_and_no_other_is_an_end) {
    with([](pool& db) -> awaitable<void> {
        for (state s : std::vector<state>{failed{verdict::no_change, "", "x"}, aborted{}, parked{"x"}, expired{}})
            co_await lived(db, s);
        co_await age(db, 2);
        EXPECT_EQ((co_await queue::prune(db, 1)).tasks, 4);
    });
}

TEST(prune, goes_through_more_tasks_than_one_statement_takes) {
    with([](pool& db) -> awaitable<void> {
        auto count = 3 * limits::prune_batch + 7;
        co_await db.query(
            "insert into tasks (kind, remote, instruction, model, budget_usd, attempts_most, rounds_most, "
            "foreground, state, conversation, changed_at) select 'change', 'r', 'i', 'm', 1, 1, 1, false, "
            "'aborted', '[1]', now() - interval '2 days' from generate_series(1, $1)",
            {std::to_string(count)});
        co_await db.query("insert into task_events (task_id, fence, kind, body) select id, 1, 'log', '{}' from tasks, "
                          "generate_series(1, 3)");
        co_await db.query("insert into llm_tasks select id from tasks");
        auto done = co_await queue::prune(db, 1);
        EXPECT_EQ(done.tasks, count);
        EXPECT_EQ(done.events, 3 * count);
        EXPECT_EQ(done.locks, count);
    });
}

TEST(prune, works_through_a_transaction_pooler_as_all_of_a_task_does) {
    NEEDS_PGBOUNCER;
    pgserver::testing::bouncer b(pgserver::testing::scratch_server::shared().what());
    with(
        [](pool& db) -> awaitable<void> {
            auto id = co_await lived(db, aborted{});
            EXPECT_TRUE(db.status().pooled);
            co_await age(db, 91);
            EXPECT_EQ((co_await queue::prune(db, 90)).tasks, 1);
            EXPECT_EQ(co_await left_of(db, id), "0 f 0 0 1 0");
            EXPECT_FALSE(co_await pg_tasks(db, "me", 10s).claimable());
        },
        [&b](const pgserver::testing::scratch_database& d) { return b.url(d.name()); });
}

} // namespace

TEST(retention, knows_the_tasks_whose_work_nobody_can_ask_for_any_more) {
    with([](pool& db) -> awaitable<void> {
        auto red = co_await lived(db, failed{verdict::no_change, "", "Nothing."});
        auto late = co_await lived(db, failed{verdict::timed_out, "", "Late."});
        auto full = co_await lived(db, failed{verdict::disk_limit, "", "Full."});
        auto held = co_await lived(db, failed{verdict::secret_found, "", "Held."});
        auto refused = co_await lived(db, failed{verdict::remote_failed, "no_push", "Refused."});
        auto shown = co_await lived(db, review{commit, verdict::ready});
        auto away = co_await lived(db, discarded{commit}); // it may be taken up again
        auto asked = std::set<task_id>{red, late, full, held, refused, shown, away, task_id{4711}};
        auto ended = std::vector<task_id>{red, late, full, held, refused};
        EXPECT_EQ((co_await queue::nothing_to_keep_of(db, asked, 90)), ended) << "nothing was made";
        co_await db.query("update tasks set facts = facts || '{\"made\": {}}' where state = 'failed'");
        EXPECT_EQ((co_await queue::nothing_to_keep_of(db, asked, 90)), std::vector<task_id>{red});
        co_await age(db, 91);
        ended.push_back(away);
        EXPECT_EQ((co_await queue::nothing_to_keep_of(db, asked, 90)), ended);
    });
}

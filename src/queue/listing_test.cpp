#include "mechanic/step.hpp"
#include "pgserver/testing.hpp"
#include "queue/listing.hpp"
#include "queue/pg_tasks.hpp"
#include "store/migrate.hpp"

#include <gtest/gtest.h>

using namespace persais;
using namespace std::chrono_literals;

namespace {

struct listing : ::testing::Test {
    pgserver::testing::scratch_database database;

    template <class F>
    void with(F body) {
        pgserver::testing::on_a_loop([](std::string url, F work) -> awaitable<void> {
            store::pool db(co_await asio::this_coro::executor, {.url = secret(std::move(url)), .size = 2});
            co_await store::migrate(db);
            co_await work(db);
            db.close();
        }(database.url(), std::move(body)));
    }
};

mechanic::order asked(std::string what) {
    return {.remote = "/srv/r.git", .instruction = std::move(what), .model = "a/b", .budget_usd = 2};
}

} // namespace

TEST_F(listing, shows_the_newest_first_and_what_is_open) {
    with([](store::pool& db) -> awaitable<void> {
        queue::pg_tasks all(db, "me", 10s);
        auto first = co_await all.add(asked("one"));
        co_await all.add(asked(std::string(300, 'x')));
        auto held = co_await all.load(first);
        auto next = held->task;
        next.now = mechanic::failed{mechanic::verdict::no_change, "", "nothing"};
        EXPECT_TRUE(co_await all.save(*held, next, false));
        auto shown = co_await queue::list(db);
        EXPECT_EQ(shown.size(), 2U);
        EXPECT_EQ(shown.back().verdict, "no_change");
        EXPECT_EQ(shown.front().instruction.size(), 200U);
        auto open = co_await queue::list(db, {.unsettled = true});
        EXPECT_EQ(open.size(), 1U);
        EXPECT_EQ((co_await queue::list(db, {.state = "failed"})).size(), 1U);
        EXPECT_EQ((co_await queue::list(db, {.verdict = "no_change"})).size(), 1U);
        EXPECT_EQ((co_await queue::list(db, {.verdict = "ready"})).size(), 0U);
        EXPECT_EQ((co_await queue::list(db, {.most = 1})).size(), 1U);
    });
}

TEST_F(listing, tells_what_happened_in_order_and_from_where_one_left_off) {
    with([](store::pool& db) -> awaitable<void> {
        queue::pg_tasks all(db, "me", 10s);
        auto id = co_await all.add(asked("one"));
        auto found = co_await all.load(id);
        auto next = found->task;
        EXPECT_TRUE(mechanic::step(next, mechanic::claimed{{fence{1}, found->read_at + 10s}}, found->read_at));
        EXPECT_TRUE(co_await all.save(*found, next, true));
        co_await all.note(id, fence{1}, {{.text = "fetching"}});
        auto seen = co_await queue::happenings(db, id);
        EXPECT_EQ(seen.size(), 2U);
        EXPECT_EQ(seen[0].text, "preparing, attempt 1");
        EXPECT_EQ(seen[0].state, "preparing");
        EXPECT_EQ(seen[0].attempt, 1);
        EXPECT_EQ(seen[1].text, "fetching");
        EXPECT_EQ(seen[1].doing, std::nullopt) << "as an older version wrote it";
        EXPECT_EQ((co_await queue::happenings(db, id, seen[0].number)).size(), 1U);
        using line = queue::tasks::line;
        mechanic::progress doing{mechanic::progress::kind::editing, "a.py"};
        co_await all.note(id, fence{1}, {{line::kind::progress, "editing a.py", doing}});
        auto noted = co_await queue::happenings(db, id, seen[1].number);
        EXPECT_EQ(noted.at(0).doing, doing);
        EXPECT_EQ(noted.at(0).text, "editing a.py") << "for whoever reads English";
    });
}

TEST_F(listing, leaves_out_what_ended_long_ago_when_asked) {
    with([](store::pool& db) -> awaitable<void> {
        queue::pg_tasks all(db, "me", 10s);
        for (const char* state : {"old", "fresh"}) {
            auto held = co_await all.load(co_await all.add(asked(state)));
            auto next = held->task;
            next.now = mechanic::aborted{};
            EXPECT_TRUE(co_await all.save(*held, next, false));
        }
        co_await all.add(asked("open since long"));
        co_await db.query("update tasks set changed_at = now() - interval '25 hours' where instruction <> 'fresh'");
        auto shown = co_await queue::list(db, {.ended_within = 24h});
        EXPECT_EQ(shown.size(), 2U);
        EXPECT_EQ(shown.front().instruction, "open since long");
        EXPECT_EQ(shown.back().instruction, "fresh");
        EXPECT_EQ((co_await queue::list(db)).size(), 3U);
    });
}

TEST_F(listing, says_what_a_task_waits_for_and_that_it_is_to_be_aborted) {
    with([](store::pool& db) -> awaitable<void> {
        queue::pg_tasks all(db, "me", 10s);
        auto waits = co_await all.load(co_await all.add(asked("waits")));
        auto next = waits->task;
        next.now = mechanic::waiting{mechanic::wait_reason::credit, waits->read_at + 1h, waits->read_at + 2h};
        EXPECT_TRUE(co_await all.save(*waits, next, false, {.outbox = {"first", "No credit."}}));
        auto held = co_await all.load(co_await all.add(asked("held")));
        next = held->task;
        EXPECT_TRUE(mechanic::step(next, mechanic::claimed{{fence{1}, held->read_at + 10s}}, held->read_at));
        EXPECT_TRUE(co_await all.save(*held, next, true));
        EXPECT_TRUE(co_await all.wish_abort(held->task.id));
        auto shown = co_await queue::list(db);
        EXPECT_EQ(shown.back().wait_reason, "credit");
        EXPECT_FALSE(shown.back().abort_wished);
        EXPECT_TRUE(shown.front().abort_wished);
        auto around = co_await queue::load_task_metadata(db, waits->task.id);
        EXPECT_EQ(around->told, "No credit.");
        EXPECT_GE(around->read_at, around->created);
        EXPECT_TRUE((co_await queue::load_task_metadata(db, held->task.id))->abort_wished);
    });
}

TEST_F(listing, knows_the_newest_and_what_was_retried) {
    with([](store::pool& db) -> awaitable<void> {
        queue::pg_tasks all(db, "me", 10s);
        EXPECT_FALSE(co_await queue::newest(db));
        EXPECT_FALSE(co_await queue::load_task_metadata(db, task_id{1}));
        auto first = co_await all.add(asked("one"));
        auto again = asked("one");
        again.retry_of = first;
        auto second = co_await all.add(again);
        EXPECT_EQ(co_await queue::newest(db), second);
        EXPECT_EQ((co_await queue::load_task_metadata(db, first))->retried_as, second);
        EXPECT_FALSE((co_await queue::load_task_metadata(db, second))->retried_as);
    });
}

TEST_F(listing, takes_for_deployed_last_what_was_and_not_what_was_not_rolled_back_since) {
    with([](store::pool& db) -> awaitable<void> {
        queue::pg_tasks all(db, "me", 10s);
        for (const auto* what : {"one", "two"}) {
            auto id = co_await all.add(asked(what));
            for (const auto* to :
                 {R"(facts = facts || '{"lands": {"what": "deploy", "commit": "c"}}')",
                  "facts = facts - 'lands' || jsonb_build_object('on_base', jsonb_build_object('commit', repeat('c', "
                  "40))), state = 'deployed', not_before = null, fence = fence + 1, commit_id = repeat('c', 40)"})
                co_await db.query(std::string("update tasks set ") + to + " where id = $1", {id.str()});
            EXPECT_EQ(co_await queue::newest_deployed(db), id);
        }
        co_await db.script(
            R"(update tasks set facts = facts || '{"lands": {"what": "roll_back", "commit": "c"}}' where id = 1;
               update tasks set facts = facts - 'lands', changed_at = changed_at + interval '1 minute' where id = 1)");
        EXPECT_EQ(
            (co_await db.query("select string_agg(what, ' ' order by id) from audit where task_id = 1")).text(0, 0),
            "deploy_asked deployed rollback_asked not_rolled_back");
        EXPECT_EQ(co_await queue::newest_deployed(db), task_id{2});
    });
}

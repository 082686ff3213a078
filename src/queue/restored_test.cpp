#include "mechanic/step.hpp"
#include "pgserver/testing.hpp"
#include "queue/limits.hpp"
#include "queue/people.hpp"
#include "queue/pg_tasks.hpp"
#include "queue/restored.hpp"
#include "store/migrate.hpp"
#include "store/own_objects.hpp"
#include "store/usability.hpp"

#include <gtest/gtest.h>

namespace persais::queue {
namespace {

using namespace std::chrono_literals;
using store::pool;

template <class F>
void with(F body) {
    pgserver::testing::scratch_database d;
    pgserver::testing::on_a_loop([](std::string url, F work) -> awaitable<void> {
        co_await store::migrate(store::pool_options{.url = secret(url)});
        pool db(co_await asio::this_coro::executor, {.url = secret(url), .size = 2});
        co_await work(db);
        db.close();
    }(d.url(), std::move(body)));
}

mechanic::order an_order() {
    return {.remote = "/srv/r.git", .instruction = "mend it", .model = "a/b", .budget_usd = 2};
}

awaitable<std::int64_t> number(pool& db, std::string sql) {
    co_return (co_await db.query(std::move(sql))).number(0, 0);
}

/// A task that another process, which is gone, worked on when the backup was made.
awaitable<snapshot> in_work(pg_tasks& all, task_id id) {
    auto was = co_await all.load(id);
    auto next = was->task;
    step(next, mechanic::claimed{{fence{was->at.value + 1}, was->read_at + 1h}}, was->read_at);
    EXPECT_TRUE(co_await all.save(*was, next, true));
    co_return *co_await all.load(id);
}

TEST(restored, a_task_that_was_worked_on_is_free_and_its_worker_writes_nothing_more) {
    with([](pool& db) -> awaitable<void> {
        pg_tasks all(db, "dead", 10s);
        auto id = co_await all.add(an_order());
        auto held = co_await in_work(all, id);
        co_await take_over_restored(db);
        EXPECT_FALSE((co_await all.renew(id, held.at)).held);
        auto next = held.task;
        next.known.said = "too late";
        EXPECT_FALSE(co_await all.save(held, next, false));
        EXPECT_EQ(co_await number(db, "select id from tasks where lease_until <= clock_timestamp()"), id.value);
        auto now = co_await all.load(id);
        EXPECT_EQ(now->at.value, held.at.value + limits::restored_fences);
    });
}

TEST(restored, what_may_have_been_sent_or_done_since_is_neither_sent_nor_done_again) {
    with([](pool& db) -> awaitable<void> {
        co_await db.query("insert into outbox (body, chat_id, request) values ('', 7, '{\"method\":\"sendMessage\"}')");
        co_await db.query("insert into inbox (update_id, body) values (1, '\\x00')");
        co_await take_over_restored(db);
        EXPECT_EQ(co_await number(db, "select count(*) from outbox where sent_at is null or failed is null"), 0);
        EXPECT_EQ(co_await number(db, "select count(*) from inbox where done_at is null"), 0);
    });
}

TEST(restored, invitations_and_codes_of_the_backup_are_void) {
    with([](pool& db) -> awaitable<void> {
        co_await db.query("insert into people (id) values (7)");
        co_await db.transact({add_invite(code_digest("a"), 1h, "admin", ""), add_link_code(code_digest("b"), 7, 1h)});
        co_await take_over_restored(db);
        EXPECT_EQ(co_await number(db, "select (select count(*) from invites) + (select count(*) from link_codes)"), 0);
    });
}

TEST(restored, all_of_ours_is_removed_and_nothing_of_others) {
    with([](pool& db) -> awaitable<void> {
        auto found = co_await store::find_foreign_objects(db);
        EXPECT_EQ(found.here, std::vector<std::string>()) << "each table and routine of ours is known as such";
        co_await db.query("create table others (n int)");
        co_await db.query("create function theirs() returns int language sql as 'select 1'");
        co_await begin_restoring(db, "/a/file");
        co_await begin_restoring(db, "/another");
        EXPECT_EQ((co_await store::find_foreign_objects(db)).here,
                  (std::vector<std::string>{"public.others", "public.theirs"}));
        co_await clear_tables(db);
        co_await clear_tables(db); // nothing is left to remove
        EXPECT_EQ(co_await number(db, "select count(*) from pg_class where relnamespace = 'public'::regnamespace"), 2);
        EXPECT_EQ(co_await number(db, "select count(*) from pg_proc where pronamespace = 'public'::regnamespace"), 1);
        EXPECT_EQ(co_await begun_restoring(db), "/a/file") << "the first one knows what was there";
        co_await end_restoring(db);
        EXPECT_EQ(co_await begun_restoring(db), std::nullopt);
    });
}

TEST(restored, where_something_of_others_stands_on_ours_nothing_is_removed) {
    with([](pool& db) -> awaitable<void> {
        co_await db.query("create view theirs as select id from tasks");
        std::string state;
        try {
            co_await clear_tables(db);
        } catch (const store::db_error& e) {
            state = e.sqlstate;
        }
        EXPECT_EQ(state, "2BP01");
        EXPECT_EQ(co_await number(db, "select count(*) from theirs"), 0);
        EXPECT_EQ((co_await store::look_at_schema(db)).behind(), false);
    });
}

TEST(restored, while_it_is_under_way_nobody_works_with_it) {
    with([](pool& db) -> awaitable<void> {
        co_await begin_restoring(db, "");
        auto seen = co_await store::judge(db);
        EXPECT_TRUE(seen.obstacle);
        if (seen.obstacle) EXPECT_NE(seen.obstacle->sentence().find("`persais restore` again"), std::string::npos);
        EXPECT_THROW(co_await store::migrate(db), store::not_usable);
        co_await end_restoring(db);
        EXPECT_FALSE((co_await store::judge(db)).obstacle);
    });
}

TEST(restored, a_number_is_given_to_one_task_only) {
    with([](pool& db) -> awaitable<void> {
        pg_tasks all(db, "me", 10s);
        EXPECT_EQ((co_await all.add(an_order())).value, 1);
        co_await take_over_restored(db);
        EXPECT_GT((co_await all.add(an_order())).value, limits::restored_numbers)
            << "the numbers in between were perhaps given after the backup";
    });
}

TEST(restored, those_that_go_on_by_themselves_are_found_and_can_be_stopped) {
    with([](pool& db) -> awaitable<void> {
        pg_tasks all(db, "dead", 10s);
        auto waits = co_await all.add(an_order()), worked_on = co_await all.add(an_order());
        auto question = an_order();
        question.what = mechanic::order::kind::question;
        co_await all.add(question); // pushes nothing
        co_await in_work(all, worked_on);
        EXPECT_EQ(co_await going_on(db), (std::vector{waits, worked_on}));
        for (auto id : {waits, worked_on}) {
            co_await park_restored(db, id, "It had gone on.");
            auto now = co_await all.load(id);
            EXPECT_EQ(now->task.now, mechanic::state(mechanic::parked{"It had gone on."}));
        }
        EXPECT_TRUE((co_await going_on(db)).empty());
        EXPECT_FALSE(co_await all.claimable(waits));
    });
}

TEST(restored, chats_are_told_where_something_was_asked_lately) {
    with([](pool& db) -> awaitable<void> {
        pg_tasks all(db, "me", 10s);
        auto chat = [&](task_id id, int number, std::string language) -> awaitable<void> {
            co_await db.query("insert into task_chats (task_id, chat_id, person_id, message_id, language) "
                              "values ($1, $2::bigint, 7, 1, $3)",
                              {id.str(), std::to_string(number), language});
        };
        auto old = co_await all.add(an_order()), gone = co_await all.add(an_order());
        co_await chat(old, 1, "en");
        co_await db.query("update tasks set changed_at = changed_at - interval '20 days' where id = $1", {old.str()});
        co_await chat(gone, 2, "en");
        co_await db.query("insert into conversations (chat_id, gone_at) values (2, now())");
        co_await chat(co_await all.add(an_order()), 3, "en");
        co_await chat(co_await all.add(an_order()), 3, "ru");
        auto told = co_await active_chats(db, 14);
        EXPECT_EQ(told.size(), 1U);
        if (told.size() == 1) {
            EXPECT_EQ(told[0].chat, 3);
            EXPECT_EQ(told[0].language, "ru") << "as it was spoken last";
        }
    });
}

} // namespace
} // namespace persais::queue

// What the database notes for a forge when a task that came from there comes to something (0039_forge_intake.sql).
#include "queue/forge_inbox.hpp"
#include "queue/testing_table.hpp"

using namespace persais;
using namespace persais::queue;
using namespace persais::mechanic;
using namespace std::chrono_literals;
using persais::queue::testing::commit;
using persais::queue::testing::in_state;
using persais::queue::testing::refusal;

namespace {

struct forge_tell : queue::testing::table {};

/// Puts a task of a forge into this state; gives the marks that were noted, with what of them changes each time cut
/// off.
awaitable<std::string> told_when(store::pool& db, pg_tasks& all, task_id id, state now) {
    auto was = co_await all.load(id);
    if (!was || !co_await all.save(*was, in_state(was->task, std::move(now)), false)) co_return "not saved";
    auto r = co_await db.query("select regexp_replace(mark, '-[0-9]{10,}$', '-TIME') from forge_outbox order by id");
    std::string told;
    for (int i = 0; i < r.size(); ++i)
        told += (told.empty() ? "" : " ") + std::string(r.text(i, 0));
    co_await db.query("delete from forge_outbox");
    co_return told;
}

awaitable<task_id> task_of_forge(store::pool& db, pg_tasks& all, order::kind what = order::kind::change) {
    auto asked = queue::testing::some_order();
    asked.what = what;
    auto id = co_await all.add(asked);
    co_await db.transact({came_from_forge({.task = id, .turn = 0, .remote = "r", .number = 3, .author = "ann"})});
    co_return id;
}

waiting for_sake_of(wait_reason why) {
    return {.why = why, .until = time_point(1h), .give_up = time_point(2h)};
}

std::string insert_heard(const std::string& values) {
    return "insert into forge_inbox (remote, kind, thing, number, branch, said_at, done_at, effect) values (" + values +
           ")";
}

} // namespace

TEST_F(forge_tell, each_end_and_each_wait_that_is_for_people_and_no_other) {
    with([](store::pool& db) -> awaitable<void> {
        pg_tasks all(db, "me", 10s);
        const struct {
            state now;
            std::string told; // behind "task-ID-0-"; empty: nothing
        } every[] = {
            {review{commit, verdict::ready}, "review-TIME"},
            {review{commit, verdict::tests_red}, "review-TIME"},
            {failed{verdict::no_change, "", "Nothing was changed."}, "failed-TIME"},
            {aborted{}, "aborted-TIME"},
            {discarded{commit}, "discarded-TIME"},
            {parked{"It takes a person."}, "parked-TIME"},
            {answered{}, "answered-TIME"},
            {deployed{commit}, "deployed-TIME"},
            {for_sake_of(wait_reason::key), "waiting-key"},
            {for_sake_of(wait_reason::credit), "waiting-credit"},
            {for_sake_of(wait_reason::day_budget), "waiting-day-budget"},
            {for_sake_of(wait_reason::month_budget), "waiting-month-budget"},
            {for_sake_of(wait_reason::task_budget), "waiting-task-budget"},
            {for_sake_of(wait_reason::paused), "waiting-paused"},
            {for_sake_of(wait_reason::model_away), ""},
            {for_sake_of(wait_reason::remote_away), ""},
            {for_sake_of(wait_reason::world), ""},
        };
        for (const auto& each : every) {
            const bool asks = std::holds_alternative<answered>(each.now);
            auto id = co_await task_of_forge(db, all, asks ? order::kind::question : order::kind::change);
            auto expected = each.told.empty() ? "" : "task-" + id.str() + "-0-" + each.told;
            EXPECT_EQ(co_await told_when(db, all, id, each.now), expected) << each.told;
        }
    });
}

TEST_F(forge_tell, a_wait_once_in_a_turn_however_often_the_task_looks_again) {
    with([](store::pool& db) -> awaitable<void> {
        pg_tasks all(db, "me", 10s);
        auto id = co_await task_of_forge(db, all);
        auto marks = [&]() -> awaitable<std::string> {
            auto r = co_await db.query("select coalesce(string_agg(mark, ' ' order by id), '') from forge_outbox");
            co_return std::string(r.text(0, 0));
        };
        for (int i = 0; i < 3; ++i)
            for (state now : {state(for_sake_of(wait_reason::day_budget)), state(queued{})}) {
                auto was = co_await all.load(id);
                EXPECT_TRUE(co_await all.save(*was, in_state(was->task, now), false));
            }
        const auto told = "task-" + id.str() + "-0-waiting-day-budget";
        EXPECT_EQ(co_await marks(), told);
        auto was = co_await all.load(id);
        EXPECT_TRUE(co_await all.save(*was, in_state(was->task, for_sake_of(wait_reason::key)), false));
        EXPECT_EQ(co_await marks(), told + " task-" + id.str() + "-0-waiting-key") << "another reason is other news";
    });
}

TEST_F(forge_tell, where_the_newest_turn_was_asked_for) {
    with([](store::pool& db) -> awaitable<void> {
        pg_tasks all(db, "me", 10s);
        auto id = co_await task_of_forge(db, all);
        for (int turn : {1, 3})
            co_await db.transact(
                {came_from_forge({.task = id, .turn = turn, .remote = "r", .number = 10 + turn, .author = "ann"})});
        for (auto [turn, number] : {std::pair(0, "3"), {1, "11"}, {2, "11"}, {3, "13"}, {4, "13"}}) {
            auto was = co_await all.load(id);
            auto next = in_state(was->task, failed{verdict::no_change, "", "Nothing."});
            next.known.turn = turn;
            EXPECT_TRUE(co_await all.save(*was, next, false));
            auto r = co_await db.query("delete from forge_outbox returning number, mark");
            EXPECT_EQ(r.size(), 1) << turn;
            EXPECT_EQ(r.text(0, 0), number) << turn;
            EXPECT_TRUE(r.text(0, 1).starts_with(fmt::format("task-{}-{}-failed-", id.value, turn))) << r.text(0, 1);
            was = co_await all.load(id);
            EXPECT_TRUE(co_await all.save(*was, in_state(was->task, queued{}), false));
        }
    });
}

TEST_F(forge_tell, nothing_when_the_transaction_that_ends_the_task_comes_to_nothing) {
    with([](store::pool& db) -> awaitable<void> {
        pg_tasks all(db, "me", 10s);
        auto id = co_await task_of_forge(db, all);
        auto was = co_await all.load(id);
        auto stale = *was;
        EXPECT_TRUE(co_await all.save(*was, in_state(was->task, for_sake_of(wait_reason::world)), false));
        EXPECT_FALSE(co_await all.save(stale, in_state(stale.task, aborted{}), false)) << "another one was first";
        EXPECT_EQ((co_await db.query("select from forge_outbox")).size(), 0);
        co_await db.query("delete from tasks where id = $1", {id.str()});
        EXPECT_EQ((co_await db.query("select from forge_turns")).size(), 0);
    });
}

TEST_F(forge_tell, and_a_mark_is_one_note_and_no_text_of_others) {
    with([](store::pool& db) -> awaitable<void> {
        const forge_note one{.remote = "r", .number = 3, .mark = "heard-comment-5", .body = "No."};
        co_await db.transact({say_at_forge(one), say_at_forge(one)});
        auto notes = co_await claim_notes(db, 60s);
        EXPECT_EQ(notes.size(), 1U);
        EXPECT_TRUE((co_await claim_notes(db, 60s)).empty()) << "nobody else says it meanwhile";
        EXPECT_EQ((std::tuple(notes.at(0).task, notes.at(0).body, notes.at(0).tries)),
                  (std::tuple(std::optional<task_id>(), std::string("No."), 0)));
        co_await put_off_note(db, notes.at(0).id, 0s);
        notes = co_await claim_notes(db, 60s);
        EXPECT_EQ(notes.at(0).tries, 1);
        co_await end_note(db, notes.at(0).id);
        EXPECT_EQ(co_await next_at_forge(db), std::nullopt);
        for (auto mark : {"", "A", "a --> b", "a_b", "a\n"}) {
            const auto sql = "insert into forge_outbox (remote, number, mark, body) values ('r', 1, $m$" +
                             std::string(mark) + "$m$, 'b')";
            EXPECT_EQ(co_await refusal(db, sql), "23514") << mark;
        }
        EXPECT_EQ(co_await refusal(db, "insert into forge_outbox (remote, number, mark) values ('r', 1, 'a')"), "23514")
            << "it says nothing";
    });
}

TEST_F(forge_tell, and_what_was_heard_has_a_place_and_one_end) {
    with([](store::pool& db) -> awaitable<void> {
        const std::string now = "clock_timestamp()";
        for (auto [values, code] : {
                 std::pair("'r', 'comment', '1', 3, '', now(), null, null", "accepted"),
                 {"'r', 'comment', '1', 4, '', now(), null, null", "23505"},
                 {"'r', 'review', '1', 3, '', now(), null, null", "accepted"},
                 {"'r', 'red', 'c0ffee', 0, 'b', now(), null, null", "accepted"},
                 {"'r', 'red', 'c0ffe0', 3, 'b', now(), null, null", "23514"},
                 {"'r', 'red', 'c0ffe1', 0, '', now(), null, null", "23514"},
                 {"'r', 'comment', '2', 0, '', now(), null, null", "23514"},
                 {"'r', 'comment', '3', -1, '', now(), null, null", "23514"},
                 {"'r', 'push', '4', 3, '', now(), null, null", "23514"},
                 {"'r', 'comment', '5', 3, '', now(), now(), null", "23514"},
                 {"'r', 'comment', '6', 3, '', now(), null, 'task'", "23514"},
                 {"'r', 'comment', '7', 3, '', now(), now(), 'done'", "23514"},
             })
            EXPECT_EQ(co_await refusal(db, insert_heard(values)), code) << values;
        EXPECT_EQ(co_await refusal(db, "select forge_take(4711, 'task')"), "PX001") << "what is not there";
        EXPECT_EQ(co_await refusal(db, "select forge_take(min(id), 'lost') from forge_inbox"), "23514");
        // Two take the same: one transaction waits for the other, and writes nothing.
        auto take = [](store::pool& on, std::string body) -> awaitable<std::string> {
            auto id = (co_await on.query("select min(id) from forge_inbox")).number(0, 0);
            try {
                co_await on.transact(
                    {take_heard(id, "refused"),
                     say_at_forge({.remote = "r", .number = 3, .mark = "heard-" + body, .body = body})});
                co_return "taken";
            } catch (const store::db_error& e) {
                co_return e.sqlstate;
            }
        };
        background<std::string> other(co_await asio::this_coro::executor, take(db, "one"));
        std::vector<std::string> both{co_await take(db, "two")};
        both.push_back(co_await other.join());
        std::ranges::sort(both);
        EXPECT_EQ(both, (std::vector<std::string>{"PX001", "taken"}));
        EXPECT_EQ((co_await db.query("select from forge_outbox")).size(), 1);
    });
}

TEST_F(forge_tell, and_one_bad_thing_in_a_look_keeps_nothing_of_it) {
    with([](store::pool& db) -> awaitable<void> {
        heard good{.remote = "r", .kind = "comment", .thing = "1", .number = 3, .said_at = "2026-11-30T12:00:00Z"};
        auto bad = good;
        bad.thing = "2";
        bad.said_at = "yesterday noon or so";
        std::string code;
        try {
            co_await keep_heard(db, {good, bad}, "r", "2026-11-30T13:00:00Z");
        } catch (const store::db_error& e) {
            code = e.sqlstate;
        }
        EXPECT_EQ(code, "22007");
        EXPECT_EQ(co_await looked_until(db, "r"), std::nullopt) << "what was not kept is looked for again";
        bad.said_at = "2026-11-30T15:00:00+05:00";
        EXPECT_EQ(co_await keep_heard(db, {good, bad, good}, "r", "2026-11-30T13:00:00Z"), 2);
        auto mine = co_await claim_heard(db, 60s);
        EXPECT_EQ(mine.at(0).thing, "2") << "times are compared as times";
    });
}

TEST_F(forge_tell, and_the_mended_checks_are_counted_until_somebody_says_something) {
    with([](store::pool& db) -> awaitable<void> {
        pg_tasks all(db, "me", 10s);
        auto id = co_await task_of_forge(db, all);
        auto turn = [&](int number, std::optional<std::string> author) -> awaitable<int> {
            co_await db.query("insert into task_turns (task_id, turn, instruction) values ($1, $2::int, 'x')",
                              {id.str(), std::to_string(number)});
            if (author)
                co_await db.transact({came_from_forge(
                    {.task = id, .turn = number, .remote = "r", .number = 3, .author = std::move(*author)})});
            co_return co_await mended_in_a_row(db, id);
        };
        EXPECT_EQ(co_await mended_in_a_row(db, id), 0);
        EXPECT_EQ(co_await turn(1, ""), 1);
        EXPECT_EQ(co_await turn(2, ""), 2);
        EXPECT_EQ(co_await turn(3, "ann"), 0) << "a person wants something else";
        EXPECT_EQ(co_await turn(4, ""), 1);
        EXPECT_EQ(co_await turn(5, std::nullopt), 0) << "somebody wrote in the chat";
        EXPECT_EQ(co_await kept_replies(db, id), 5);
    });
}

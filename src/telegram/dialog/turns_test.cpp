// Replies to tasks, and the buttons that go on with them.
#include "service/limits.hpp"
#include "telegram/dialog/limits.hpp"
#include "telegram/dialog/testing_update_handler.hpp"
#include "telegram/store/task_messages.hpp"

using namespace persais;
using namespace persais::telegram;
using telegram::testing::count_of;
using telegram::testing::with_update_handler;
using namespace std::chrono_literals;

namespace {

constexpr auto settled = "update tasks set state = 'aborted', not_before = null, fence = 1";
constexpr auto coding = "update tasks set state = 'coding', not_before = null, fence = 1, attempt = 1, round = 0, "
                        "lease_owner = 'x', lease_until = now() + interval '1 h'";

struct handled_replies : with_update_handler {
    /// Person 2 has given task 1 by message 501; `state` is what has become of it since.
    template <class F>
    void with_task(std::string then, F body) {
        with([this, then, body](store::pool& db) -> awaitable<void> {
            update_handler a(dependencies(db));
            co_await a.begin();
            co_await hear(a, db, says(2, "mend the sum"));
            co_await db.script(then);
            time.at += 1min;
            co_await body(a, db);
        });
    }
    /// Puts a button under the task's own message.
    awaitable<void> shown(store::pool& db, std::string action, std::string argument) {
        co_await telegram::button_tokens(db, 2, {1}, {{std::move(action), std::move(argument), true}});
    }
};

awaitable<std::string> text_of(store::pool& db, std::string what) { // `db` outlives it
    auto r = co_await db.query(what);
    co_return r.empty() ? "" : std::string(r.text(0, 0));
}

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != text.npos;
}

} // namespace

TEST_F(handled_replies, to_a_task_that_has_settled_is_its_next_turn_with_a_message_of_its_own) {
    with_task(settled, [this](update_handler& a, store::pool& db) -> awaitable<void> {
        EXPECT_EQ(co_await hear(a, db, replies(2, 501, "and the tests")), "turn");
        EXPECT_EQ(co_await count_of(db, "tasks"), 1);
        EXPECT_EQ(
            co_await text_of(db, "select format('%s %s %s %s', turn, instruction, person_id, state) from task_turns"),
            "1 and the tests 2 kept");
        EXPECT_EQ(co_await text_of(db, "select format('%s %s', chat_id, reply_to) from task_messages where turn = 1"),
                  "2 502");
        EXPECT_EQ(co_await text_of(db, "select request #>> '{remember,turn}' from outbox order by id desc limit 1"),
                  "1");
        EXPECT_TRUE(has(co_await told(db), "Going on with task 1."));
        time.at += 5s;
        auto to_itself = replies(2, 502, "and that"); // a message that was already made part of the task
        EXPECT_EQ(co_await hear(a, db, to_itself), "turn");
        EXPECT_EQ(co_await told(db), "Task 1 is under way; I go on with this when it is done.");
    });
}

TEST_F(handled_replies, to_a_task_under_way_is_kept_and_told_so) {
    with_task(coding, [this](update_handler& a, store::pool& db) -> awaitable<void> {
        EXPECT_EQ(co_await hear(a, db, replies(2, 501, "and the tests")), "turn");
        EXPECT_EQ(co_await told(db), "Task 1 is under way; I go on with this when it is done.");
        auto of_now = co_await telegram::message_of(db, {1});
        EXPECT_EQ(of_now->turn, 0) << "the message that shows what is done now is still the first one";
        co_await db.query(
            "insert into task_turns (task_id, turn, instruction) select 1, n, 'x' from generate_series(2, $1::int) n",
            {std::to_string(limits::replies_kept)});
        time.at += 5s;
        EXPECT_EQ(co_await hear(a, db, replies(2, 501, "one too many")), "refused");
        EXPECT_TRUE(has(co_await told(db), "was not taken"));
    });
}

TEST_F(handled_replies, that_a_client_split_are_one_turn_which_waits_for_all_its_parts) {
    with_task(settled, [this](update_handler& a, store::pool& db) -> awaitable<void> {
        queue::pg_tasks all(db, "who works", 10s);
        auto kept = "select format('%s %s', turn, instruction) from task_turns order by turn desc limit 1";
        EXPECT_EQ(co_await hear(a, db, replies(2, 501, "one")), "turn");
        EXPECT_EQ(co_await hear(a, db, says(2, "two")), "joined");
        EXPECT_EQ(co_await hear(a, db, says(2, "three", 1s)), "joined");
        EXPECT_EQ(co_await text_of(db, kept), "1 one\n\ntwo\n\nthree");
        EXPECT_EQ(co_await count_of(db, "tasks"), 1);
        EXPECT_TRUE((co_await all.turns_to_begin()).empty()) << "there may be a fourth";
        EXPECT_LE((co_await all.next_due()).due, limits::said_together);
        co_await db.script("update task_turns set not_before = clock_timestamp()");
        EXPECT_EQ((co_await all.turns_to_begin()).size(), 1u);
        EXPECT_EQ(co_await hear(a, db, says(1, "of somebody else", 2s)), "task");
        time.at += 5s;
        EXPECT_EQ(co_await hear(a, db, says(2, "something else")), "task");
        EXPECT_EQ(co_await text_of(db, kept), "1 one\n\ntwo\n\nthree");
    });
}

TEST_F(handled_replies, two_at_once_have_a_turn_each) {
    with_task(settled, [this](update_handler& a, store::pool& db) -> awaitable<void> {
        auto first = replies(2, 501, "one"), second = replies(1, 501, "two");
        std::get<message>(second.what.what).where.id = 2; // in the chat of the task
        auto one = co_await a.decide(first), two = co_await a.decide(second);
        co_await db.transact(std::move(one.writes));
        std::string state;
        try {
            co_await db.transact(std::move(two.writes));
        } catch (const store::db_error& e) {
            state = e.sqlstate;
        }
        EXPECT_EQ(state, "23505") << "the reader decides anew";
        EXPECT_EQ(co_await hear(a, db, second), "turn");
        EXPECT_EQ(co_await text_of(
                      db, "select string_agg(format('%s %s', turn, instruction), ', ' order by turn) from task_turns"),
                  "1 one, 2 two");
    });
}

TEST_F(handled_replies, that_are_empty_or_too_long_or_to_nothing_begin_no_turn) {
    with_task(settled, [this](update_handler& a, store::pool& db) -> awaitable<void> {
        EXPECT_EQ(co_await hear(a, db, replies(2, 501, std::string(17 * 1024, 'x'))), "refused");
        time.at += 5s;
        EXPECT_EQ(co_await hear(a, db, replies(2, 501, " ")), "answer");
        EXPECT_EQ(co_await hear(a, db, replies(2, 499, "about something else")), "task");
        EXPECT_EQ(co_await count_of(db, "task_turns"), 0);
    });
}

TEST_F(handled_replies, a_retry_of_a_turn_that_came_to_nothing_is_that_turn_once_more) {
    constexpr auto nothing = R"(update tasks set state = 'review', not_before = null, fence = 1,
        commit_id = repeat('b', 40), verdict = 'ready', facts = facts || '{"turn": 1, "asked": "and the tests",
        "made": {"commit": "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"},
        "came_to_nothing": {"how": "no_change", "reason": "", "sentence": "Nothing."}}')";
    with_task(nothing, [this](update_handler& a, store::pool& db) -> awaitable<void> {
        EXPECT_EQ(co_await hear(a, db, says(2, "/retry 1")), "command");
        EXPECT_EQ(co_await count_of(db, "tasks"), 1);
        EXPECT_EQ(co_await text_of(db, "select format('%s %s', turn, instruction) from task_turns"), "2 and the tests");
        EXPECT_TRUE(has(co_await told(db), "Going on with task 1."));
    });
}

TEST_F(handled_replies, an_answer_becomes_a_task_with_one_press_and_once) {
    constexpr auto answered = R"(update tasks set state = 'answered', kind = 'question', not_before = null, fence = 1,
        conversation = '[{"role": "user"}]')";
    with_task(answered, [this](update_handler& a, store::pool& db) -> awaitable<void> {
        co_await shown(db, "make_task", "");
        EXPECT_EQ(co_await hear(a, db, co_await presses(db, 2, "make_task")), "button");
        EXPECT_TRUE(has(calls.back(), "Task 2 is made of it."));
        EXPECT_EQ(
            co_await text_of(db, "select format('%s %s %s', kind, from_answer, conversation) from tasks where id = 2"),
            R"(change 1 [{"role": "user"}])");
        EXPECT_EQ(co_await text_of(db, "select chat_id::text from task_messages where task_id = 2"), "2");
        co_await hear(a, db, co_await presses(db, 2, "make_task"));
        EXPECT_EQ(co_await count_of(db, "tasks"), 2);
    });
}

TEST_F(handled_replies, an_admin_gives_a_waiting_task_more_money) {
    settings.budget_day_usd = 20;
    constexpr auto waiting = R"(update tasks set state = 'waiting', not_before = null, fence = 1,
        wait_reason = 'task_budget', wait_until = now() + interval '1 h', give_up_at = now() + interval '1 day')";
    with_task(waiting, [this](update_handler& a, store::pool& db) -> awaitable<void> {
        auto state = "select format('%s %s', budget_usd, wait_until <= clock_timestamp()) from tasks";
        co_await shown(db, "budget_more", "4.0000");
        co_await hear(a, db, co_await presses(db, 2, "budget_more"));
        EXPECT_TRUE(has(calls.back(), "admin")) << calls.back();
        auto by_admin = co_await presses(db, 1, "budget_more");
        co_await hear(a, db, by_admin);
        EXPECT_TRUE(has(calls.back(), "Task 1 may cost $4.00 now, and goes on.")) << calls.back();
        EXPECT_EQ(co_await text_of(db, state), "4 t");
        co_await hear(a, db, by_admin);
        EXPECT_TRUE(has(calls.back(), "before")) << calls.back();
        co_await shown(db, "budget_more", "40.0000");
        co_await hear(a, db, co_await presses(db, 1, "budget_more"));
        EXPECT_EQ(co_await text_of(db, state), "4 t") << "more than all tasks may cost in a day";
    });
}

namespace {

/// A task whose work is held back: commit cccc…
constexpr auto held =
    R"(update tasks set state = 'failed', not_before = null, fence = 1, verdict = 'secret_found', reason = '',
    sentence = 'The change has what looks like a credential.', facts = facts || '{
        "made": {"commit": "cccccccccccccccccccccccccccccccccccccccc", "files": 1, "insertions": 1, "deletions": 0},
        "held_back": {"what": {"made": {"commit": "cccccccccccccccccccccccccccccccccccccccc"}, "how": "ready",
                               "before": "green", "after": "green"},
                      "found": [{"path": "a.py", "line": 3, "rule": "some-rule", "about": "", "shown": "abcd…"}]}}')";
const std::string held_commit(40, 'c');

} // namespace

TEST_F(handled_replies, only_an_admin_lets_held_work_be_pushed_and_only_what_was_shown) {
    with_task(held, [this](update_handler& a, store::pool& db) -> awaitable<void> {
        auto state = "select format('%s %s', state, facts ->> 'anyway') from tasks";
        co_await shown(db, "push", held_commit);
        co_await hear(a, db, co_await presses(db, 2, "push"));
        EXPECT_TRUE(has(calls.back(), "admin")) << calls.back();
        EXPECT_EQ(co_await text_of(db, state), "failed ");
        auto by_admin = co_await presses(db, 1, "push");
        co_await hear(a, db, by_admin);
        EXPECT_TRUE(has(calls.back(), "Task 1 is pushed as it is.")) << calls.back();
        EXPECT_EQ(co_await text_of(db, state), "queued " + held_commit);
        co_await hear(a, db, by_admin);
        EXPECT_TRUE(has(calls.back(), "before")) << calls.back();
    });
}

TEST_F(handled_replies, other_held_work_than_was_shown_is_not_pushed) {
    with_task(held, [this](update_handler& a, store::pool& db) -> awaitable<void> {
        co_await shown(db, "push", std::string(40, 'd'));
        co_await hear(a, db, co_await presses(db, 1, "push"));
        EXPECT_EQ(co_await text_of(db, "select state from tasks"), "failed") << calls.back();
        co_await shown(db, "give_back", std::string(40, 'd'));
        co_await hear(a, db, co_await presses(db, 2, "give_back"));
        EXPECT_EQ(co_await count_of(db, "task_turns"), 0) << calls.back();
    });
}

TEST_F(handled_replies, held_work_is_given_back_with_one_press) {
    with_task(held, [this](update_handler& a, store::pool& db) -> awaitable<void> {
        co_await shown(db, "give_back", held_commit);
        co_await hear(a, db, co_await presses(db, 2, "give_back"));
        EXPECT_TRUE(has(calls.back(), "Going on with task 1.")) << calls.back();
        auto asked = co_await text_of(db, "select instruction from task_turns");
        EXPECT_TRUE(has(asked, "`a.py` line 3")) << asked;
        EXPECT_TRUE(has(asked, "Take it out")) << asked;
    });
}

TEST_F(handled_replies, the_chat_does_not_show_the_diff_of_held_work) {
    with_task(held, [this](update_handler& a, store::pool& db) -> awaitable<void> {
        diffs.shown.what = service::task_diff::kind::withheld;
        co_await hear(a, db, says(2, "/diff 1"));
        EXPECT_TRUE(has(co_await told(db), "not shown in a chat"));
    });
}

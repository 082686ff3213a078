// Putting a result away from a chat, and taking it up again.
#include "telegram/dialog/testing_update_handler.hpp"
#include "telegram/store/button_action.hpp"
#include "telegram/store/task_messages.hpp"

using namespace persais;
using namespace persais::telegram;
using telegram::testing::with_update_handler;
using namespace std::chrono_literals;

namespace {

/// A task with a result: commit cccc…
constexpr auto in_review =
    R"(update tasks set state = 'review', not_before = null, fence = 1, verdict = 'ready',
    commit_id = 'cccccccccccccccccccccccccccccccccccccccc', facts = facts || '{"base_branch": "main", "branch": "mechanic/1-mend",
        "made": {"commit": "cccccccccccccccccccccccccccccccccccccccc", "files": 1, "insertions": 1, "deletions": 0}}')";
const std::string commit(40, 'c');

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != text.npos;
}

awaitable<std::string> state(store::pool& db) { // `db` outlives it
    auto r = co_await db.query("select state from tasks where id = 1");
    co_return std::string(r.text(0, 0));
}

struct discards_in_a_chat : with_update_handler {
    /// Person 2 has given task 1, which has a result; person 1 is the admin.
    template <class F>
    void with_task(F body) {
        with([this, body](store::pool& db) -> awaitable<void> {
            update_handler a(dependencies(db));
            co_await a.begin();
            co_await hear(a, db, says(2, "mend the sum"));
            co_await db.script(in_review);
            time.at += 1min;
            co_await body(a, db);
        });
    }
    /// As it stands under a message of the task.
    awaitable<void> shown(store::pool& db, action what, std::string argument) {
        co_await telegram::button_tokens(db, 2, {1},
                                         {{std::string(to_string(what)), std::move(argument), works_once(what)}});
    }
};

} // namespace

TEST_F(discards_in_a_chat, ask_once_and_are_undone_by_a_button) {
    with_task([this](update_handler& a, store::pool& db) -> awaitable<void> {
        co_await shown(db, action::discard, commit);
        auto discard = co_await presses(db, 2, "discard");
        co_await hear(a, db, discard);
        EXPECT_TRUE(
            has(co_await told(db), "Discard its result, commit cccccccccc? Its branch mechanic/1-mend stays in"))
            << co_await told(db);
        EXPECT_EQ(co_await state(db), "review") << "it only asks";
        co_await hear(a, db, co_await presses(db, 2, "discard_it"));
        EXPECT_TRUE(has(calls.back(), "Task 1 is discarded.")) << calls.back();
        EXPECT_EQ(co_await state(db), "discarded");
        co_await shown(db, action::undiscard, commit);
        auto undo = co_await presses(db, 2, "undiscard");
        for (int times = 0; times < 2; ++times) { // each decision may be taken back, however often
            co_await hear(a, db, undo);
            EXPECT_TRUE(has(calls.back(), "The result of task 1 is there again.")) << calls.back();
            EXPECT_EQ(co_await state(db), "review");
            time.at += 5s;
            co_await hear(a, db, discard);
            co_await hear(a, db, co_await presses(db, 2, "discard_it"));
            EXPECT_EQ(co_await state(db), "discarded");
        }
    });
}

TEST_F(discards_in_a_chat, by_command_ask_too_and_so_does_the_abort_of_a_result) {
    with_task([this](update_handler& a, store::pool& db) -> awaitable<void> {
        for (const auto* command : {"/discard 1", "/abort 1"}) {
            co_await hear(a, db, says(2, command));
            EXPECT_TRUE(has(co_await told(db), "Discard its result")) << command << co_await told(db);
            EXPECT_EQ(co_await state(db), "review") << command;
            time.at += 5s;
        }
        auto discard = co_await presses(db, 2, "discard_it");
        co_await hear(a, db, discard);
        time.at += 5s;
        co_await hear(a, db, says(2, "/discard 1"));
        EXPECT_TRUE(has(co_await told(db), "Task 1 is discarded already.")) << co_await told(db);
        auto undo = co_await presses(db, 2, "undiscard");
        for (int times = 0; times < 2; ++times) {
            co_await hear(a, db, undo);
            EXPECT_EQ(co_await state(db), "review") << times;
            co_await hear(a, db, discard);
            EXPECT_EQ(co_await state(db), "discarded") << times;
        }
    });
}

TEST_F(discards_in_a_chat, of_an_earlier_result_are_not_undone_when_a_later_one_was_put_away) {
    with_task([this](update_handler& a, store::pool& db) -> awaitable<void> {
        co_await shown(db, action::undiscard, std::string(40, 'd'));
        co_await shown(db, action::discard_it, commit);
        co_await hear(a, db, co_await presses(db, 2, "discard_it"));
        co_await hear(a, db, co_await presses(db, 2, "undiscard"));
        EXPECT_TRUE(has(calls.back(), "look at its newest message")) << calls.back();
        EXPECT_EQ(co_await state(db), "discarded");
    });
}

// Its message is still to be edited: the landing that it is meant for has come to nothing.
TEST_F(discards_in_a_chat, are_offered_by_the_abort_button_of_what_has_ended_meanwhile) {
    with_task([this](update_handler& a, store::pool& db) -> awaitable<void> {
        co_await hear(a, db, co_await presses(db, 2, "abort"));
        EXPECT_TRUE(has(co_await told(db), "Discard its result, commit cccccccccc?")) << co_await told(db);
        EXPECT_EQ(co_await state(db), "review") << "nobody was asked";
        co_await hear(a, db, co_await presses(db, 2, "discard_it"));
        EXPECT_EQ(co_await state(db), "discarded");
        co_await db.script("delete from buttons where action = 'abort'");
        co_await shown(db, action::abort, "");
        co_await hear(a, db, co_await presses(db, 2, "abort"));
        EXPECT_TRUE(has(calls.back(), "Too late: task 1 is discarded now.")) << calls.back();
    });
}

TEST_F(discards_in_a_chat, are_the_owners_and_of_the_commit_that_was_shown) {
    with_task([this](update_handler& a, store::pool& db) -> awaitable<void> {
        co_await shown(db, action::discard_it, std::string(40, 'd'));
        co_await hear(a, db, co_await presses(db, 2, "discard_it"));
        EXPECT_TRUE(has(calls.back(), "look at its newest message")) << calls.back();
        co_await shown(db, action::discard, std::string(40, 'd'));
        co_await hear(a, db, co_await presses(db, 2, "discard"));
        EXPECT_TRUE(has(calls.back(), "look at its newest message")) << calls.back();
        co_await db.script("delete from buttons");
        co_await shown(db, action::discard_it, commit);
        co_await shown(db, action::undiscard, commit);
        co_await hear(a, db, co_await presses(db, 3, "discard_it"));
        EXPECT_EQ(co_await state(db), "review") << "a stranger";
        co_await hear(a, db, co_await presses(db, 2, "undiscard"));
        EXPECT_TRUE(has(calls.back(), "has no result that was discarded")) << calls.back();
    });
}

// The button stands under the result again when its landing came to nothing.
TEST_F(discards_in_a_chat, and_deploys_can_be_decided_again) {
    with_task([this](update_handler& a, store::pool& db) -> awaitable<void> {
        co_await shown(db, action::deploy, commit);
        auto deploy = co_await presses(db, 1, "deploy");
        for (int times = 0; times < 2; ++times) {
            co_await hear(a, db, deploy);
            EXPECT_TRUE(has(calls.back(), "Task 1 is being deployed.")) << calls.back();
            co_await hear(a, db, deploy);
            EXPECT_TRUE(has(calls.back(), "Task 1 is under way")) << calls.back();
            co_await db.script("update tasks set state = 'review', not_before = null, verdict = 'ready', commit_id = "
                               "'cccccccccccccccccccccccccccccccccccccccc', facts = facts - 'lands'");
        }
    });
}

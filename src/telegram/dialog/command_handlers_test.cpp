#include "telegram/dialog/testing_update_handler.hpp"
#include "telegram/store/buttons.hpp"

using namespace persais;
using namespace persais::telegram;
using telegram::testing::count_of;
using telegram::testing::with_update_handler;
using namespace std::chrono_literals;

namespace {

struct handled_commands : with_update_handler {
    /// Gives `body` an update handler that has begun.
    template <class F>
    void with_handler(F body) {
        with([this, body](store::pool& db) -> awaitable<void> {
            update_handler a(dependencies(db));
            co_await a.begin();
            co_await body(a, db);
        });
    }
    awaitable<std::string> answer(update_handler& a, store::pool& db, arrived one) {
        co_await hear(a, db, std::move(one));
        co_return co_await told(db);
    }
};

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != text.npos;
}

} // namespace

TEST_F(handled_commands, an_unknown_command_gets_one_helpful_line) {
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        EXPECT_TRUE(has(co_await answer(a, db, says(2, "/abrot 17")), "/abort"));
        EXPECT_TRUE(has(co_await answer(a, db, says(2, "/somethingelse")), "/help"));
        EXPECT_TRUE(has(co_await answer(a, db, says(2, "/diff abc")), "/diff 17"));
        EXPECT_TRUE(has(co_await answer(a, db, says(2, "/diff 99")), "99"));
        EXPECT_EQ(co_await count_of(db, "tasks"), 0);
        EXPECT_EQ(co_await count_of(db, "outbox"), 4);
    });
}

TEST_F(handled_commands, everything_has_its_view_and_its_buttons) {
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        for (auto* command : {"/start", "/help", "/status", "/tasks", "/repo", "/model", "/budget", "/lang", "/ask"})
            EXPECT_FALSE((co_await answer(a, db, says(1, command))).empty()) << command;
        time.at += 1min;
        EXPECT_TRUE(has(co_await answer(a, db, says(1, "/status")), "1.2"));
        EXPECT_EQ(co_await hear(a, db, co_await presses(db, 1, "show")), "button");
        EXPECT_EQ(calls.size(), 1u);
        EXPECT_TRUE(has(calls.at(0), "answerCallbackQuery"));
    });
}

TEST_F(handled_commands, the_table_takes_the_buttons_that_a_press_is_known_of_and_no_others) {
    with_handler([](update_handler&, store::pool& db) -> awaitable<void> {
        std::vector<stored_button> all;
        for (std::size_t i = 0; i < actions_known; ++i)
            all.push_back(new_button(2, std::string(to_string(static_cast<action>(i)))));
        auto add = add_buttons(all);
        co_await db.query(add.sql, add.params);
        auto known = co_await db.query("select count(*) from pg_constraint, regexp_matches("
                                       "pg_get_constraintdef(oid), '''[a-z_]+''', 'g') where conname = 'action_known'");
        EXPECT_EQ(known.number(0, 0), actions_known);
    });
}

TEST_F(handled_commands, a_language_once_chosen_is_kept) {
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        EXPECT_TRUE(has(co_await answer(a, db, says(2, "/lang ru")), "русски"));
        EXPECT_EQ((co_await db.query("select language from people where id = 2")).text(0, 0), "ru");
        EXPECT_FALSE(has(co_await answer(a, db, says(2, "/budget 1")), "admin"));
        EXPECT_TRUE(has(co_await answer(a, db, says(1, "/lang xx")), "/lang"));
    });
}

TEST_F(handled_commands, a_question_is_a_task_that_changes_nothing) {
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        EXPECT_EQ(co_await hear(a, db, says(2, "/ask where is it?")), "question");
        time.at += 10s;
        EXPECT_EQ(co_await hear(a, db, says(2, "/ask")), "command");
        EXPECT_EQ(co_await hear(a, db, says(2, "and who?")), "question") << "the answer to our question";
        EXPECT_EQ(co_await hear(a, db, says(1, "not hers")), "task");
        EXPECT_EQ(co_await count_of(db, "tasks where kind = 'question'"), 2);
    });
}

TEST_F(handled_commands, only_an_admin_sets_the_budget_and_not_over_the_days) {
    settings.budget_day_usd = 20;
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        co_await hear(a, db, says(2, "/budget 5"));
        EXPECT_EQ(co_await count_of(db, "conversations where budget_usd is not null"), 0);
        co_await hear(a, db, says(1, "/budget 50"));
        co_await hear(a, db, says(1, "/budget much"));
        EXPECT_EQ(co_await count_of(db, "conversations where budget_usd is not null"), 0);
        co_await hear(a, db, says(1, "/budget 2,5"));
        EXPECT_EQ(co_await count_of(db, "conversations where budget_usd = 2.5 and chat_id = 1"), 1);
        co_await hear(a, db, says(1, "mend it"));
        EXPECT_EQ(co_await count_of(db, "tasks where budget_usd = 2.5"), 1);
        EXPECT_TRUE(has(co_await answer(a, db, says(1, "/reset")), "forgotten"));
        EXPECT_EQ(co_await count_of(db, "conversations where budget_usd is not null"), 0);
    });
}

TEST_F(handled_commands, an_abort_is_the_owners_or_an_admins_and_works_once) {
    settings.allowed_user_ids.push_back(4);
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        co_await hear(a, db, says(2, "mend it"));
        EXPECT_EQ(co_await hear(a, db, co_await presses(db, 3, "abort")), "refused");
        EXPECT_EQ(co_await hear(a, db, co_await presses(db, 4, "abort")), "button") << "somebody who may give tasks";
        EXPECT_TRUE(has(calls.back(), "may not press"));
        EXPECT_EQ(co_await count_of(db, "tasks where state = 'aborted'"), 0);
        EXPECT_EQ(co_await hear(a, db, co_await presses(db, 2, "abort")), "button");
        EXPECT_EQ(co_await count_of(db, "tasks where state = 'aborted'"), 1);
        EXPECT_EQ(co_await hear(a, db, co_await presses(db, 2, "abort")), "button");
        EXPECT_EQ(co_await count_of(db, "tasks where state = 'aborted'"), 1) << "pressed before";
        EXPECT_TRUE(has(calls.back(), "before"));
        EXPECT_EQ(calls.size(), 4u) << "each press was answered";
        time.at += 10s;
        co_await hear(a, db, says(2, "and this"));
        co_await hear(a, db, says(1, "/abort 2"));
        EXPECT_EQ(co_await count_of(db, "tasks where state = 'aborted'"), 2);
    });
}

TEST_F(handled_commands, one_abort_is_one_message) {
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        constexpr auto told_of_end = "outbox where body = 'Aborted.'";
        constexpr auto answers = "outbox where request::text like '%borted%'";
        co_await hear(a, db, says(2, "mend it"));
        co_await hear(a, db, says(2, "/abort 1"));
        EXPECT_EQ(co_await count_of(db, told_of_end), 1);
        EXPECT_EQ(co_await count_of(db, answers), 0) << "the end of the task is told anyway";
        EXPECT_TRUE(has(co_await answer(a, db, says(2, "/abort 1")), "Task 1 is aborted.")) << "nothing else tells it";
        time.at += 10s;
        co_await hear(a, db, says(2, "and this"));
        EXPECT_TRUE(has(co_await answer(a, db, says(1, "/abort 2")), "Task 2 is aborted.")) << "told in another chat";
    });
}

TEST_F(handled_commands, without_a_number_and_with_several_under_way_it_asks_which) {
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        EXPECT_FALSE(has(co_await answer(a, db, says(2, "/abort")), "Which"));
        co_await hear(a, db, says(2, "one"));
        time.at += 10s;
        co_await hear(a, db, says(2, "two"));
        EXPECT_EQ(co_await answer(a, db, says(2, "/abort")), "Which task?");
        EXPECT_EQ(co_await count_of(db, "tasks where state = 'aborted'"), 0);
    });
}

TEST_F(handled_commands, a_number_that_no_task_has_is_told_to_anybody) {
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        for (std::int64_t person : {1, 2}) // an admin too
            for (const auto* command : {"/retry 99", "/abort 99", "/diff 99", "/log 99"})
                EXPECT_EQ(co_await answer(a, db, says(person, command)), "There is no task 99. /tasks lists them.")
                    << command;
        EXPECT_EQ(co_await count_of(db, "outbox"), 8);
    });
}

TEST_F(handled_commands, cancel_ends_a_dialogue_and_says_when_there_is_none) {
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        EXPECT_TRUE(has(co_await answer(a, db, says(1, "/cancel")), "not waiting for any answer"));
        co_await hear(a, db, says(1, "/repo add"));
        EXPECT_TRUE(has(co_await answer(a, db, says(1, "/cancel")), "Cancelled"));
        EXPECT_EQ(co_await count_of(db, "conversations where expects is not null"), 0);
        EXPECT_EQ(co_await hear(a, db, says(1, "mend the sum")), "task") << "it is no address";
    });
}

TEST_F(handled_commands, a_retry_is_a_new_task_that_names_the_old_one) {
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        co_await hear(a, db, says(2, "one"));
        EXPECT_TRUE(has(co_await answer(a, db, says(2, "/retry")), "under way"));
        co_await db.query("update tasks set state = 'aborted', not_before = null");
        co_await hear(a, db, says(2, "/retry"));
        EXPECT_EQ(co_await count_of(db, "tasks t join task_chats c on c.task_id = t.id where t.retry_of is not null"),
                  1);
    });
}

TEST_F(handled_commands, the_rules_that_the_command_line_is_held_to) {
    using enum service::refusal::reason;
    settings.budget_day_usd = 20;
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        co_await hear(a, db, says(2, "one"));
        EXPECT_EQ((co_await rules().retry({1})).error().why, under_way);
        EXPECT_TRUE(has(co_await answer(a, db, says(2, "/retry 1")), "under way"));
        EXPECT_EQ((co_await rules().raise_budget({1}, 21, role::admin, relation::owns)).error().why, over_day);
        EXPECT_EQ((co_await rules().reply({1}, std::string(17 * 1024, 'x'))).error().why, too_long);
        time.at += 10s; // a message that follows at once is a part of the first
        EXPECT_TRUE(has(co_await answer(a, db, says(2, std::string(17 * 1024, 'x'))), "longer than 16384 characters"));
    });
}

TEST_F(handled_commands, a_diff_is_shown_and_a_long_one_is_a_file) {
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        co_await hear(a, db, says(2, "one"));
        EXPECT_TRUE(has(co_await answer(a, db, says(2, "/diff")), "nothing"));
        diffs.shown = {.what = service::task_diff::kind::there, .text = "-a\n+b\n", .commit = std::string(40, 'c')};
        EXPECT_TRUE(has(co_await answer(a, db, says(2, "/diff")), "+b"));
        diffs.shown.text = std::string(5000, 'x') + "\xff";
        co_await hear(a, db, says(2, "/diff"));
        auto r = co_await db.query("select request ->> 'method', request -> 'file' ->> 'name', "
                                   "length(request -> 'file' ->> 'hex') from outbox order by id desc limit 1");
        EXPECT_EQ(r.text(0, 0), "sendDocument");
        EXPECT_EQ(r.text(0, 1), "task-1.diff");
        EXPECT_EQ(r.number(0, 2), 10'002);
    });
}

TEST_F(handled_commands, an_edit_is_taken_while_nobody_has_begun) {
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        co_await hear(a, db, says(2, "mend teh sum"));
        EXPECT_EQ(co_await hear(a, db, edits(2, "mend teh sum")), "ignored") << "only its preview came";
        co_await hear(a, db, says(1, "/help"));
        co_await db.query("update task_chats set message_id = 501");
        auto one = edits(2, "mend the sum");
        std::get<edited>(one.what.what).now.id = 501;
        EXPECT_EQ(co_await hear(a, db, one), "answer");
        EXPECT_EQ(co_await count_of(db, "tasks where instruction = 'mend the sum'"), 1);
        co_await db.query("update tasks set fence = 1");
        std::get<edited>(one.what.what).now.text = "something else";
        EXPECT_EQ(co_await hear(a, db, one), "answer");
        EXPECT_EQ(co_await count_of(db, "tasks where instruction = 'mend the sum'"), 1);
    });
}

TEST_F(handled_commands, where_no_repository_is_set_the_person_chooses_and_it_begins) {
    settings.git_remote_url.clear();
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        EXPECT_EQ(co_await hear(a, db, says(2, "mend it")), "refused");
        EXPECT_EQ(co_await count_of(db, "tasks"), 0);
        co_await db.query("insert into repositories (name, remote) values ('team/app', '/srv/app.git')");
        time.at += 10s;
        EXPECT_EQ(co_await hear(a, db, says(2, "mend it")), "answer");
        EXPECT_EQ(co_await hear(a, db, co_await presses(db, 2, "repo")), "task");
        EXPECT_EQ(co_await count_of(db, "tasks where remote = '/srv/app.git' and instruction = 'mend it'"), 1);
        time.at += 10s;
        EXPECT_EQ(co_await hear(a, db, says(2, "more")), "task") << "it stays chosen";
    });
}

TEST_F(handled_commands, a_repository_is_added_and_its_token_is_nowhere_in_clear) {
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        EXPECT_TRUE(has(co_await answer(a, db, says(2, "/repo add https://git.example/team/app")), "admin"));
        for (auto* said : {"/repo add", "https://u:p@git.example/team/app", "ftp://git.example/x",
                           "https://git.example/team/app", "-", "npm ci", "npm test"})
            EXPECT_NE(co_await hear(a, db, says(1, said)), "task") << said;
        auto token = says(1, "sesame-token");
        co_await telegram::store_updates(db, {{token.what.id, "sesame-token"}});
        EXPECT_EQ(co_await hear(a, db, token), "answer");
        EXPECT_EQ(co_await count_of(db, "outbox where request ->> 'method' = 'deleteMessage'"), 1);
        EXPECT_EQ(co_await count_of(db, "inbox where octet_length(body) > 0"), 0);
        EXPECT_EQ(co_await count_of(db, "conversations where expects::text like '%sesame%'"), 0);
        EXPECT_EQ(beside.size(), 1u);
        co_await std::move(beside.front());
        EXPECT_EQ(remotes.looked, std::vector<std::string>{"https://git.example/team/app sesame-token"});
        EXPECT_EQ(remotes.kept, remotes.looked);
        auto r = co_await db.query(
            "select name, remote, setup, check_command, base_branch is null, token from repositories");
        EXPECT_EQ(r.size(), 1);
        EXPECT_EQ(r.text(0, 0), "team/app");
        EXPECT_EQ(r.text(0, 2), "npm ci");
        EXPECT_EQ(r.text(0, 3), "npm test");
        EXPECT_TRUE(r.boolean(0, 4));
        EXPECT_EQ(co_await hear(a, db, says(1, "mend it")), "task");
        EXPECT_EQ(co_await count_of(db, "tasks where remote = 'https://git.example/team/app'"), 1);
    });
}

TEST_F(handled_commands, a_trial_that_the_end_of_the_process_cut_is_begun_again) {
    remotes.verdict.cannot_push = "no right";
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        for (auto* said : {"/repo add https://git.example/team/app", "-", "-", "-"})
            co_await hear(a, db, says(1, said));
        co_await hear(a, db, co_await presses(db, 1, "dialog"));
        for (auto& each : beside)
            co_await std::move(each);
        beside.clear();
        bool told_of_it = has(co_await told(db), "no right") || has(co_await told(db), "Nothing");
        EXPECT_TRUE(told_of_it);
        EXPECT_EQ(co_await count_of(db, "repositories"), 0);
        co_await db.query("update conversations set expects = '{\"what\":\"repo\",\"step\":\"trying\",\"person\":1,"
                          "\"address\":\"/srv/x.git\",\"name\":\"x\"}'");
        remotes.verdict = {};
        update_handler after_restart(dependencies(db));
        co_await after_restart.begin();
        EXPECT_EQ(beside.size(), 1u);
        co_await std::move(beside.front());
        EXPECT_EQ(co_await count_of(db, "repositories where remote = '/srv/x.git'"), 1);
    });
}

TEST_F(handled_commands, model_takes_what_the_endpoint_lists_and_an_admin_allows) {
    with([this](store::pool& db) -> awaitable<void> {
        update_handler a(dependencies(db));
        co_await a.begin();
        co_await hear(a, db, says(1, "/model a/bettr"));
        EXPECT_EQ(co_await told(db),
                  "The endpoint has no model a/bettr. Did you mean a/better? Then send: /model a/better");
        co_await hear(a, db, says(1, "/model nothing-like-it"));
        EXPECT_TRUE((co_await told(db)).starts_with("The endpoint has no model nothing-like-it. Its list"));
        EXPECT_EQ(co_await count_of(db, "conversations where model is not null"), 0);
        co_await hear(a, db, says(1, "/model openrouter/a/better"));
        EXPECT_EQ(co_await told(db), "From now on a/better does the work here.");
        co_await hear(a, db, says(2, "/model a/better"));
        EXPECT_EQ(co_await told(db), "You can choose among these models: a/b. Ask an admin for another one.");
        settings.allowed_models = "a/better, c/d";
        co_await hear(a, db, says(2, "/model"));
        auto press = co_await presses(db, 2, "model", "c/d");
        co_await hear(a, db, press);
        EXPECT_EQ(co_await told(db), "From now on c/d does the work here.");
        settings.allowed_models = "";
        auto again = co_await presses(db, 2, "model", "a/better");
        co_await hear(a, db, again);
        EXPECT_TRUE((co_await told(db)).starts_with("You can choose among these models: a/b.")) << "an old button, too";
        co_await hear(a, db, says(2, "mend it"));
        EXPECT_EQ(co_await count_of(db, "tasks where model = 'a/b'"), 1) << "c/d was chosen while it was allowed";
        models.all.reset();
        co_await hear(a, db, says(1, "/model my/own"));
        EXPECT_TRUE((co_await told(db)).contains("I could not read the endpoint's list of models"));
        auto r = co_await db.query("select model from conversations where chat_id = 1");
        EXPECT_EQ(r.text(0, 0), "my/own");
    });
}

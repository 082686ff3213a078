// Several who have to agree, and codes of authenticator apps, in a chat (DEPLOY_RULES, DEPLOY_SECOND_FACTOR).
#include "base/totp.hpp"
#include "queue/second_factors.hpp"
#include "telegram/dialog/testing_update_handler.hpp"
#include "telegram/store/task_messages.hpp"

using namespace persais;
using namespace persais::telegram;
using telegram::testing::count_of;
using telegram::testing::with_update_handler;
using namespace std::chrono_literals;

namespace {

constexpr auto in_review =
    R"(update tasks set state = 'review', not_before = null, fence = 1, verdict = 'ready',
    commit_id = 'cccccccccccccccccccccccccccccccccccccccc', facts = facts || '{"base_branch": "main", "made":
        {"commit": "cccccccccccccccccccccccccccccccccccccccc", "files": 1, "insertions": 1, "deletions": 0}}')";
const std::string commit(40, 'c');

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != text.npos;
}

awaitable<std::string> text_of(store::pool& db, std::string what) { // `db` outlives it
    auto r = co_await db.query(what);
    co_return r.empty() ? "" : std::string(r.text(0, 0));
}

/// Person 2 has given task 1; persons 1 and 3 are admins.
struct approvals_in_a_chat : with_update_handler {
    approvals_in_a_chat() {
        settings.telegram_admin_ids = {1, 3};
        settings.allowed_user_ids = {1, 2, 3};
    }
    template <class F>
    void with_task(F body) {
        with([this, body](store::pool& db) -> awaitable<void> {
            update_handler a(dependencies(db));
            co_await a.begin();
            co_await hear(a, db, says(2, "mend the sum"));
            for (std::int64_t person : {1, 3})
                co_await hear(a, db, says(person, "/help"));
            co_await db.script(in_review);
            co_await telegram::button_tokens(db, 2, {1}, {{"deploy", commit, false}});
            time.at += 1min;
            co_await body(a, db);
        });
    }
    /// What a press of the newest such button is answered.
    awaitable<std::string> press(update_handler& a, store::pool& db, std::int64_t person, std::string what) {
        co_await hear(a, db, co_await presses(db, person, std::move(what)));
        co_return calls.back();
    }
    /// A message as it comes: with its row of the inbox.
    awaitable<std::string> types(update_handler& a, store::pool& db, std::int64_t person, std::string text) {
        auto one = says(person, text);
        co_await db.query("insert into inbox (update_id, body) values ($1, $2::bytea)",
                          {std::to_string(one.what.id), text});
        co_await hear(a, db, one);
        time.at += 5s;
        co_return co_await told(db);
    }
    static awaitable<std::string> told_to(store::pool& db, std::int64_t chat) {
        auto r =
            co_await db.query("select request -> 'body' ->> 'text' from outbox where chat_id = $1 and request is not "
                              "null order by id desc limit 1",
                              {std::to_string(chat)});
        co_return r.empty() ? "" : std::string(r.text(0, 0));
    }
    /// The secret of a person's app, as the database keeps it.
    awaitable<secret> app_of(store::pool& db, std::int64_t person) {
        auto kept = co_await queue::try_factor(db, std::to_string(person));
        co_await db.script("update second_factors set wrong = 0");
        co_return *sealing.open(kept->sealed, "second_factor:" + std::to_string(person));
    }
    std::string code(const secret& of, int steps = 0) { return totp::code_of(of, totp::step_at(time.at) + steps); }
};

} // namespace

TEST_F(approvals_in_a_chat, wait_for_another_who_is_asked_in_private) {
    settings.deploy_rules = "r approvals=2";
    with_task([this](update_handler& a, store::pool& db) -> awaitable<void> {
        EXPECT_TRUE(has(co_await press(a, db, 2, "deploy"), "Only an admin may do that.")) << calls.back();
        EXPECT_TRUE(has(co_await press(a, db, 1, "deploy"), "1 of 2 approvals. It waits for another person"));
        EXPECT_TRUE(has(co_await told_to(db, 2), "A agrees that commit cccccccccc of task 1 is deployed: 1 of 2"));
        EXPECT_TRUE(has(co_await told_to(db, 3), "A agrees that commit cccccccccc is deployed to main: 1 of 2"));
        EXPECT_FALSE(has(co_await told_to(db, 1), "agrees"));
        auto before = co_await count_of(db, "outbox");
        EXPECT_TRUE(has(co_await press(a, db, 1, "deploy"), "1 of 2 approvals")) << "once more is as once";
        EXPECT_EQ(co_await count_of(db, "outbox"), before) << "nobody is told again";
        EXPECT_EQ(co_await text_of(db, "select state from tasks"), "review");
        co_await hear(a, db, says(1, "/status"));
        EXPECT_TRUE(has(co_await told(db), "Task 1 (r): 1 of 2 approvals.")) << co_await told(db);
        EXPECT_TRUE(has(co_await press(a, db, 3, "deploy"), "Task 1 is being deployed.")) << calls.back();
        EXPECT_EQ(co_await text_of(db, "select string_agg(what || by, ' ' order by id) from audit where task_id = 1"),
                  "approved1 approved3 deploy_asked3");
    });
}

TEST_F(approvals_in_a_chat, are_told_to_the_others_also_after_a_crash_that_came_before_they_were) {
    settings.deploy_rules = "r approvals=2";
    with_task([this](update_handler& a, store::pool& db) -> awaitable<void> {
        service::tasks::landing_wish wish{.commit = commit, .by = "1"}; // stored; the update was not taken
        EXPECT_TRUE(co_await rules().deploy({1}, wish, role::admin, service::relation::owns));
        EXPECT_FALSE(has(co_await told_to(db, 3), "agrees"));
        EXPECT_TRUE(has(co_await press(a, db, 1, "deploy"), "1 of 2 approvals"));
        EXPECT_TRUE(has(co_await told_to(db, 3), "A agrees that commit cccccccccc is deployed to main: 1 of 2"));
        auto before = co_await count_of(db, "outbox");
        co_await press(a, db, 1, "deploy");
        EXPECT_EQ(co_await count_of(db, "outbox"), before) << "once";
    });
}

TEST_F(approvals_in_a_chat, are_lost_with_the_right) {
    settings.deploy_rules = "r approvals=2";
    with_task([this](update_handler& a, store::pool& db) -> awaitable<void> {
        EXPECT_TRUE(has(co_await press(a, db, 1, "deploy"), "1 of 2 approvals"));
        settings.telegram_admin_ids = {3};
        EXPECT_TRUE(has(co_await press(a, db, 1, "deploy"), "You may not press this one."))
            << "the button is lost, too";
        EXPECT_TRUE(has(co_await press(a, db, 3, "deploy"), "1 of 2 approvals")) << calls.back();
        EXPECT_EQ(co_await text_of(db, "select state from tasks"), "review");
    });
}

TEST_F(approvals_in_a_chat, are_of_those_whom_the_rule_names_and_others_hear_who_that_is) {
    settings.deploy_rules = "r by=3,9 own=off";
    with_task([this](update_handler& a, store::pool& db) -> awaitable<void> {
        co_await db.script("update people set name = 'Cy' where id = 3");
        EXPECT_TRUE(has(co_await press(a, db, 1, "deploy"), "Only these people may deploy here and roll back: Cy, 9."))
            << calls.back();
        co_await hear(a, db, says(1, "/deploy 1"));
        EXPECT_TRUE(has(co_await told(db), "Only these people may deploy here")) << co_await told(db);
        settings.deploy_rules = "r by=2,3 own=off";
        EXPECT_TRUE(has(co_await press(a, db, 2, "deploy"), "You asked for this change")) << calls.back();
        settings.telegram_admin_ids = {1};
        co_await hear(a, db, says(3, "/deploy 1"));
        EXPECT_TRUE(has(co_await told(db), "Deploy commit cccccccccc to main?")) << "he sees it, and is no admin";
        EXPECT_TRUE(has(co_await press(a, db, 3, "deploy"), "Task 1 is being deployed.")) << calls.back();
    });
}

TEST_F(approvals_in_a_chat, need_a_code_which_is_deleted_and_kept_nowhere) {
    settings.deploy_second_factor = "totp";
    settings.deploy_second_factor_window = 5min;
    with_task([this](update_handler& a, store::pool& db) -> awaitable<void> {
        EXPECT_TRUE(has(co_await press(a, db, 1, "deploy"), "need an authenticator app. Write /second_factor"));
        co_await hear(a, db, says(1, "/second_factor"));
        EXPECT_EQ(co_await text_of(db,
                                   "select (request ? 'sealed' and not request ? 'body')::text from outbox order by "
                                   "id desc limit 1"),
                  "true")
            << "the secret is not in the outbox";
        auto app = co_await app_of(db, 1);
        EXPECT_EQ(co_await types(a, db, 1, code(app)), "Your authenticator app is set up.");
        EXPECT_TRUE(has(co_await press(a, db, 1, "deploy"), "Task 1 is being deployed.")) << calls.back();
        EXPECT_TRUE((co_await rules().abort({1})).has_value());
        co_await db.script("update second_factors set proved_at = proved_at - interval '5 min'");
        EXPECT_TRUE(has(co_await press(a, db, 1, "deploy"), "Send me the code")) << calls.back();
        EXPECT_TRUE(has(co_await types(a, db, 1, "000 000"), "That code is wrong")) << co_await told(db);
        EXPECT_TRUE(has(co_await types(a, db, 1, code(app, 1)), "you can deploy and roll back for 5 min."));
        EXPECT_EQ(
            co_await text_of(db, "select count(*)::text from outbox where request ->> 'method' = 'deleteMessage'"),
            "3");
        EXPECT_EQ(co_await text_of(db, "select string_agg(encode(body, 'escape'), '') from inbox"), "");
        EXPECT_EQ(co_await text_of(db, "select count(*)::text from tasks"), "1") << "a code is no instruction";
        EXPECT_TRUE(has(co_await press(a, db, 1, "deploy"), "Task 1 is being deployed.")) << calls.back();
        EXPECT_EQ(co_await text_of(db, "select string_agg(what, ' ' order by id) from audit where task_id is null"),
                  "factor_set_up factor_wrong");
        co_await hear(a, db, says(1, "/second_factor"));
        EXPECT_TRUE(has(co_await told(db), "persais second-factor reset 1")) << co_await told(db);
    });
}

TEST_F(approvals_in_a_chat, take_no_code_of_who_has_sent_too_many_wrong_ones) {
    settings.deploy_second_factor = "totp";
    with_task([this](update_handler& a, store::pool& db) -> awaitable<void> {
        EXPECT_TRUE(has(co_await types(a, db, 1, "123456"), "Write /second_factor to me in private"));
        co_await hear(a, db, says(1, "/second_factor"));
        auto app = co_await app_of(db, 1);
        for (int i = 0; i < 5; ++i)
            EXPECT_TRUE(has(co_await types(a, db, 1, "000000"), "That code is wrong"));
        EXPECT_TRUE(has(co_await types(a, db, 1, code(app)), "I look at none for 15 minutes."));
        settings.deploy_second_factor = "off";
        EXPECT_TRUE(has(co_await types(a, db, 3, "123456"), "Task 2")) << "who has no app gives an instruction";
    });
}

TEST_F(approvals_in_a_chat, take_a_code_that_was_typed_wrong_and_mended) {
    settings.deploy_second_factor = "totp";
    with_task([this](update_handler& a, store::pool& db) -> awaitable<void> {
        co_await hear(a, db, says(1, "/second_factor"));
        auto app = co_await app_of(db, 1);
        auto wrong = code(app).substr(0, 5);
        EXPECT_TRUE(has(co_await types(a, db, 1, wrong), "Task 2")) << "it is no code, so it is an instruction";
        EXPECT_EQ(co_await hear(a, db, edits(1, code(app))), "answer");
        EXPECT_EQ(co_await told(db), "Your authenticator app is set up.");
        EXPECT_EQ(co_await text_of(db, "select state from tasks where id = 2"), "aborted")
            << "nobody means a part of a code as a task";
        EXPECT_EQ(
            co_await text_of(db, "select count(*)::text from outbox where request ->> 'method' = 'deleteMessage'"),
            "1");
        settings.deploy_second_factor = "off";
        time.at += 1min;
        co_await hear(a, db, says(1, "mend 123"));
        EXPECT_EQ(co_await hear(a, db, edits(1, "mend 124")), "answer") << "an instruction is reworded as ever";
        EXPECT_EQ(co_await text_of(db, "select instruction from tasks where id = 3"), "mend 124");
    });
}

// Deploying and rolling back from a chat: /deploy, /rollback and their buttons.
#include "telegram/dialog/testing_update_handler.hpp"
#include "telegram/store/outbox.hpp"
#include "telegram/store/task_messages.hpp"

using namespace persais;
using namespace persais::telegram;
using telegram::testing::with_update_handler;
using namespace std::chrono_literals;

namespace {

/// A task with a result: commit cccc…
constexpr auto in_review =
    R"(update tasks set state = 'review', not_before = null, fence = 1, verdict = 'ready',
    commit_id = 'cccccccccccccccccccccccccccccccccccccccc', facts = facts || '{"base_branch": "main", "made":
        {"commit": "cccccccccccccccccccccccccccccccccccccccc", "files": 1, "insertions": 1, "deletions": 0}}')";
constexpr auto deployed =
    R"(update tasks set state = 'deployed', not_before = null, fence = 1,
    commit_id = 'cccccccccccccccccccccccccccccccccccccccc', facts = facts || '{"base_branch": "main", "on_base":
        {"commit": "cccccccccccccccccccccccccccccccccccccccc", "before": "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"}}')";
const std::string commit(40, 'c');

struct landing_in_a_chat : with_update_handler {
    /// Person 2 has given task 1; person 1 is the admin.
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

constexpr auto wish = "select format('%s %s %s %s', state, facts #>> '{lands,what}', facts #>> '{lands,commit}', "
                      "facts #>> '{lands,by}') from tasks";

} // namespace

TEST_F(landing_in_a_chat, the_button_deploys_what_it_stood_under_for_an_admin) {
    with_task(in_review, [this](update_handler& a, store::pool& db) -> awaitable<void> {
        co_await shown(db, "deploy", commit);
        co_await hear(a, db, co_await presses(db, 2, "deploy"));
        EXPECT_TRUE(has(calls.back(), "Only an admin may do that.")) << calls.back();
        EXPECT_EQ(co_await text_of(db, "select state from tasks"), "review");
        auto by_admin = co_await presses(db, 1, "deploy");
        co_await hear(a, db, by_admin);
        EXPECT_TRUE(has(calls.back(), "Task 1 is being deployed.")) << calls.back();
        EXPECT_EQ(co_await text_of(db, wish), "queued deploy " + commit + " 1");
        co_await hear(a, db, by_admin);
        EXPECT_TRUE(has(calls.back(), "before")) << calls.back();
    });
}

TEST_F(landing_in_a_chat, a_button_of_an_earlier_commit_deploys_nothing) {
    with_task(in_review, [this](update_handler& a, store::pool& db) -> awaitable<void> {
        co_await shown(db, "deploy", std::string(40, 'd'));
        co_await hear(a, db, co_await presses(db, 1, "deploy"));
        EXPECT_TRUE(has(calls.back(), "look at its newest message")) << calls.back();
        EXPECT_EQ(co_await text_of(db, "select state from tasks"), "review");
    });
}

TEST_F(landing_in_a_chat, the_command_shows_what_it_is_about_and_asks_with_a_button) {
    with_task(in_review, [this](update_handler& a, store::pool& db) -> awaitable<void> {
        co_await hear(a, db, says(1, "/deploy 1"));
        EXPECT_TRUE(has(co_await told(db), "Deploy commit cccccccccc to main?")) << co_await told(db);
        EXPECT_EQ(co_await text_of(db, "select state from tasks"), "review");
        EXPECT_EQ(co_await text_of(db, "select format('%s %s %s', action, argument, once) from buttons "
                                       "where action = 'deploy'"),
                  "deploy " + commit + " f");
        auto offered = co_await presses(db, 1, "deploy");
        for (int times = 0; times < 2; ++times) { // what came to nothing can be tried again
            co_await hear(a, db, offered);
            EXPECT_TRUE(has(calls.back(), "Task 1 is being deployed.")) << calls.back();
            EXPECT_TRUE((co_await rules().abort({1})).has_value());
        }
        time.at += 5s;
        co_await hear(a, db, says(1, "/rollback 1"));
        EXPECT_TRUE(has(co_await told(db), "has nothing deployed")) << co_await told(db);
    });
}

TEST_F(landing_in_a_chat, what_is_deployed_is_rolled_back_by_its_button) {
    with_task(deployed, [this](update_handler& a, store::pool& db) -> awaitable<void> {
        co_await hear(a, db, says(1, "/rollback 1"));
        EXPECT_TRUE(has(co_await told(db), "Take what it brought to main (commit cccccccccc) back?"));
        co_await shown(db, "rollback", commit);
        co_await hear(a, db, co_await presses(db, 1, "rollback"));
        EXPECT_TRUE(has(calls.back(), "Task 1 is being rolled back.")) << calls.back();
        EXPECT_EQ(co_await text_of(db, wish), "queued roll_back " + commit + " 1");
    });
}

TEST_F(landing_in_a_chat, an_abort_of_one_that_waits_says_where_the_task_stands) {
    with_task(deployed, [this](update_handler& a, store::pool& db) -> awaitable<void> {
        for (bool pressed : {true, false}) {
            co_await db.script("delete from buttons where action = 'rollback'");
            co_await shown(db, "rollback", commit);
            co_await hear(a, db, co_await presses(db, 1, "rollback"));
            EXPECT_EQ(co_await text_of(db, wish), "queued roll_back " + commit + " 1");
            time.at += 5s;
            co_await hear(a, db, pressed ? co_await presses(db, 1, "abort") : says(1, "/abort 1"));
            constexpr auto said = "The deploy or rollback of task 1 goes no further: deployed.";
            EXPECT_TRUE(has(pressed ? calls.back() : co_await told(db), said)) << calls.back() << co_await told(db);
            EXPECT_EQ(co_await text_of(db, "select state from tasks"), "deployed");
        }
    });
}

TEST_F(landing_in_a_chat, what_was_rolled_back_is_deployed_again_by_its_button) {
    constexpr auto rolled_back =
        R"(update tasks set state = 'rolled_back', not_before = null, fence = 1,
        commit_id = 'cccccccccccccccccccccccccccccccccccccccc', facts = facts || '{"base_branch": "main", "stands":
            {"how": "ready", "made": {"commit": "dddddddddddddddddddddddddddddddddddddddd"}}}')";
    with_task(rolled_back, [this](update_handler& a, store::pool& db) -> awaitable<void> {
        co_await hear(a, db, says(1, "/deploy 1"));
        EXPECT_TRUE(has(co_await told(db), "Bring back to main what commit cccccccccc took away?"))
            << co_await told(db);
        EXPECT_EQ(co_await text_of(db, "select format('%s %s %s', action, argument, once) from buttons "
                                       "where action = 'deploy'"),
                  "deploy " + commit + " f");
        co_await hear(a, db, co_await presses(db, 1, "deploy"));
        EXPECT_TRUE(has(calls.back(), "Task 1 is being deployed.")) << calls.back();
        EXPECT_EQ(co_await text_of(db, wish), "queued deploy_again " + commit + " 1");
    });
}

TEST_F(landing_in_a_chat, each_end_is_told_by_its_own_row_and_a_pause_by_the_next_one) {
    with_task(in_review, [](update_handler&, store::pool& db) -> awaitable<void> {
        auto row = [&db](std::string said, int at) {
            return text_of(db, "insert into outbox (task_id, chat_id, body, created_at) select id, 2, '" + said +
                                   "', timestamptz '2026-01-01' + make_interval(secs => " + std::to_string(at) +
                                   ") from tasks returning id");
        };
        auto end = std::stoll(co_await row("Deployed.", 10));
        co_await db.script(
            "insert into audit (task_id, remote, what, by, commit_id, anyway, at) select id, remote, 'rollback_asked', "
            "'1', '', false, timestamptz '2026-01-01' + interval '20 s' from tasks");
        auto pause = std::stoll(co_await row("The remote is away.", 30));
        EXPECT_FALSE(co_await told_later(db, end));
        EXPECT_FALSE(co_await told_later(db, pause));
        auto last = std::stoll(co_await row("Rolled back.", 40));
        EXPECT_FALSE(co_await told_later(db, end));
        EXPECT_TRUE(co_await told_later(db, pause));
        EXPECT_FALSE(co_await told_later(db, last));
        co_await db.script(
            "insert into audit (task_id, remote, what, by, commit_id, anyway, at) select id, remote, 'rollback_asked', "
            "'health', '', false, timestamptz '2026-01-01' + interval '35 s' from tasks");
        EXPECT_TRUE(co_await told_later(db, pause)) << "nobody asked: it is one landing that goes back by itself";
    });
}

#include "queue/audit.hpp"
#include "queue/repositories.hpp"
#include "service/known_repositories.hpp"
#include "telegram/dialog/testing_update_handler.hpp"

using namespace persais;
using namespace persais::telegram;
using telegram::testing::count_of;
using telegram::testing::with_update_handler;
using namespace std::chrono_literals;

namespace {

struct set_repositories : with_update_handler {
    /// Gives `body` an update handler that has begun, and a repository.
    template <class F>
    void with_handler(F body) {
        with([this, body](store::pool& db) -> awaitable<void> {
            co_await db.query("insert into repositories (name, remote, check_command) values ('team/app', "
                              "'https://git.example/team/app', 'make check')");
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

TEST_F(set_repositories, an_admin_sets_shows_and_unsets_and_the_audit_says_who) {
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        EXPECT_TRUE(has(co_await answer(a, db, says(2, "/repo set team/app parallel 2")), "admin"));
        EXPECT_TRUE(has(co_await answer(a, db, says(1, "/repo set team/app parallel 2")), "parallel is 2 now"));
        EXPECT_TRUE(has(co_await answer(a, db, says(1, "/repo set TEAM/app check npm test -- --all")), "--all"));
        auto one = *co_await queue::repository_named(db, "team/app");
        EXPECT_EQ(one.check, "npm test -- --all");
        EXPECT_EQ(one.parallel, 2);
        auto shown = co_await answer(a, db, says(1, "/repo show team/app"));
        EXPECT_TRUE(has(shown, "check: npm test -- --all") && has(shown, "token: –")) << shown;
        EXPECT_TRUE(has(co_await answer(a, db, says(1, "/repo unset team/app check")), "not set any more"));
        EXPECT_TRUE(has(co_await answer(a, db, says(1, "/repo set team/app land mail")), "none of push, request"));
        EXPECT_TRUE(has(co_await answer(a, db, says(1, "/repo set team/app")), "no setting"));
        EXPECT_TRUE(has(co_await answer(a, db, says(1, "/repo show other")), "other"));
        EXPECT_TRUE(has(co_await answer(a, db, says(1, "/repo set")), "/repo set"));
        auto rows = co_await queue::audit_of(db, {}, 10);
        EXPECT_EQ(rows.size(), 3u) << "what was refused is no change";
        EXPECT_EQ(rows.at(0).by + " " + rows.at(0).detail, "1 check unset");
        EXPECT_TRUE(has(co_await answer(a, db, says(1, "/repo remove team/app")), "removed"));
        EXPECT_EQ(co_await count_of(db, "repositories"), 0);
    });
}

TEST_F(set_repositories, a_secret_is_asked_for_by_itself_and_is_nowhere_in_clear) {
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        for (auto* asked : {"/repo token team/app", "/repo env team/app set DB_PASSWORD"}) {
            EXPECT_TRUE(has(co_await answer(a, db, says(1, asked)), "delete your message")) << asked;
            auto said = says(1, "sesame-secret");
            co_await telegram::store_updates(db, {{said.what.id, "sesame-secret"}});
            EXPECT_EQ(co_await hear(a, db, said), "answer");
            EXPECT_TRUE(has(co_await told(db), "Saved, sealed"));
            EXPECT_EQ(co_await count_of(db, "inbox where octet_length(body) > 0"), 0);
            EXPECT_EQ(co_await count_of(db, "conversations where expects is not null"), 0);
        }
        EXPECT_EQ(co_await count_of(db, "outbox where request ->> 'method' = 'deleteMessage'"), 2);
        EXPECT_EQ(co_await count_of(db, "outbox where request::text like '%sesame%'"), 0);
        EXPECT_EQ(co_await count_of(db, "audit where audit::text like '%sesame%'"), 0);
        auto one = *co_await queue::repository_named(db, "team/app");
        EXPECT_EQ(sealing.open(*one.sealed_token, "repository token")->reveal(), "sesame-secret");
        EXPECT_EQ(one.environment.at(0).name, "DB_PASSWORD");
        EXPECT_TRUE(has(co_await answer(a, db, says(1, "/repo env team/app")), "DB_PASSWORD"));
        EXPECT_EQ(co_await hear(a, db, says(1, "mend it")), "task") << "nothing is asked any more";
    });
}

TEST_F(set_repositories, a_secret_that_is_written_behind_the_command_is_deleted_and_not_taken) {
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        for (auto* said : {"/repo token team/app sesame-token", "/repo env team/app set KEY sesame-value"}) {
            EXPECT_TRUE(has(co_await answer(a, db, says(1, said)), "without the secret")) << said;
            EXPECT_EQ(co_await count_of(db, "outbox where request ->> 'method' = 'deleteMessage'"), 1);
            co_await db.query("delete from outbox");
        }
        auto one = *co_await queue::repository_named(db, "team/app");
        EXPECT_FALSE(one.sealed_token);
        EXPECT_TRUE(one.environment.empty());
    });
}

TEST_F(set_repositories, a_secret_in_a_mistyped_command_is_deleted_and_stands_in_no_answer) {
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        for (auto* said : {"/repo token taem/app sesame", "/repo token team/app\nsesame", "/repo Token team/app sesame",
                           "/repo team/app token sesame", "/repo env taem/app set KEY sesame",
                           "/repo env team/app KEY=sesame", "/repo env team/app set KEY=sesame",
                           "/repo env team/app unset KEY sesame", "/repo team/app env KEY sesame"})
            for (auto person : {1, 2}) {
                auto one = says(person, said);
                co_await telegram::store_updates(db, {{one.what.id, said}});
                auto answered = co_await answer(a, db, one);
                EXPECT_TRUE(has(answered, person == 1 ? "without the secret" : "admin")) << said << ": " << answered;
                EXPECT_EQ(co_await count_of(db, "inbox where octet_length(body) > 0"), 0) << said;
                EXPECT_EQ(co_await count_of(db, "outbox where request ->> 'method' = 'deleteMessage'"), 1) << said;
                EXPECT_EQ(co_await count_of(db, "outbox where request::text like '%sesame%'"), 0) << said;
                co_await db.query("delete from outbox");
            }
    });
}

TEST_F(set_repositories, a_secret_of_one_who_is_no_admin_any_more_is_deleted_and_no_instruction) {
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        for (bool new_one : {false, true}) { // a token of a repository that is there, or is being added
            settings.telegram_admin_ids = {1};
            co_await hear(a, db, says(1, new_one ? "/repo add https://git.example/team/api" : "/repo token team/app"));
            for (int i = 0; new_one && i < 3; ++i)
                co_await hear(a, db, says(1, "-"));
            settings.telegram_admin_ids = {2};
            auto said = says(1, "sesame-secret");
            co_await telegram::store_updates(db, {{said.what.id, "sesame-secret"}});
            EXPECT_EQ(co_await hear(a, db, said), "answer");
            EXPECT_TRUE(has(co_await told(db), "admin"));
            EXPECT_EQ(co_await count_of(db, "outbox where request ->> 'method' = 'deleteMessage'"), 1 + new_one);
            EXPECT_EQ(co_await count_of(db, "inbox where octet_length(body) > 0"), 0);
            EXPECT_EQ(co_await count_of(db, "tasks"), 0);
        }
        EXPECT_FALSE((co_await queue::repository_named(db, "team/app"))->sealed_token);
    });
}

TEST_F(set_repositories, a_value_that_is_not_taken_is_asked_for_again_and_cancel_ends_it) {
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        co_await hear(a, db, says(1, "/repo env team/app set KEY"));
        EXPECT_TRUE(has(co_await answer(a, db, says(1, "short")), "shorter than 8 bytes"));
        EXPECT_EQ(co_await count_of(db, "conversations where expects is not null"), 1);
        co_await hear(a, db, says(1, "/cancel"));
        EXPECT_EQ(co_await count_of(db, "conversations where expects is not null"), 0);
        EXPECT_TRUE(has(co_await answer(a, db, says(1, "/repo env team/app set PATH")), "Persais itself"));
        EXPECT_TRUE(has(co_await answer(a, db, says(1, "/repo env team/app unset KEY")), "has no 'KEY'"));
    });
}

TEST_F(set_repositories, a_task_leaves_the_settings_to_the_worker_and_takes_a_model_that_is_allowed) {
    settings.git_remote_url.clear();
    with([this](store::pool& db) -> awaitable<void> {
        co_await db.query(
            "insert into repositories (name, remote, check_command, models) values ('team/app', '/srv/app.git', "
            "'make check', '{c/d}')");
        service::remote_tokens tokens;
        service::known_repositories known(db, settings, tokens, {});
        co_await known.refresh();
        auto with_known = dependencies(db);
        with_known.repositories = &known;
        update_handler a(with_known);
        co_await a.begin();
        co_await hear(a, db, says(1, "/repo team/app"));
        EXPECT_EQ(co_await hear(a, db, says(1, "mend it")), "task");
        EXPECT_EQ(
            co_await count_of(db, "tasks where remote = '/srv/app.git' and model = 'c/d' and check_given is null"), 1);
    });
}

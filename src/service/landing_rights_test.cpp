// Whether a landing may go on when people lose rights: asked right before it is pushed.
#include "base/told.hpp"
#include "pgserver/testing.hpp"
#include "queue/pg_tasks.hpp"
#include "queue/testing.hpp"
#include "service/access.hpp"
#include "service/landing_rights.hpp"
#include "service/tasks.hpp"
#include "store/migrate.hpp"

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::service;
using namespace std::chrono_literals;
using mechanic::verdict;

namespace {

const std::string commit(40, 'c');

/// A task in review whose landing people decide on. 1, 2 and 3 are admins.
struct landing_task {
    store::pool& db;
    queue::pg_tasks& all;
    config::settings& settings;
    service::tasks& rules;
    task_id id;

    awaitable<void> agrees(std::string by, role may = role::admin, bool back = false) {
        tasks::landing_wish wish{.commit = commit, .by = std::move(by)};
        auto what = may == role::admin ? relation::owns : relation::none;
        auto begun = back ? co_await rules.roll_back(id, wish, may, what) : co_await rules.deploy(id, wish, may, what);
        EXPECT_TRUE(begun) << (begun ? "" : begun.error().sentence);
    }
    awaitable<void> becomes(mechanic::state now) {
        auto found = co_await all.load(id);
        EXPECT_TRUE(co_await all.save(*found, queue::testing::in_state(found->task, std::move(now)), false));
    }
    /// Why its landing may not go on, by the people and rules as they are now.
    awaitable<std::string> went() {
        auto why = co_await right_lost_by(settings, all, (co_await all.load(id))->task);
        if (why) EXPECT_TRUE(russian_of(*why)) << *why;
        co_return why.value_or("");
    }
};

template <class F>
void with_rules(std::string said, F body) {
    pgserver::testing::scratch_database database;
    pgserver::testing::on_a_loop([](std::string url, std::string text, F work) -> awaitable<void> {
        store::pool db(co_await asio::this_coro::executor, {.url = secret(std::move(url)), .size = 2});
        co_await store::migrate(db);
        queue::pg_tasks all(db, "me", 10s);
        config::settings settings;
        settings.telegram_admin_ids = {1, 2, 3};
        settings.deploy_rules = std::move(text);
        system_clock time;
        service::tasks rules(settings, all, time);
        auto id = co_await all.add(
            {.remote = "https://host/Team/App.git", .instruction = "mend it", .model = "a/b", .budget_usd = 1});
        landing_task on{db, all, settings, rules, id};
        co_await on.becomes(mechanic::review{commit, verdict::ready});
        co_await work(on);
        db.close();
    }(database.url(), std::move(said), std::move(body)));
}

bool begins(const std::string& text, std::string_view with) {
    return text.starts_with(with);
}

} // namespace

TEST(landing_rights, go_with_whoever_agreed) {
    with_rules("team/app approvals=2", [](landing_task on) -> awaitable<void> {
        co_await on.agrees("1");
        co_await on.agrees("2");
        EXPECT_EQ(co_await on.went(), "");
        on.settings.telegram_admin_ids = {2, 3};
        EXPECT_TRUE(begins(co_await on.went(), "A right was taken back meanwhile: 1 of 2 approvals count now"));
        on.settings.deploy_rules = "team/app approvals=1";
        EXPECT_EQ(co_await on.went(), "") << "one is enough now";
        on.settings.deploy_rules = "team/app by=3";
        EXPECT_TRUE(begins(co_await on.went(), "A right was taken back meanwhile: 0 of 1"));
        on.settings.telegram_admin_ids = {1, 2};
        on.settings.deploy_rules = "team/app approvals=3";
        EXPECT_TRUE(begins(co_await on.went(), "A right was taken back meanwhile: 2 of 3")) << "more have to agree now";
    });
}

TEST(landing_rights, of_those_who_were_let_in_last_until_they_are_put_out) {
    with_rules("team/app by=5,6 approvals=2", [](landing_task on) -> awaitable<void> {
        co_await on.db.script("insert into people (id, let_in, decided_at, decided_by) values (5, true, now(), 1), "
                              "(6, true, now(), 1)");
        for (const char* by : {"5", "6"})
            co_await on.agrees(by, role::user);
        EXPECT_EQ(co_await on.went(), "") << "neither of them is an admin, and their approvals are used up";
        co_await on.db.script("select person_remove(5, '1', '{1}')");
        EXPECT_TRUE(begins(co_await on.went(), "A right was taken back meanwhile: 1 of 2"));
    });
}

TEST(landing_rights, of_a_rollback_need_not_last) {
    with_rules("* approvals=2 own=off", [](landing_task on) -> awaitable<void> {
        co_await on.becomes(mechanic::deployed{commit});
        co_await on.agrees("1", role::admin, true);
        EXPECT_EQ(co_await on.went(), "");
        on.settings.telegram_admin_ids = {2};
        EXPECT_EQ(co_await on.went(), "") << "what they put in doubt is taken back all the same";
    });
}

TEST(landing_rights, are_looked_up_only_where_people_decided) {
    config::settings s;
    s.deploy_rules = "team/app own=off";
    const landing_rule any, named{.people = std::vector<std::int64_t>{4}}, others{.people = {}, .own = false};
    EXPECT_FALSE(depends_on_people({.by = "terminal"}, any));
    EXPECT_TRUE(depends_on_people({.by = "terminal"}, others)) << "the terminal may have asked for it";
    EXPECT_TRUE(depends_on_people({.by = "terminal"}, named));
    EXPECT_TRUE(depends_on_people({.by = "7"}, any));
    EXPECT_TRUE(depends_on_people({.by = "terminal", .agreed = {"7", "terminal"}}, any));
    mechanic::landing back{.what = mechanic::landing::kind::roll_back, .by = std::string(mechanic::by_health)};
    EXPECT_FALSE(depends_on_people(back, named)) << "nobody asked";
    EXPECT_FALSE(right_that_went(back, {}, named, s));
    EXPECT_FALSE(right_that_went({.by = "terminal"}, {}, landing_rule{.approvals = 2}, s))
        << "an earlier version kept only who said the last word";
}

TEST(landing_rights, of_those_that_go_with_another_count_as_well) {
    with_rules("", [](landing_task on) -> awaitable<void> {
        auto landing = [&](std::string by, std::string made) -> awaitable<queue::leases::joined> {
            auto was = co_await on.all.load(co_await on.all.add(
                {.remote = "https://host/Team/App.git", .instruction = "x", .model = "a/b", .budget_usd = 1}));
            auto next = queue::testing::in_state(was->task, mechanic::deploying{1, 0, commit, {}});
            next.known.lands->by = std::move(by);
            next.known.lands->made = made;
            EXPECT_TRUE(co_await on.all.save(*was, next, true));
            co_return queue::leases::joined{was->task.id, std::move(made)};
        };
        const std::vector<queue::leases::joined> all{co_await landing("1", "a"), co_await landing("2", "b"),
                                                     co_await landing("terminal", "d")};
        auto left = [&]() -> awaitable<std::size_t> {
            co_return (co_await with_rights(on.settings, on.all, on.all, all)).size();
        };
        EXPECT_EQ(co_await left(), 3U);
        on.settings.telegram_admin_ids = {1};
        EXPECT_EQ(co_await left(), 1U) << "what stands on top of the second one does not go without it";
        on.settings.telegram_admin_ids = {2};
        EXPECT_EQ(co_await left(), 0U);
        on.settings.telegram_admin_ids = {1, 2};
        auto other = all;
        other[1].made = "e";
        EXPECT_EQ((co_await with_rights(on.settings, on.all, on.all, other)).size(), 1U)
            << "it is another commit by now";
    });
}

TEST(rights_by_settings, are_of_each_person_and_each_rule) {
    config::settings s;
    s.telegram_admin_ids = {1};
    s.allowed_user_ids = {1, 2};
    s.deploy_rules = "Team/App by=4,9  own=off approvals=2; *";
    using right = queue::right_by_setting;
    EXPECT_EQ(rights_by_settings(s), (std::vector<right>{{"TELEGRAM_ADMIN_IDS", "1"},
                                                         {"ALLOWED_USER_IDS", "2"},
                                                         {"DEPLOY_RULES", "team/app", "by=4,9 own=off approvals=2"},
                                                         {"DEPLOY_RULES", "*", ""}}));
    EXPECT_EQ(rights_by_settings({}), std::vector<right>{});
}

// Who may deploy a repository's results, and several who have to agree (DEPLOY_RULES).
#include "base/told.hpp"
#include "mechanic/step.hpp"
#include "pgserver/testing.hpp"
#include "queue/approvals.hpp"
#include "queue/pg_tasks.hpp"
#include "queue/testing.hpp"
#include "service/tasks.hpp"
#include "store/migrate.hpp"

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::service;
using namespace std::chrono_literals;
using mechanic::verdict;
using why = refusal::reason;

namespace {

const std::string commit(40, 'c'), other(40, 'd');

lander person(std::int64_t id, role who = role::admin, relation what = relation::owns) {
    return {.who = who, .what = what, .person = id};
}

why refusal_of(const lander& who, const landing_rule& rule, bool back = false) {
    auto may = may_land(who, rule, back);
    EXPECT_FALSE(may);
    if (!may) {
        EXPECT_TRUE(russian_of(may.error().sentence)) << may.error().sentence;
    }
    return may ? why::empty : may.error().why;
}

/// What the tests of a task in review share. 1, 2 and 3 are admins; 4 may ask.
struct on_a_task {
    store::pool& db;
    queue::pg_tasks& all;
    config::settings& settings;
    service::tasks& rules;
    task_id id;

    awaitable<answer<tasks::landing_begun>> agrees(std::int64_t who, bool back = false) {
        auto may = role_of(who, settings, {});
        tasks::landing_wish wish{.commit = commit, .by = std::to_string(who)};
        auto what = may == role::admin ? relation::owns : relation::none;
        co_return back ? co_await rules.roll_back(id, wish, may, what) : co_await rules.deploy(id, wish, may, what);
    }
    awaitable<std::string> counted(std::int64_t who) {
        auto begun = co_await agrees(who);
        if (!begun) co_return begun.error().sentence;
        co_return fmt::format("{} of {}", begun->approvals, begun->needed);
    }
    awaitable<std::string> state() { co_return std::string(mechanic::name_of((co_await all.load(id))->task.now)); }
    awaitable<std::string> text(std::string sql) {
        auto r = co_await db.query(std::move(sql));
        co_return r.empty() ? "" : std::string(r.text(0, 0));
    }
    awaitable<void> becomes(mechanic::state now) {
        auto found = co_await all.load(id);
        EXPECT_TRUE(co_await all.save(*found, queue::testing::in_state(found->task, std::move(now)), false));
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
        settings.allowed_user_ids = {1, 2, 3, 4};
        settings.deploy_rules = std::move(text);
        system_clock time;
        service::tasks rules(settings, all, time);
        auto id = co_await all.add(
            {.remote = "https://host/Team/App.git", .instruction = "mend it", .model = "a/b", .budget_usd = 1});
        on_a_task on{db, all, settings, rules, id};
        co_await on.becomes(mechanic::review{commit, verdict::ready});
        co_await work(on);
        db.close();
    }(database.url(), std::move(said), std::move(body)));
}

} // namespace

TEST(may_land, is_by_an_admin_where_no_rule_names_people) {
    landing_rule rule;
    EXPECT_TRUE(may_land(person(1), rule, false));
    EXPECT_TRUE(may_land({}, rule, false)) << "the terminal";
    EXPECT_EQ(refusal_of(person(4, role::user), rule), why::admins_only);
    EXPECT_EQ(refusal_of(person(4, role::user, relation::none), rule), why::not_yours);
    EXPECT_EQ(refusal_of(person(9, role::stranger, relation::owns), rule), why::not_yours);
}

TEST(may_land, is_by_those_whom_the_rule_names_and_whoever_has_the_machine) {
    landing_rule rule{.people = std::vector<std::int64_t>{4, 9}};
    EXPECT_TRUE(may_land(person(4, role::user, relation::none), rule, false));
    EXPECT_TRUE(may_land({}, rule, true));
    EXPECT_EQ(refusal_of(person(1), rule), why::not_a_deployer) << "also of an admin";
    EXPECT_EQ(refusal_of(person(9, role::stranger), rule), why::not_yours) << "who was put out is named in vain";
    EXPECT_NE(may_land(person(1), rule, false).error().sentence.find("4, 9"), std::string::npos);
}

TEST(may_land, of_what_somebody_asked_for_may_be_anothers) {
    landing_rule rule{.people = {}, .own = false};
    auto asker = person(1);
    EXPECT_TRUE(may_land(asker, rule, false));
    asker.asked = true;
    EXPECT_EQ(refusal_of(asker, rule), why::own_work);
    EXPECT_TRUE(may_land(asker, rule, true)) << "taking it back is everybody's";
    EXPECT_TRUE(may_land(asker, {}, false));
}

TEST(may_land, may_need_a_code) {
    auto with = person(1);
    with.second_factor = lander::code::missing;
    EXPECT_EQ(refusal_of(with, {}, true), why::needs_code);
    with.second_factor = lander::code::no_app;
    EXPECT_EQ(refusal_of(with, {}), why::no_factor);
    with.who = role::user;
    EXPECT_EQ(refusal_of(with, {}), why::admins_only) << "who may not is not asked for a code";
}

TEST(lander, has_shown_a_code_for_as_long_as_the_window_is) {
    config::settings s;
    s.deploy_second_factor_window = 5min;
    queue::landing_record known{.asked_by = {"7"}, .proved = 299s, .factor_set_up = true};
    auto code = [&] { return lander_of("7", role::admin, relation::owns, known, s).second_factor; };
    EXPECT_EQ(code(), lander::code::shown) << "it is off";
    s.deploy_second_factor = "totp";
    EXPECT_EQ(code(), lander::code::shown);
    known.proved = 300s;
    EXPECT_EQ(code(), lander::code::missing);
    known.proved.reset();
    EXPECT_EQ(code(), lander::code::missing);
    known.factor_set_up = false;
    EXPECT_EQ(code(), lander::code::no_app);
    EXPECT_TRUE(lander_of("7", role::admin, relation::owns, known, s).asked);
    EXPECT_FALSE(lander_of("8", role::admin, relation::owns, known, s).asked);
    EXPECT_FALSE(lander_of("terminal", role::admin, relation::owns, known, s).person);
}

TEST(landing_rule, is_the_repositorys_then_that_of_all_others) {
    config::settings s;
    s.deploy_rules = "team/app by=4 approvals=3; * own=off approvals=2";
    auto rule = landing_rule_of("git@host:Team/App.git", s);
    EXPECT_EQ(rule.people, std::vector<std::int64_t>{4});
    EXPECT_FALSE(rule.own);
    EXPECT_EQ(rule.approvals, 3);
    rule = landing_rule_of("https://host/team/app", s);
    EXPECT_EQ(rule.approvals, 3);
    rule = landing_rule_of("https://host/team/apps", s);
    EXPECT_FALSE(rule.people);
    EXPECT_EQ(rule.approvals, 2);
    EXPECT_FALSE(rule.every_admin_alone());
    s.deploy_rules.clear();
    EXPECT_TRUE(landing_rule_of("https://host/team/app", s).every_admin_alone());
}

TEST(approvals, land_it_when_enough_agreed_each_counted_once) {
    with_rules("team/app approvals=2", [](on_a_task on) -> awaitable<void> {
        EXPECT_EQ(co_await on.counted(1), "1 of 2");
        EXPECT_EQ(co_await on.counted(1), "1 of 2");
        EXPECT_EQ(co_await on.state(), "review");
        auto so_far = co_await on.rules.approvals_of(on.id);
        EXPECT_TRUE(so_far && so_far->by == std::vector<std::string>{"1"} && so_far->needed == 2);
        auto offer = co_await on.rules.may_land(on.id, role::admin, relation::owns, false, "2");
        EXPECT_TRUE(offer && offer->approvals == 1 && offer->needed == 2);
        EXPECT_EQ(co_await on.counted(4), "The task is another person's.");
        EXPECT_EQ(co_await on.state(), "review");
        EXPECT_EQ(co_await on.counted(2), "2 of 2");
        EXPECT_EQ(co_await on.state(), "queued");
        EXPECT_EQ((co_await on.all.load(on.id))->task.known.lands->agreed, (std::vector<std::string>{"1", "2"}));
        EXPECT_EQ(
            co_await on.text("select string_agg(what || ' ' || by || ' ' || commit_id, ', ' order by id) from audit"),
            "approved 1 " + commit + ", approved 2 " + commit + ", deploy_asked 2 " + commit);
        EXPECT_FALSE(co_await on.rules.approvals_of(on.id)) << "they are used up";
        EXPECT_EQ(co_await on.text("select count(*)::text from approvals"), "0");
    });
}

TEST(approvals, say_who_else_may) {
    with_rules("* approvals=3 own=off", [](on_a_task on) -> awaitable<void> {
        co_await on.db.script("insert into people (id, paired_at) values (9, now()); "
                              "insert into task_chats (task_id, chat_id, person_id, message_id, language) "
                              "select id, 2, 2, 1, 'en' from tasks");
        auto begun = co_await on.agrees(1);
        EXPECT_TRUE(begun && begun->fresh && begun->waits());
        EXPECT_EQ(begun->others, (std::vector<std::int64_t>{3, 9})) << "neither who agreed nor who asked";
        EXPECT_TRUE((co_await on.agrees(1))->fresh) << "a crash before they were told: they are told now";
        auto told = queue::approval_told(on.id, "1");
        co_await on.db.query(told.sql, told.params);
        EXPECT_FALSE((co_await on.agrees(1))->fresh);
        auto own = co_await on.agrees(2);
        EXPECT_TRUE(!own && own.error().why == why::own_work);
        EXPECT_EQ(co_await on.rules.who_may_land(on.id), (std::vector<std::int64_t>{1, 2, 3, 9}));
        EXPECT_EQ(co_await on.rules.who_may_land({99}), std::vector<std::int64_t>{});
    });
}

TEST(approvals, are_void_when_the_commit_changes) {
    with_rules("* approvals=2", [](on_a_task on) -> awaitable<void> {
        EXPECT_EQ(co_await on.counted(1), "1 of 2");
        co_await on.becomes(mechanic::queued{});
        co_await on.becomes(mechanic::review{other, verdict::ready});
        auto late = co_await on.agrees(2);
        EXPECT_TRUE(!late && late.error().why == why::stale) << "2 was shown the earlier one";
        EXPECT_FALSE(co_await on.all.approve(on.id, commit, "2", false));
        co_await on.becomes(mechanic::queued{});
        co_await on.becomes(mechanic::review{commit, verdict::ready});
        EXPECT_EQ(co_await on.counted(2), "1 of 2") << "what 1 agreed to was gone meanwhile";
    });
}

TEST(approvals, of_who_left_count_no_more) {
    with_rules("* approvals=2", [](on_a_task on) -> awaitable<void> {
        EXPECT_EQ(co_await on.counted(1), "1 of 2");
        on.settings.telegram_admin_ids = {2, 3};
        on.settings.allowed_user_ids = {2, 3, 4};
        EXPECT_EQ(co_await on.counted(2), "1 of 2");
        EXPECT_EQ(co_await on.state(), "review");
        EXPECT_EQ(co_await on.counted(1), "The task is another person's.");
        auto so_far = co_await on.rules.approvals_of(on.id);
        EXPECT_TRUE(so_far && so_far->by == std::vector<std::string>{"2"});
        EXPECT_EQ(co_await on.counted(3), "2 of 2");
    });
}

TEST(approvals, of_somebody_named_who_was_put_out_count_no_more) {
    with_rules("team/app by=5,6 approvals=2", [](on_a_task on) -> awaitable<void> {
        co_await on.db.script("insert into people (id, let_in, decided_at, decided_by) values (5, true, now(), 1), "
                              "(6, true, now(), 1)");
        tasks::landing_wish wish{.commit = commit, .by = "5"};
        EXPECT_TRUE(co_await on.rules.deploy(on.id, wish, role::user, relation::none));
        EXPECT_EQ((co_await on.rules.approvals_of(on.id))->by, std::vector<std::string>{"5"});
        co_await on.db.script("select person_remove(5, '1', '{1}')");
        EXPECT_FALSE(co_await on.rules.approvals_of(on.id));
        wish.by = "6";
        auto begun = co_await on.rules.deploy(on.id, wish, role::user, relation::none);
        EXPECT_TRUE(begun && begun->approvals == 1 && begun->waits());
    });
}

TEST(approvals, of_two_at_the_same_time_land_it_once_for_both) {
    with_rules("* approvals=2", [](on_a_task on) -> awaitable<void> {
        EXPECT_TRUE(co_await on.all.approve(on.id, commit, "1", false)); // and the process died
        EXPECT_EQ(co_await on.counted(2), "2 of 2");
        EXPECT_EQ(co_await on.text("select count(*)::text from audit where what = 'deploy_asked'"), "1");
        EXPECT_FALSE(co_await on.all.approve(on.id, commit, "3", false)) << "it is on its way";
        EXPECT_EQ(co_await on.text("select count(*)::text from approvals"), "0");
    });
}

TEST(approvals, of_a_red_result_are_each_with_the_extra_word) {
    with_rules("* approvals=2", [](on_a_task on) -> awaitable<void> {
        co_await on.becomes(mechanic::queued{});
        co_await on.becomes(mechanic::review{commit, verdict::tests_red});
        auto refused = co_await on.agrees(1);
        EXPECT_TRUE(!refused && refused.error().why == why::not_green);
        EXPECT_EQ(co_await on.text("select count(*)::text from approvals"), "0");
        tasks::landing_wish anyway{.commit = commit, .anyway = true, .by = "1"};
        EXPECT_TRUE(co_await on.rules.deploy(on.id, anyway, role::admin, relation::owns));
        EXPECT_EQ(co_await on.text("select what || anyway::text from audit"), "approvedtrue");
    });
}

TEST(approvals, have_the_extra_word_only_when_each_said_it) {
    for (bool both : {false, true})
        with_rules("* approvals=2", [both](on_a_task on) -> awaitable<void> {
            tasks::landing_wish wish{.commit = commit, .anyway = both, .by = "1"};
            EXPECT_TRUE(co_await on.rules.deploy(on.id, wish, role::admin, relation::owns));
            wish = {.commit = commit, .anyway = true, .by = "2"};
            EXPECT_TRUE(co_await on.rules.deploy(on.id, wish, role::admin, relation::owns));
            EXPECT_EQ((co_await on.all.load(on.id))->task.known.lands->anyway, both);
        });
}

TEST(approvals, of_what_is_tried_again_are_not_of_who_asked_for_it_first) {
    with_rules("* own=off", [](on_a_task on) -> awaitable<void> {
        co_await on.db.script("insert into task_chats (task_id, chat_id, person_id, message_id, language) "
                              "select id, 2, 2, 1, 'en' from tasks");
        auto again = co_await on.all.add(
            {.remote = "https://host/Team/App.git", .instruction = "mend it", .model = "a/b", .budget_usd = 1});
        co_await on.db.query("update tasks set retry_of = $1 where id = $2", {on.id.str(), again.str()});
        co_await on.db.query("insert into task_chats (task_id, chat_id, person_id, message_id, language) "
                             "values ($1, 3, 3, 1, 'en')",
                             {again.str()});
        co_await on.db.query("insert into task_turns (task_id, turn, instruction, state) "
                             "values ($1, 1, $2 || ' main has moved.', 'begun')",
                             {again.str(), std::string(mechanic::order_to_solve_begins)});
        auto known = co_await on.all.landing_record_of(again, "2");
        EXPECT_EQ(known.asked_by, (std::vector<std::string>{"2", "3"}))
            << "and nobody asked for the turn about a conflict";
    });
}

TEST(approvals, are_not_needed_to_take_something_back) {
    with_rules("* approvals=2 own=off", [](on_a_task on) -> awaitable<void> {
        co_await on.becomes(mechanic::deployed{commit});
        auto begun = co_await on.agrees(1, true);
        EXPECT_TRUE(begun && !begun->waits());
        EXPECT_EQ(co_await on.state(), "queued");
    });
}

#include "pgserver/testing.hpp"
#include "service/money.hpp"
#include "store/migrate.hpp"

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::service;
using namespace std::chrono_literals;
using why = refusal::reason;

TEST(money_rules, a_budget_is_of_whom_people_name) {
    for (auto* named : {"You/Shop", "https://github.com/you/shop.git", "git@github.com:You/shop.git"})
        EXPECT_EQ(repository_budget(named)->name, "you/shop") << named;
    EXPECT_EQ(repository_budget("").error().why, why::no_repository);
    EXPECT_EQ(person_budget("11")->name, "11");
    EXPECT_EQ(person_budget("terminal")->name, "terminal");
    for (auto* named : {"", "ann", "-1", "011", "99999999999999999999"})
        EXPECT_EQ(person_budget(named).error().why, why::no_person) << named;
}

TEST(money_rules, admins_alone_set_budgets_and_pause) {
    queue::own_budget five{.of = {"person", "11"}, .day_usd = 5, .month_usd = {}, .waiting = {}};
    EXPECT_TRUE(may_set_budget(role::admin, five));
    EXPECT_EQ(may_set_budget(role::deployer, five).error().why, why::admins_only);
    EXPECT_EQ(may_pause(role::deployer).error().why, why::admins_only);
    EXPECT_TRUE(may_pause(role::admin));
}

TEST(money_rules, a_budget_says_something_that_can_be_held) {
    auto refused = [](queue::own_budget what) {
        auto may = may_set_budget(role::admin, what);
        return !may && may.error().why == why::bad_budget;
    };
    queue::owner ann{"person", "11"}, shop{"repository", "you/shop"};
    EXPECT_TRUE(refused({ann, -1, {}, {}}));
    EXPECT_TRUE(refused({ann, {}, 1e300 * 1e300, {}}));
    EXPECT_TRUE(refused({ann, {}, 1e9, {}}));
    EXPECT_TRUE(refused({ann, {}, {}, {}})) << "nothing is said";
    EXPECT_TRUE(refused({shop, 5, {}, 3})) << "no repository waits";
    EXPECT_FALSE(refused({ann, {}, {}, 3}));
    EXPECT_FALSE(refused({shop, 0, {}, {}})) << "nothing may be spent";
}

TEST(money_rules, a_warning_says_of_what) {
    EXPECT_EQ(warning_words({"day_budget", "", "2026-11-30", 16.5, 20}),
              "$16.50 of the day's budget of $20.00 are spent or reserved.");
    EXPECT_EQ(warning_words({"month_budget", "repository:you/shop", "2026-11-01", 42, 50}),
              "$42.00 of the month's budget of $50.00 for you/shop are spent or reserved.");
    EXPECT_EQ(warning_words({"day_budget", "person:terminal", "2026-11-30", 1, 1}),
              "$1.00 of the day's budget of $1.00 for the terminal are spent or reserved.");
}

TEST(money_rules, what_is_left_is_of_all_budgets_that_a_task_would_take_from) {
    pgserver::testing::scratch_database database;
    pgserver::testing::on_a_loop([](std::string url) -> awaitable<void> {
        store::pool db(co_await asio::this_coro::executor, {.url = secret(std::move(url)), .size = 1});
        co_await store::migrate(db);
        auto noon = std::chrono::sys_days(std::chrono::year(2026) / 11 / 30) + 12h;
        config::settings s;
        s.budget_day_usd = 20;
        co_await db.transact({queue::set_budget({{"repository", "you/shop"}, 5, 50, {}}, "terminal"),
                              queue::set_budget({{"person", "11"}, {}, {}, 3}, "terminal")});
        auto left = co_await money_left_for(db, s, noon, "11", "you/shop");
        EXPECT_EQ(left.lines.size(), 3U) << "no line for a limit that is no money";
        EXPECT_EQ(left.lines.at(0).left(), 20);
        EXPECT_EQ(left.lines.at(2).budget_usd, 50);
        EXPECT_TRUE(left.lines.at(2).month);
        EXPECT_FALSE(left.paused);
        s.budget_month_usd = 100;
        co_await db.transact({queue::begin_pause("11")});
        left = co_await money_left_for(db, s, noon, "22", "");
        EXPECT_EQ(left.lines.size(), 2U);
        EXPECT_TRUE(left.paused);
        db.close();
    }(database.url()));
    money_left::line over{.of = {}, .month = false, .spent_usd = 7, .budget_usd = 5};
    EXPECT_EQ(over.left(), 0) << "a call may come dearer than anything that was known of it";
}

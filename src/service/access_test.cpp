#include "service/access.hpp"
#include "service/limits.hpp"

#include <cmath>

#include <gtest/gtest.h>

using namespace persais::service;
using reason = refusal::reason;

TEST(role, is_by_the_settings_or_the_one_time_code) {
    persais::config::settings s;
    s.allowed_user_ids = {1, 2};
    s.telegram_admin_ids = {1};
    EXPECT_EQ(role_of(1, s, {}), role::admin);
    EXPECT_EQ(role_of(2, s, {}), role::user);
    EXPECT_EQ(role_of(3, s, {}), role::stranger);
    EXPECT_EQ(role_of(3, s, {.admins = {3}, .let_in = {}}), role::admin);
}

TEST(role, of_who_was_let_in_is_a_users_beside_the_settings) {
    persais::config::settings s;
    s.telegram_admin_ids = {1};
    known_people known{.admins = {}, .let_in = {1, 3}};
    EXPECT_EQ(role_of(3, s, known), role::user);
    EXPECT_EQ(role_of(1, s, known), role::admin);
    EXPECT_EQ(role_of(4, s, known), role::stranger);
    s.app_env = persais::config::mode::production;
    EXPECT_EQ(role_of(3, s, known), role::user);
    s.telegram_admin_ids = {};
    EXPECT_EQ(role_of(3, s, known), role::stranger) << "nobody answers for it";
}

TEST(role, in_production_is_nobodys_while_there_is_no_admin) {
    persais::config::settings s;
    s.app_env = persais::config::mode::production;
    s.allowed_user_ids = {2};
    EXPECT_EQ(role_of(2, s, {}), role::stranger);
    EXPECT_EQ(role_of(2, s, {.admins = {7}, .let_in = {}}), role::user);
}

TEST(relation, is_ownership_by_asking_or_by_office_and_sight_by_reading_along) {
    EXPECT_EQ(relation_to(role::user, 2, 2, true), relation::owns);
    EXPECT_EQ(relation_to(role::user, 2, 3, true), relation::sees);
    EXPECT_EQ(relation_to(role::user, 2, 3, false), relation::none);
    EXPECT_EQ(relation_to(role::user, 2, std::nullopt, false), relation::none) << "a task of the terminal";
    EXPECT_EQ(relation_to(role::admin, 1, std::nullopt, false), relation::owns);
}

TEST(budget, is_raised_by_admins_within_the_day) {
    persais::config::settings s;
    s.budget_day_usd = 20;
    auto why = [&](role who, relation what, double usd) {
        auto may = may_raise(who, what, usd, s);
        return may ? std::optional<reason>() : may.error().why;
    };
    EXPECT_EQ(why(role::admin, relation::owns, 20), std::nullopt);
    EXPECT_EQ(why(role::admin, relation::owns, 20.01), reason::over_day);
    EXPECT_EQ(why(role::user, relation::owns, 1), reason::admins_only);
    EXPECT_EQ(why(role::user, relation::sees, 1), reason::not_yours);
    for (double usd : {0.0, -1.0, std::nan(""), HUGE_VAL})
        EXPECT_EQ(why(role::admin, relation::owns, usd), reason::bad_budget) << usd;
}

TEST(what_is_held, is_let_through_by_admins_alone) {
    auto why = [&](role who, relation what) {
        auto may = may_push_anyway(who, what);
        return may ? std::optional<reason>() : may.error().why;
    };
    EXPECT_EQ(why(role::admin, relation::owns), std::nullopt);
    EXPECT_EQ(why(role::admin, relation::sees), std::nullopt);
    EXPECT_EQ(why(role::user, relation::owns), reason::admins_only);
    EXPECT_EQ(why(role::user, relation::none), reason::not_yours);
    EXPECT_EQ(why(role::stranger, relation::none), reason::not_yours);
}

TEST(queue, of_one_person_and_of_one_task_has_an_end) {
    EXPECT_TRUE(may_wait(persais::limits::person_waiting - 1));
    EXPECT_FALSE(may_wait(persais::limits::person_waiting));
    EXPECT_TRUE(may_keep(persais::limits::replies_kept - 1));
    EXPECT_FALSE(may_keep(persais::limits::replies_kept));
}

#include "pgserver/testing.hpp"
#include "queue/people.hpp"
#include "service/people.hpp"
#include "store/migrate.hpp"

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::service;

namespace {

struct people_rules : ::testing::Test {
    pgserver::testing::scratch_database database;
    config::settings settings;

    template <class F>
    void with(F body) {
        pgserver::testing::on_a_loop([](std::string url, F work) -> awaitable<void> {
            store::pool db(co_await asio::this_coro::executor, {.url = secret(std::move(url)), .size = 1});
            co_await store::migrate(db);
            co_await work(db);
            db.close();
        }(database.url(), std::move(body)));
    }
};

} // namespace

TEST(roles, of_a_repository_count_there_and_those_of_everywhere_elsewhere) {
    config::settings s;
    s.telegram_admin_ids = {1};
    s.allowed_user_ids = {2};
    known_people known{.admins = {9}, .let_in = {3}, .grants = {}};
    known.grants[4]["you/shop"] = role::deployer;
    known.grants[2]["you/shop"] = role::reader;
    known.grants[5][""] = role::reader;
    known.grants[6][""] = role::admin;
    known.grants[3][""] = role::deployer;
    auto at = [&](std::int64_t who, const char* where) { return role_in(who, where, s, known); };
    EXPECT_EQ(at(1, "https://github.com/You/Shop.git"), role::admin) << "an admin is one in all";
    EXPECT_EQ(at(9, "https://github.com/you/shop"), role::admin);
    EXPECT_EQ(at(6, "https://github.com/you/other"), role::admin);
    EXPECT_EQ(at(4, "git@github.com:you/shop.git"), role::deployer) << "in every spelling of the address";
    EXPECT_EQ(at(4, "https://github.com/you/other"), role::stranger);
    EXPECT_EQ(role_of(4, s, known), role::reader) << "so that they are heard at all";
    EXPECT_EQ(at(2, "https://github.com/you/shop"), role::reader) << "less than everywhere";
    EXPECT_EQ(at(2, "https://github.com/you/other"), role::user);
    EXPECT_EQ(role_of(5, s, known), role::reader);
    EXPECT_EQ(role_of(3, s, known), role::deployer) << "the role that was given, not that they were let in";
    EXPECT_EQ(at(7, "https://github.com/you/shop"), role::stranger);
}

TEST(roles, count_for_nothing_in_production_while_there_is_no_admin) {
    config::settings s;
    s.app_env = config::mode::production;
    known_people known;
    known.grants[4]["you/shop"] = role::deployer;
    known.grants[5][""] = role::user;
    EXPECT_EQ(role_in(4, "https://github.com/you/shop", s, known), role::stranger);
    EXPECT_EQ(role_of(5, s, known), role::stranger);
    known.grants[6][""] = role::admin;
    EXPECT_EQ(role_of(5, s, known), role::user) << "one by a role is an admin";
}

TEST(roles, have_the_names_that_people_write) {
    for (auto r : {role::reader, role::user, role::deployer, role::admin})
        EXPECT_EQ(role_named(name_of(r)), r);
    EXPECT_EQ(role_named("member"), role::user);
    EXPECT_FALSE(role_named("stranger"));
    EXPECT_FALSE(role_named("owner"));
}

TEST(roles, readers_look_and_give_nothing) {
    EXPECT_EQ(may_give(role::reader).error().why, refusal::reason::readers_only);
    EXPECT_EQ(may_give(role::stranger).error().why, refusal::reason::not_yours);
    for (auto r : {role::user, role::deployer, role::admin})
        EXPECT_TRUE(may_give(r));
    EXPECT_EQ(relation_to(role::reader, 2, 2, true), relation::sees) << "also what they gave when they might";
    EXPECT_EQ(relation_to(role::reader, 2, 3, false), relation::none);
    EXPECT_EQ(relation_to(role::stranger, 2, 2, true), relation::none);
    EXPECT_EQ(relation_to(role::deployer, 2, 2, false), relation::owns);
}

TEST(roles, a_deployer_lands_where_the_rule_names_no_people) {
    auto may = [](role who, const landing_rule& rule) {
        return may_land({.who = who, .what = relation::sees, .person = 4}, rule, false);
    };
    EXPECT_TRUE(may(role::deployer, {}));
    EXPECT_EQ(may(role::user, {}).error().why, refusal::reason::admins_only);
    EXPECT_EQ(may(role::deployer, {.people = {{5}}}).error().why, refusal::reason::not_a_deployer);
    EXPECT_TRUE(may(role::user, {.people = {{4}}}));
    EXPECT_FALSE(may_land({.who = role::deployer, .what = relation::none, .person = 4}, {}, false));
}

TEST(roles, approvals_of_deployers_count_while_they_are_such) {
    config::settings s;
    s.telegram_admin_ids = {1};
    queue::landing_record known{.approved_by = {"4", "5", "1"}, .grants = {{4, "", "deployer"}, {5, "", "member"}}};
    EXPECT_EQ(approvals_that_count(known, {.approvals = 2}, s), (std::vector<std::string>{"4", "1"}));
    EXPECT_EQ(who_may_land(known, {}, s), (std::vector<std::int64_t>{1, 4}));
}

TEST(quota, of_a_person_is_no_more_than_everybodys) {
    EXPECT_TRUE(may_wait(1, 2));
    EXPECT_FALSE(may_wait(2, 2));
    EXPECT_TRUE(may_wait(49, 1000));
    EXPECT_FALSE(may_wait(50, 1000));
}

TEST_F(people_rules, the_last_admin_is_seen_before_anything_is_done) {
    with([this](store::pool& db) -> awaitable<void> {
        co_await db.query("insert into people (id, paired_at) values (11, now())");
        auto alone = co_await removal_of(db, settings, 11);
        EXPECT_TRUE(alone.has_rights && alone.last_admin);
        EXPECT_TRUE((co_await role_change_of(db, settings, 11, "", role::reader)).last_admin);
        EXPECT_TRUE((co_await role_change_of(db, settings, 11, "you/shop", role::reader)).possible);
        EXPECT_FALSE((co_await removal_of(db, settings, 12)).has_rights);
        EXPECT_FALSE((co_await role_change_of(db, settings, 12, "", std::nullopt)).possible)
            << "there is no role to take";
        settings.telegram_admin_ids = {1};
        EXPECT_FALSE((co_await removal_of(db, settings, 11)).last_admin);
        settings.telegram_admin_ids = {};
        co_await db.transact({queue::set_role(22, "", "admin", "11", {})});
        EXPECT_FALSE((co_await removal_of(db, settings, 11)).last_admin);
        auto known = co_await load_known_people(db);
        EXPECT_TRUE(known.admins.contains(11));
        EXPECT_EQ(role_of(22, settings, known), role::admin);
    });
}

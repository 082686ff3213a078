#include "queue/audit.hpp"
#include "queue/repositories.hpp"
#include "queue/testing_table.hpp"

using namespace persais;
using namespace persais::queue::testing;
using queue::column;

namespace {

awaitable<std::int64_t> carry_out(store::pool& db, store::statement what) {
    auto r = co_await db.query(std::move(what.sql), std::move(what.params));
    co_return r.affected();
}

/// What the audit says, the oldest first: "added team/app by terminal; …".
awaitable<std::string> audited(store::pool& db) {
    std::string all;
    for (auto& row : co_await queue::audit_of(db, {}, 100))
        all = fmt::format("{} {} by {} of {}{}{}", row.what.substr(11), row.detail, row.by, row.remote,
                          all.empty() ? "" : "; ", all);
    co_return all;
}

} // namespace

TEST_F(table, a_repository_is_read_as_it_was_written) {
    with([](store::pool& db) -> awaitable<void> {
        EXPECT_EQ(co_await carry_out(db, queue::add_repository({.name = "team/app",
                                                                .remote = "/srv/app.git",
                                                                .base_branch = "main",
                                                                .setup = "npm ci",
                                                                .check = "npm test",
                                                                .sealed_token = std::string("\0\x01z", 3)},
                                                               "42")),
                  1);
        auto one = (co_await queue::repositories_of(db)).at(0);
        auto set = [&](const char* name, column::type is, std::string value) -> awaitable<void> {
            EXPECT_EQ(co_await carry_out(db, queue::set_column(one.id, {name, is}, value, {"42", name})), 1) << name;
        };
        co_await set("parallel", column::type::number, "3");
        co_await set("land", column::type::text, "request");
        co_await set("zero_retention", column::type::flag, "true");
        co_await set("environment_for", column::type::text, "setup");
        co_await carry_out(db,
                           queue::set_list(one.id, {"protect", column::type::list}, {"a, \"b\"", "ü/"}, {"42", "p"}));
        co_await carry_out(db, queue::set_variable(one.id, "B", "sealed b", {"42", "env B"}));
        co_await carry_out(db, queue::set_variable(one.id, "A", "sealed a", {"42", "env A"}));
        co_await carry_out(db, queue::set_variable(one.id, "A", "sealed anew", {"42", "env A"}));
        auto now = (co_await queue::repository_named(db, "TEAM/APP")).value();
        EXPECT_EQ(now.remote, "/srv/app.git");
        EXPECT_EQ(now.base_branch, "main");
        EXPECT_EQ(now.setup, "npm ci");
        EXPECT_EQ(now.check, "npm test");
        EXPECT_EQ(now.parallel, 3);
        EXPECT_EQ(now.land, "request");
        EXPECT_TRUE(now.zero_retention);
        EXPECT_FALSE(now.no_collection);
        EXPECT_EQ(now.environment_for, queue::reaches::setup);
        EXPECT_EQ(now.protect, (std::vector<std::string>{"a, \"b\"", "ü/"}));
        EXPECT_EQ(now.sealed_token, std::string("\0\x01z", 3));
        EXPECT_EQ(now.environment.size(), 2u);
        EXPECT_EQ(now.environment.at(0).name, "A");
        EXPECT_EQ(now.environment.at(0).sealed, "sealed anew");
        EXPECT_TRUE((co_await queue::repository_named(db, "/srv/app.git")).has_value()) << "by its address";
        EXPECT_FALSE((co_await queue::repository_named(db, "other")).has_value());
    });
}

TEST_F(table, what_is_taken_back_has_its_default_again) {
    with([](store::pool& db) -> awaitable<void> {
        co_await db.query("insert into repositories (name, remote, parallel, protect, zero_retention, environment_for, "
                          "token) values ('r', '/r', 2, '{x}', true, 'checks', '\\x01')");
        auto id = (co_await queue::repositories_of(db)).at(0).id;
        for (auto* name : {"parallel", "protect", "zero_retention", "environment_for"})
            co_await carry_out(db, queue::set_column(id, {name}, std::nullopt, {"terminal", name}));
        co_await carry_out(db, queue::set_token(id, std::nullopt, {"terminal", "token unset"}));
        auto now = (co_await queue::repositories_of(db)).at(0);
        EXPECT_EQ(now.parallel, std::nullopt);
        EXPECT_TRUE(now.protect.empty());
        EXPECT_FALSE(now.zero_retention);
        EXPECT_EQ(now.environment_for, queue::reaches::nobody);
        EXPECT_EQ(now.sealed_token, std::nullopt);
    });
}

TEST_F(table, each_change_of_a_repository_is_in_the_audit_and_none_that_was_not_made) {
    with([](store::pool& db) -> awaitable<void> {
        co_await carry_out(db, queue::add_repository({.name = "r", .remote = "/r"}, "terminal"));
        auto one = (co_await queue::repositories_of(db)).at(0);
        co_await carry_out(db, queue::set_variable(one.id, "A", "s", {"7", "env A"}));
        co_await carry_out(db, queue::set_column(one.id, {"land"}, "push", {"7", "land: push"}));
        EXPECT_EQ(co_await carry_out(db, queue::set_variable(one.id, "B", std::nullopt, {"7", "env B unset"})), 0);
        EXPECT_EQ(co_await carry_out(db, queue::set_column(one.id + 1, {"land"}, "push", {"7", "x"})), 0);
        co_await carry_out(db, queue::remove_repository(one, "7"));
        EXPECT_EQ(co_await carry_out(db, queue::remove_repository(one, "7")), 0) << "it is gone";
        EXPECT_EQ(co_await audited(db), "added r by terminal of /r; changed env A by 7 of /r; changed land: push by 7 "
                                        "of /r; removed r by 7 of /r");
        EXPECT_EQ(co_await refusal(db, "select 1 / (select count(*) from repository_environment)"), "22012")
            << "its environment went along";
    });
}

TEST_F(table, values_that_no_rule_lets_through_are_refused_by_the_table_too) {
    with([](store::pool& db) -> awaitable<void> {
        co_await db.query("insert into repositories (name, remote) values ('r', '/r')");
        for (auto* set : {"parallel = 0", "forge = 'svn'", "land = 'mail'", "environment_for = 'all'"})
            EXPECT_EQ(co_await refusal(db, fmt::format("update repositories set {}", set)), "23514") << set;
        EXPECT_EQ(
            co_await refusal(db, "insert into repository_environment select id, 'A-B', '\\x00' from repositories"),
            "23514");
    });
}

TEST_F(table, tasks_that_are_not_done_are_counted) {
    with([](store::pool& db) -> awaitable<void> {
        queue::pg_tasks all(db, "me", 10s);
        auto id = co_await all.add(some_order());
        co_await all.add(some_order());
        EXPECT_EQ(co_await queue::unfinished_of(db, "/srv/r.git"), 2);
        auto held = co_await claim(all, id);
        auto next = held->task;
        next.now = aborted{};
        co_await all.save(*held, next, false);
        EXPECT_EQ(co_await queue::unfinished_of(db, "/srv/r.git"), 1);
        EXPECT_EQ(co_await queue::unfinished_of(db, "/srv/other.git"), 0);
    });
}

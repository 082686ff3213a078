// The table of the API's tokens, and with which right of its person each of them goes.
#include "base/encoding.hpp"
#include "queue/api_tokens.hpp"
#include "queue/audit.hpp"
#include "queue/people.hpp"
#include "queue/testing_table.hpp"

using namespace persais;
using namespace persais::queue;
using namespace std::chrono_literals;

namespace {

struct token_table : queue::testing::table {};

std::string digest_of(std::string_view token) {
    return to_hex(sha256(token));
}

awaitable<std::int64_t> add(store::pool& db, std::string token, std::optional<std::int64_t> person = {},
                            std::optional<std::chrono::seconds> valid = {}) {
    co_return co_await add_api_token(
        db, digest_of(token), {.name = token, .person = person, .scopes = {"read"}, .made_by = "terminal"}, valid);
}

awaitable<bool> opens(store::pool& db, std::string token) {
    auto found = co_await use_api_token(db, digest_of(token));
    co_return found.has_value();
}

awaitable<std::string> said(store::pool& db, std::string sql) {
    auto r = co_await db.query(std::move(sql));
    co_return r.empty() ? "" : std::string(r.text(0, 0));
}

/// What the audit says of tokens, in order.
awaitable<std::string> audit_of_tokens(store::pool& db) {
    return said(db, "select coalesce(string_agg(concat_ws(' ', what, person, 'by', by, '-', detail), ', ' order by "
                    "id), '') from audit where what like 'token%'");
}

awaitable<void> settings_give(store::pool& db, std::vector<right_by_setting> all) {
    co_await record_rights(db, std::move(all));
}

} // namespace

TEST_F(token_table, keeps_a_token_as_it_was_made_and_says_so_in_the_audit) {
    with([](store::pool& db) -> awaitable<void> {
        const std::string name = R"(Ann's "laptop" {a,b} \n $1 %L — ноутбук)";
        auto id = co_await add_api_token(db, digest_of("x"),
                                         {.name = name, .person = 7, .scopes = {"deploy", "read"}, .made_by = "5"}, 1h);
        auto all = co_await api_tokens(db);
        EXPECT_EQ(all.size(), 1U);
        if (all.empty()) co_return;
        const auto& one = all[0];
        EXPECT_EQ((std::tuple(one.id, one.name, one.person, one.made_by)),
                  (std::tuple(id, name, std::optional<std::int64_t>(7), std::string("5"))));
        EXPECT_EQ(one.scopes, (std::vector<std::string>{"deploy", "read"}));
        EXPECT_TRUE(one.expires && *one.expires - one.made <= 1h && *one.expires - one.made > 59min);
        EXPECT_TRUE(!one.used && !one.revoked);
        EXPECT_EQ(co_await audit_of_tokens(db), "token_made 7 by 5 - 1 " + name + ": deploy, read");
        EXPECT_EQ(co_await said(db, "select count(*)::text from people where id = 7"), "1")
            << "whom only a setting names is known from now on";
    });
}

TEST_F(token_table, takes_no_row_that_nobody_could_have_made) {
    with([](store::pool& db) -> awaitable<void> {
        co_await add(db, "x");
        const std::string sum = "sha256('y')";
        for (const auto& [values, why] :
             std::vector<std::pair<std::string, std::string>>{{"('a', sha256('x'), array['read'])", "23505"},
                                                              {"('a', 'short'::bytea, array['read'])", "23514"},
                                                              {"('a', " + sum + ", array['root'])", "23514"},
                                                              {"('a', " + sum + ", array['read', 'root'])", "23514"},
                                                              {"('a', " + sum + ", array[]::text[])", "23514"},
                                                              {"('a', " + sum + ", null)", "23502"},
                                                              {"(null, " + sum + ", array['read'])", "23502"}})
            EXPECT_EQ(
                co_await queue::testing::refusal(
                    db, "insert into api_tokens (name, digest, scopes, made_by) select n, d, s::text[], 'terminal' "
                        "from (values " +
                            values + ") v (n, d, s)"),
                why)
                << values;
        EXPECT_EQ((co_await api_tokens(db)).size(), 1U);
    });
}

TEST_F(token_table, writes_down_at_most_once_a_minute_that_a_token_was_used) {
    with([](store::pool& db) -> awaitable<void> {
        co_await add(db, "x");
        EXPECT_TRUE(co_await opens(db, "x"));
        auto first = (co_await api_tokens(db)).at(0).used;
        EXPECT_TRUE(first);
        EXPECT_TRUE(co_await opens(db, "x"));
        EXPECT_EQ((co_await api_tokens(db)).at(0).used, first);
        co_await db.query("update api_tokens set used_at = used_at - interval '61 seconds'");
        EXPECT_TRUE(co_await opens(db, "x"));
        EXPECT_GE(*(co_await api_tokens(db)).at(0).used, *first);
        EXPECT_FALSE(co_await opens(db, "X")) << "of another one nothing is written";
        EXPECT_EQ(co_await said(db, "select count(*)::text from audit"), "1") << "the audit has no uses";
    });
}

TEST_F(token_table, opens_nothing_from_the_moment_on_at_which_it_expires_or_is_revoked) {
    with([](store::pool& db) -> awaitable<void> {
        auto good = co_await add(db, "good"), late = co_await add(db, "late", {}, 1h);
        auto gone = co_await add(db, "gone"), last = co_await add(db, "last", {}, 36'500 * 24h);
        co_await db.query("update api_tokens set expires_at = now() where name = 'late'");
        EXPECT_TRUE(co_await revoke_api_token(db, gone, "5"));
        EXPECT_TRUE(co_await opens(db, "good") && co_await opens(db, "last"));
        EXPECT_FALSE(co_await opens(db, "late") || co_await opens(db, "gone"));
        auto valid = co_await valid_api_tokens(db, {gone, late, good, last, 99, -1});
        std::ranges::sort(valid);
        EXPECT_EQ(valid, (std::vector{good, last}));
        EXPECT_TRUE((co_await valid_api_tokens(db, {})).empty());
        auto all = co_await api_tokens(db);
        EXPECT_FALSE(all.at(1).used || all.at(2).used) << "that somebody tried is no use of it";
        EXPECT_TRUE(co_await revoke_api_token(db, late, "terminal")) << "that it expired is not a decision";
        EXPECT_FALSE(co_await revoke_api_token(db, 99, "terminal"));
    });
}

TEST_F(token_table, is_revoked_once_when_two_do_it_at_the_same_moment) {
    with([](store::pool& db) -> awaitable<void> {
        auto id = co_await add(db, "x", 7);
        auto executor = co_await asio::this_coro::executor;
        background<bool> one(executor, revoke_api_token(db, id, "5")), two(executor, revoke_api_token(db, id, "6"));
        bool first = co_await one.join(), second = co_await two.join();
        EXPECT_NE(first, second);
        EXPECT_EQ(co_await said(db, "select count(*)::text from audit where what = 'token_revoked'"), "1");
    });
}

TEST_F(token_table, goes_with_its_person_and_with_nobody_else) {
    with([](store::pool& db) -> awaitable<void> {
        co_await db.transact({set_role(5, "", "admin", "terminal", {}), set_role(7, "you/shop", "member", "5", {}),
                              set_role(8, "you/shop", "member", "5", {})});
        co_await add(db, "one", 7);
        co_await add(db, "two", 7);
        auto before = co_await add(db, "before", 7);
        co_await revoke_api_token(db, before, "terminal");
        co_await add(db, "other", 8);
        co_await add(db, "here");
        co_await db.transact({set_role(7, "you/shop", "reader", "5", {})});
        EXPECT_TRUE(co_await opens(db, "one")) << "a lower role is a right all the same";
        co_await db.transact({remove_person(7, "5", {})});
        EXPECT_FALSE(co_await opens(db, "one") || co_await opens(db, "two"));
        EXPECT_TRUE(co_await opens(db, "other") && co_await opens(db, "here"));
        EXPECT_EQ(co_await said(db, "select string_agg(by || ' ' || detail, ', ' order by id) from audit where what = "
                                    "'token_revoked'"),
                  "terminal 3 before, 5 1 one, 5 2 two")
            << "each once, by whoever did it";
        co_await db.transact({set_role(7, "you/shop", "member", "5", {})});
        EXPECT_FALSE(co_await opens(db, "one")) << "whoever comes back gets a new one";
    });
}

TEST_F(token_table, stays_when_putting_out_fails) {
    with([](store::pool& db) -> awaitable<void> {
        co_await db.transact({set_role(7, "", "admin", "terminal", {})});
        co_await add(db, "x", 7);
        std::string failed;
        try {
            co_await db.transact({remove_person(7, "7", {})}); // the last admin
        } catch (const store::db_error& e) {
            failed = e.sqlstate;
        }
        EXPECT_EQ(failed, "PX002");
        EXPECT_TRUE(co_await opens(db, "x"));
        EXPECT_EQ(co_await audit_of_tokens(db), "token_made 7 by terminal - 1 x: read");
    });
}

TEST_F(token_table, goes_when_the_last_setting_that_named_its_person_does) {
    with([](store::pool& db) -> awaitable<void> {
        const right_by_setting admin{.setting = "TELEGRAM_ADMIN_IDS", .holder = "7"};
        const right_by_setting user{.setting = "ALLOWED_USER_IDS", .holder = "7"};
        const right_by_setting other{.setting = "TELEGRAM_ADMIN_IDS", .holder = "5"};
        co_await settings_give(db, {other, user});
        co_await add(db, "first", 7);
        co_await settings_give(db, {other, admin});
        EXPECT_TRUE(co_await opens(db, "first")) << "an admin now: the one setting took over from the other";
        co_await settings_give(db, {other});
        EXPECT_FALSE(co_await opens(db, "first"));
        co_await settings_give(db, {other, user});
        EXPECT_FALSE(co_await opens(db, "first")) << "not when they are let in again";
        co_await db.transact({set_role(7, "you/shop", "reader", "5", {5})});
        co_await add(db, "second", 7);
        co_await settings_give(db, {other});
        EXPECT_TRUE(co_await opens(db, "second")) << "they have a role";
    });
}

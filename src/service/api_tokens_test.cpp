#include "pgserver/testing.hpp"
#include "queue/people.hpp"
#include "service/api_tokens.hpp"
#include "store/migrate.hpp"

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::service;
using namespace std::chrono_literals;

namespace {

struct api_token_rules : ::testing::Test {
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

wished_token wished(std::vector<std::string> scopes = {"read"}) {
    return {.name = "laptop", .scopes = std::move(scopes), .by = "terminal"};
}

} // namespace

TEST_F(api_token_rules, a_token_is_shown_once_and_opens_what_its_scopes_say) {
    with([this](store::pool& db) -> awaitable<void> {
        auto made = co_await make_api_token(db, settings, wished({"submit", "read", "submit"}));
        EXPECT_TRUE(made && has_form_of_api_token(made->token.reveal()));
        auto who = co_await caller_with(db, settings, made->token);
        EXPECT_TRUE(who);
        EXPECT_EQ(who->scopes, (std::set{scope::read, scope::submit}));
        EXPECT_EQ(who->by(), "terminal");
        EXPECT_EQ(who->everywhere(settings), role::admin);
        EXPECT_EQ((co_await db.query("select count(*) from api_tokens where to_jsonb(api_tokens)::text like '%' || $1 "
                                     "|| '%'",
                                     {made->token.reveal()}))
                      .number(0, 0),
                  0);
        auto other = made->token.reveal();
        other.back() = other.back() == 'A' ? 'B' : 'A';
        EXPECT_FALSE(co_await caller_with(db, settings, secret(other)));
        EXPECT_FALSE(co_await caller_with(db, settings, secret("x")));
        EXPECT_TRUE(co_await queue::revoke_api_token(db, made->id, "terminal"));
        EXPECT_FALSE(co_await queue::revoke_api_token(db, made->id, "terminal"));
        EXPECT_FALSE(co_await caller_with(db, settings, made->token));
    });
}

TEST_F(api_token_rules, what_can_be_no_token_is_refused_in_a_sentence) {
    with([this](store::pool& db) -> awaitable<void> {
        for (auto what : {wished({}), wished({"all"}), wished_token{.name = "", .scopes = {"read"}, .by = "terminal"},
                          wished_token{.name = "a\nb", .scopes = {"read"}, .by = "terminal"},
                          wished_token{.name = "a", .scopes = {"read"}, .valid = 0s, .by = "terminal"}}) {
            auto made = co_await make_api_token(db, settings, what);
            EXPECT_FALSE(made);
            if (!made) EXPECT_EQ(made.error().why, refusal::reason::bad_setting);
        }
        auto of_nobody = wished();
        of_nobody.person = 7;
        auto made = co_await make_api_token(db, settings, of_nobody);
        EXPECT_TRUE(!made && made.error().why == refusal::reason::no_person);
        EXPECT_TRUE((co_await queue::api_tokens(db)).empty());
    });
}

TEST_F(api_token_rules, a_token_of_a_person_goes_with_their_rights) {
    settings.telegram_admin_ids = {5};
    with([this](store::pool& db) -> awaitable<void> {
        co_await db.transact({queue::set_role(7, "you/shop", "member", "5", {5})});
        auto what = wished({"read"});
        what.person = 7;
        what.valid = 1h;
        auto made = co_await make_api_token(db, settings, what);
        EXPECT_TRUE(made);
        auto who = co_await caller_with(db, settings, made->token);
        EXPECT_TRUE(who);
        EXPECT_EQ(who->in("https://github.com/you/shop", settings), role::user);
        EXPECT_EQ(who->to("https://github.com/you/shop", 7, settings), relation::owns);
        EXPECT_EQ(who->to("https://github.com/you/shop", 8, settings), relation::sees);
        EXPECT_EQ(who->to("https://github.com/you/other", 8, settings), relation::none);
        EXPECT_EQ(who->to("https://github.com/you/other", {}, settings), relation::none);
        co_await db.transact({queue::remove_person(7, "5", {5})});
        EXPECT_FALSE(co_await caller_with(db, settings, made->token));
        auto all = co_await queue::api_tokens(db);
        EXPECT_TRUE(all.size() == 1 && all[0].revoked) << "so that it stays so when they are let in again";
        auto said = co_await db.query("select string_agg(what || ' ' || by, ', ' order by id) from audit where what "
                                      "like 'token%'");
        EXPECT_EQ(said.text(0, 0), "token_made terminal, token_revoked 5");
    });
}

TEST_F(api_token_rules, a_token_expires) {
    with([this](store::pool& db) -> awaitable<void> {
        auto what = wished();
        what.valid = 1h;
        auto made = co_await make_api_token(db, settings, what);
        EXPECT_TRUE(co_await caller_with(db, settings, made->token));
        EXPECT_EQ((co_await queue::valid_api_tokens(db, {made->id, 99})).size(), 1U);
        co_await db.query("update api_tokens set expires_at = now()");
        EXPECT_FALSE(co_await caller_with(db, settings, made->token));
        EXPECT_TRUE((co_await queue::valid_api_tokens(db, {made->id})).empty());
    });
}

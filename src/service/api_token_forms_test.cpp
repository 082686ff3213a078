// What can be a token, or the name of one, and who it is that shows one.
#include "base/told.hpp"
#include "pgserver/testing.hpp"
#include "queue/people.hpp"
#include "service/api_tokens.hpp"
#include "service/limits.hpp"
#include "store/migrate.hpp"

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::service;
using namespace std::chrono_literals;

namespace {

template <class F>
void with(F body) {
    pgserver::testing::scratch_database database;
    pgserver::testing::on_a_loop([](std::string url, F work) -> awaitable<void> {
        store::pool db(co_await asio::this_coro::executor, {.url = secret(std::move(url)), .size = 1});
        co_await store::migrate(db);
        co_await work(db);
        db.close();
    }(database.url(), std::move(body)));
}

std::string characters(std::size_t n, std::string_view one) {
    std::string all;
    for (std::size_t i = 0; i < n; ++i)
        all += one;
    return all;
}

} // namespace

TEST(api_token_forms, are_ours_to_the_letter) {
    const std::string word(43, 'a');
    for (const auto& good : {word, std::string(43, '-'), "Zz09_-" + std::string(37, '_')})
        EXPECT_TRUE(has_form_of_api_token("persais_" + good)) << good;
    for (const auto& bad :
         {std::string(), word, std::string("persais_"), "persais_" + word + "a", "persais_" + word.substr(1),
          "Persais_" + word, " persais_" + word, "persais_" + word + "\n", "persais_" + word.substr(1) + "=",
          "persais_" + word.substr(1) + "+", "persais_" + word.substr(1) + "/",
          "persais_" + word.substr(1) + std::string(1, '\0'), "persais_" + word.substr(2) + "\xc3\xa9",
          "persais-" + word})
        EXPECT_FALSE(has_form_of_api_token(bad)) << bad;
}

TEST(api_token_forms, of_scopes_are_four_words) {
    for (auto each : {scope::read, scope::submit, scope::deploy, scope::admin})
        EXPECT_EQ(scope_named(name_of(each)), each);
    for (const auto* bad : {"", "Read", "read ", "all", "*", "read,submit", "write"})
        EXPECT_FALSE(scope_named(bad)) << bad;
}

TEST(api_token_forms, of_a_name_are_one_line_that_people_can_read) {
    with([](store::pool& db) -> awaitable<void> {
        const config::settings settings;
        constexpr auto most = limits::api_token_name_characters;
        auto make = [&](std::string name) {
            return make_api_token(db, settings, {.name = std::move(name), .scopes = {"read"}, .by = "terminal"});
        };
        for (const auto& good : {std::string("x"), characters(most, "x"), characters(most, "я"),
                                 std::string(R"(Ann's {laptop}, "50%" $1)")})
            EXPECT_TRUE(co_await make(good)) << good;
        for (const auto& bad : {std::string(), std::string(" "), std::string(" x"), std::string("x "),
                                characters(most + 1, "x"), std::string("a\rb"), std::string("a\x1b[31mb"),
                                std::string("a\0b", 3), std::string("a\xff"), std::string("a\n4  root")}) {
            auto made = co_await make(bad);
            EXPECT_FALSE(made) << bad;
            if (made) continue;
            EXPECT_EQ(made.error().why, refusal::reason::bad_setting);
            EXPECT_TRUE(russian_of(made.error().sentence)) << made.error().sentence;
        }
        EXPECT_EQ((co_await queue::api_tokens(db)).size(), 4U);
    });
}

TEST(api_token_forms, are_never_the_same_and_open_only_what_each_is_for) {
    with([](store::pool& db) -> awaitable<void> {
        config::settings settings;
        settings.app_env = config::mode::production; // without an admin nobody has a right, but who owns the machine
        auto one = co_await make_api_token(db, settings, {.name = "x", .scopes = {"read"}, .by = "terminal"});
        auto two = co_await make_api_token(db, settings, {.name = "x", .scopes = {"admin"}, .by = "terminal"});
        EXPECT_TRUE(one && two && one->token.reveal() != two->token.reveal()) << "names need not differ";
        auto first = co_await caller_with(db, settings, one->token);
        auto second = co_await caller_with(db, settings, two->token);
        EXPECT_TRUE(first && second);
        EXPECT_EQ(first->scopes, std::set{scope::read}) << "whatever its person may do";
        EXPECT_EQ(second->scopes, std::set{scope::admin}) << "each scope stands alone";
        settings.allowed_user_ids = {7};
        auto of_user =
            co_await make_api_token(db, settings, {.name = "x", .scopes = {"read"}, .person = 7, .by = "terminal"});
        EXPECT_TRUE(!of_user && of_user.error().why == refusal::reason::no_person) << "nobody answers for them";
        settings.telegram_admin_ids = {5};
        of_user =
            co_await make_api_token(db, settings, {.name = "x", .scopes = {"admin"}, .person = 7, .by = "terminal"});
        auto user = co_await caller_with(db, settings, of_user->token);
        EXPECT_TRUE(user && user->everywhere(settings) == role::user) << "a scope gives no right";
        EXPECT_EQ(user->by(), "7");
        EXPECT_FALSE(user->sees_others(settings));
        settings.deploy_rules = "you/shop by=7";
        EXPECT_TRUE(user->sees_others(settings));
    });
}

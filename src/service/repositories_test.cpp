#include "base/told.hpp"
#include "pgserver/testing.hpp"
#include "queue/add_task.hpp"
#include "queue/pg_tasks.hpp"
#include "service/known_repositories.hpp"
#include "service/limits.hpp"
#include "service/orders.hpp"
#include "service/repositories.hpp"
#include "store/migrate.hpp"

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::service;
using namespace std::chrono_literals;
using why = refusal::reason;

namespace {

const queue::repository app{.id = 1, .name = "team/app", .remote = "https://git.example/team/app"};

std::string refused(const answer<store::statement>& what) {
    EXPECT_FALSE(what);
    if (what) return "";
    EXPECT_TRUE(russian_of(what.error().sentence)) << what.error().sentence;
    return what.error().sentence;
}

std::string setting(const queue::repository& one, std::string_view name) {
    for (const auto& each : settings_of(one))
        if (each.name == name) return each.value;
    return "no such setting";
}

template <class F>
void with(F body) {
    pgserver::testing::scratch_database database;
    pgserver::testing::on_a_loop([](std::string url, F work) -> awaitable<void> {
        store::pool db(co_await asio::this_coro::executor, {.url = secret(std::move(url)), .size = 2});
        co_await store::migrate(db);
        co_await work(db);
        db.close();
    }(database.url(), std::move(body)));
}

/// The statement has to be one.
awaitable<void> carry_out(store::pool& db, answer<store::statement> what) {
    EXPECT_TRUE(what) << (what ? "" : what.error().sentence);
    if (what) co_await db.query(std::move(what->sql), std::move(what->params));
}

config::settings with_key() {
    config::settings s;
    s.persais_master_key = secret("a test's own key, long enough for it");
    return s;
}

} // namespace

TEST(repositories, each_setting_says_in_one_sentence_what_it_does_not_take) {
    auto set = [](std::string_view name, std::string_view value) {
        return refused(set_repository(app, name, value, "7"));
    };
    EXPECT_EQ(set("land", "mail"), "land: 'mail' is none of push, request.");
    EXPECT_EQ(set("parallel", "0"), "The setting parallel: a number from 1 to 1000.");
    EXPECT_EQ(set("parallel", "two"), "The setting parallel: a number from 1 to 1000.");
    EXPECT_EQ(set("forge", "svn"), "forge: 'svn' is none of github, gitlab, gitea, none.");
    EXPECT_EQ(set("base", "a..b"), "The setting base: 'a..b' is no name of a branch.");
    EXPECT_EQ(set("api", "http://git.example/api"),
              "The setting api: https, because the token would be sent unencrypted.");
    EXPECT_EQ(set("api", "git.example"), "The setting api: 'git.example' is no http or https address.");
    EXPECT_EQ(set("protect", "a,,b"), "The setting protect: a list such as deploy/,*.pem of at most 100.");
    EXPECT_EQ(set("models", "a b"), "The setting models: 'a b' is no list of models such as vendor/one,vendor/two.");
    EXPECT_EQ(set("check", " "), "No value for check: to take it back, unset it.");
    EXPECT_EQ(set("check", std::string(limits::repository_value_bytes + 1, 'x')),
              "The setting check: at most 32768 bytes.");
    EXPECT_EQ(set("colour", "red"), "'colour' is no setting of a repository; there are: base, setup, check, parallel, "
                                    "allow, protect, land, forge, api, intake, models, zdr, data_collection, env_for.");
    EXPECT_EQ(refused(unset_repository(app, "colour", "7")), set("colour", "red"));
}

TEST(repositories, secrets_have_rules_of_their_own_and_are_never_in_a_statement) {
    seal sealing{secret("k")};
    auto local = app;
    local.remote = "/srv/app.git";
    EXPECT_EQ(refused(give_token(local, secret("sesame-token"), sealing, "7")),
              "team/app takes no token, because its address is not https.");
    EXPECT_EQ(refused(give_token(app, secret(""), sealing, "7")), "The token is empty.");
    auto given = give_token(app, secret("sesame-token"), sealing, "7");
    auto variable = set_variable(app, "DB_PASSWORD", secret("sesame-value"), sealing, "7");
    ASSERT_TRUE(given && variable);
    for (const auto& statement : {*given, *variable})
        for (const auto& each : statement.params)
            EXPECT_FALSE(each && each->contains("sesame")) << *each;
    EXPECT_EQ(refused(set_variable(app, "A", secret("short"), sealing, "7")),
              "The value of A is shorter than 8 bytes: it could not be hidden in what the checks print. What is no "
              "secret stands in the command.");
    for (const auto* name : {"PATH", "home", "LD_PRELOAD", "https_proxy", "BASH_ENV"})
        EXPECT_TRUE(refused(set_variable(app, name, secret("long enough"), sealing, "7")).contains("Persais itself"));
    for (const auto* name : {"", "A-B", "1A", "Ü", "A=B"})
        EXPECT_TRUE(refused(set_variable(app, name, secret("long enough"), sealing, "7")).contains("no name of"));
    EXPECT_EQ(refused(unset_variable(app, "A", "7")), "The environment of team/app has no 'A'.");
}

TEST(repositories, short_names_are_told_from_words_and_addresses) {
    for (const auto* name : {"app", "team/app", "a.b_c-d", "9"})
        EXPECT_TRUE(is_repository_name(name)) << name;
    for (const auto* other : {"", "-x", ".x", "/srv/app", "https://h/x", "a b", "list", "env", "ü"})
        EXPECT_FALSE(is_repository_name(other)) << other;
    EXPECT_TRUE(takes_token("https://git.example/x"));
    EXPECT_FALSE(takes_token("http://git.example/x"));
    EXPECT_FALSE(takes_token("git@git.example:x"));
    EXPECT_FALSE(may_be_address("https://u:p@git.example/x"));
    EXPECT_FALSE(may_be_address("ftp://git.example/x"));
    EXPECT_TRUE(may_be_address("https://git.example/x"));
}

TEST(repositories, what_was_set_is_shown_and_taken_back) {
    with([](store::pool& db) -> awaitable<void> {
        co_await carry_out(db, queue::add_repository({.name = "team/app", .remote = "/srv/app.git"}, "terminal"));
        auto one = *co_await find_repository(db, "team/app");
        const std::pair<const char*, const char*> values[] = {
            {"base", "dev"},          {"setup", "npm ci"},      {"check", "npm test"}, {"parallel", "2"},
            {"allow", "src/, docs/"}, {"protect", "deploy/**"}, {"land", "request"},   {"forge", "gitea"},
            {"api", "https://h/api"}, {"models", "a/b,c/d"},    {"zdr", "on"},         {"data_collection", "deny"},
            {"env_for", "checks"},    {"intake", "on"}};
        EXPECT_EQ(std::size(values), setting_names().size());
        for (auto [name, value] : values)
            co_await carry_out(db, set_repository(one, name, value, "7"));
        auto now = *co_await find_repository(db, "team/app");
        for (auto [name, value] : values)
            EXPECT_EQ(setting(now, name), std::string(value) == "a/b,c/d" ? "a/b, c/d" : value) << name;
        EXPECT_EQ(now.environment_for, queue::reaches::checks);
        for (auto [name, value] : values)
            co_await carry_out(db, unset_repository(one, name, "7"));
        now = *co_await find_repository(db, "team/app");
        for (auto [name, value] : values)
            EXPECT_EQ(setting(now, name), "") << name;
        co_await carry_out(db, set_repository(one, "zdr", "off", "7"));
        EXPECT_EQ(setting(*co_await find_repository(db, "team/app"), "zdr"), "");
        auto missing = co_await find_repository(db, "team/ap");
        EXPECT_EQ(missing ? "" : missing.error().sentence, "There is no repository 'team/ap'; 'team/app' perhaps?");
    });
}

TEST(repositories, one_with_tasks_that_are_not_done_is_not_removed) {
    with([](store::pool& db) -> awaitable<void> {
        co_await carry_out(db, queue::add_repository({.name = "app", .remote = "/srv/app.git"}, "terminal"));
        queue::pg_tasks tasks(db, "me", 10s);
        auto id = co_await tasks.add({.remote = "/srv/app.git", .instruction = "x", .model = "a/b", .budget_usd = 1});
        auto one = *co_await find_repository(db, "app");
        auto may = co_await remove_repository(db, one, "7");
        EXPECT_EQ(may ? why::empty : may.error().why, why::repository_used);
        co_await db.query("update tasks set state = 'aborted', not_before = null where id = $1", {id.str()});
        co_await carry_out(db, co_await remove_repository(db, one, "7"));
        EXPECT_FALSE(co_await find_repository(db, "app"));
    });
}

TEST(known_repositories, have_what_another_process_has_set_and_open_its_secrets) {
    with([](store::pool& db) -> awaitable<void> {
        auto settings = with_key();
        seal sealing(settings.persais_master_key);
        remote_tokens tokens;
        std::vector<std::string> hidden;
        known_repositories known(db, settings, tokens, [&](const secret& s) { hidden.push_back(s.reveal()); });
        EXPECT_FALSE(co_await known.refresh());
        EXPECT_FALSE(known.of(app.remote));
        co_await carry_out(db, queue::add_repository({.name = app.name, .remote = app.remote}, "terminal"));
        auto one = *co_await find_repository(db, app.name);
        co_await carry_out(db, give_token(one, secret("sesame-token"), sealing, "7"));
        co_await carry_out(db, set_variable(one, "KEY", secret("sesame-one\nsesame-two"), sealing, "7"));
        co_await carry_out(db, set_repository(one, "forge", "gitlab", "7"));
        EXPECT_TRUE(co_await known.refresh()) << "a token is another one";
        EXPECT_FALSE(co_await known.refresh());
        EXPECT_EQ(tokens.of(app.remote).reveal(), "sesame-token");
        EXPECT_EQ(remote_at(app.remote, settings, tokens).token_user, "oauth2") << "as its forge wants it";
        auto found = known.named("TEAM/APP");
        EXPECT_TRUE(found && found == known.of(app.remote));
        if (!found) co_return;
        EXPECT_EQ(found->variables.at(0).second.reveal(), "sesame-one\nsesame-two");
        EXPECT_EQ(found->mask("it is sesame-two!"), "it is ***!") << "each line of it";
        EXPECT_EQ(hidden.size(), 4u);
        co_await carry_out(db, take_token(one, "7"));
        known.set_hears(true);
        co_await known.look();
        EXPECT_EQ(tokens.of(app.remote).reveal(), "sesame-token") << "who hears of changes does not look";
        known.set_hears(false);
        co_await known.look();
        EXPECT_TRUE(tokens.of(app.remote).empty());
    });
}

TEST(known_repositories, say_which_secrets_another_key_has_sealed) {
    with([](store::pool& db) -> awaitable<void> {
        seal other{secret("another key")};
        auto one = app;
        one.sealed_token = other.shut(secret("sesame-token"), token_context);
        co_await carry_out(db, queue::add_repository(one, "terminal"));
        one = *co_await find_repository(db, app.name);
        co_await carry_out(db, set_variable(one, "KEY", secret("sesame-value"), other, "7"));
        auto settings = with_key();
        remote_tokens tokens;
        known_repositories known(db, settings, tokens, {});
        co_await known.refresh();
        EXPECT_TRUE(tokens.of(app.remote).empty());
        EXPECT_EQ(known.of(app.remote)->closed, std::vector<std::string>{"KEY"});
        auto said = known.trouble();
        EXPECT_EQ(said.size(), 2u);
        for (const auto& sentence : said)
            EXPECT_TRUE(sentence.contains("PERSAIS_MASTER_KEY") && russian_of(sentence)) << sentence;
    });
}

TEST(known_repositories, what_a_repository_sets_wins_over_the_service) {
    config::settings s;
    s.forge = "github";
    s.deploy_strategy = "push";
    s.aider_model = "a/b";
    auto own = app;
    EXPECT_EQ(forge_of(&own, s) + way_to_land(&own, s) + model_for(&own, s), "githubpusha/b");
    EXPECT_EQ(forge_of(nullptr, s) + way_to_land(nullptr, s) + model_for(nullptr, s), "githubpusha/b");
    own.forge = "gitea";
    own.land = "request";
    own.models = {"c/d", "e/f"};
    EXPECT_EQ(forge_of(&own, s) + way_to_land(&own, s) + model_for(&own, s), "gitearequestc/d");
    EXPECT_TRUE(allows_model(&own, "openrouter/e/f"));
    EXPECT_FALSE(allows_model(&own, "a/b"));
    own.models.push_back("a/b");
    EXPECT_EQ(model_for(&own, s), "a/b") << "the service's own, where it may be used";
    s.git_remote_url = own.remote;
    own.models = {"c/d"};
    EXPECT_EQ(order_from({.instruction = "mend"}, s, &own)->model, "c/d");
}

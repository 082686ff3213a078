#include "base/told.hpp"
#include "pgserver/testing.hpp"
#include "queue/second_factors.hpp"
#include "queue/secrets.hpp"
#include "service/known_repositories.hpp"
#include "service/repositories.hpp"
#include "service/reseal.hpp"
#include "service/run_time_secrets.hpp"
#include "service/second_factor.hpp"
#include "store/migrate.hpp"

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::service;

namespace {

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

config::settings with_key(const char* key) {
    config::settings s;
    s.persais_master_key = secret(key);
    return s;
}

constexpr auto old_key = "the key of before, long enough";
constexpr auto new_key = "the key of after, long enough";

awaitable<void> carry_out(store::pool& db, answer<store::statement> what) {
    EXPECT_TRUE(what) << (what ? "" : what.error().sentence);
    if (what) co_await db.query(std::move(what->sql), std::move(what->params));
}

/// One secret of each kind.
awaitable<void> fill(store::pool& db, const seal& sealing) {
    co_await carry_out(db, set_run_time_secret("OPENROUTER_API_KEY", secret("a-model-key"), sealing, "terminal"));
    co_await queue::keep_secret(db, "telegram_webhook", sealing.shut(secret("a-hook"), "telegram_webhook"));
    co_await carry_out(db, queue::add_repository({.name = "team/app", .remote = "https://git.example/team/app"}, "1"));
    auto one = *co_await queue::repository_named(db, "team/app");
    co_await carry_out(db, give_token(one, secret("a-token"), sealing, "1"));
    co_await carry_out(db, set_variable(one, "PASSWORD", secret("a-password"), sealing, "1"));
    co_await queue::begin_factor(db, "7", sealing.shut(secret("a-factor"), factor_context("7")));
}

/// How many of them these settings open.
awaitable<int> opened(store::pool& db, const config::settings& s) {
    auto sealing = (co_await master_seal(db, s)).value();
    int n = static_cast<int>((co_await read_run_time_secrets(db, s)).values.size());
    auto hook = co_await queue::load_secret(db, "telegram_webhook");
    n += sealing.open(hook.value(), "telegram_webhook").has_value() ? 1 : 0;
    remote_tokens tokens;
    known_repositories known(db, s, tokens, {});
    co_await known.refresh();
    n += tokens.given("https://git.example/team/app") == "a-token" ? 1 : 0;
    n += static_cast<int>(known.named("team/app")->variables.size());
    auto factors = co_await queue::read_sealed(db, queue::sealed_factors);
    n += sealing.open(factors.at(0).sealed, factor_context("7")).has_value() ? 1 : 0;
    co_return n;
}

constexpr int all_of_them = 5;

} // namespace

TEST(reseal, both_keys_open_everything_at_every_point_until_the_change_ends) {
    with([](store::pool& db) -> awaitable<void> {
        auto before = with_key(old_key), after = with_key(new_key);
        co_await fill(db, seal(secret(old_key)));
        EXPECT_EQ(co_await opened(db, before), all_of_them);
        EXPECT_EQ(co_await opened(db, after), 0);
        auto keys = (co_await begin_key_change(db, before, secret(new_key))).value();
        EXPECT_FALSE(keys.arrived());
        EXPECT_EQ(co_await opened(db, before), all_of_them);
        EXPECT_EQ(co_await opened(db, after), all_of_them);
        // One kind after the other, as if it were killed after each.
        int done = 0;
        for (const auto& kind : sealed_kinds()) {
            done += (co_await reseal(db, keys, {kind})).done;
            EXPECT_EQ(co_await opened(db, before), all_of_them) << kind.values.what;
            EXPECT_EQ(co_await opened(db, after), all_of_them) << kind.values.what;
        }
        EXPECT_EQ(done, all_of_them);
        auto again =
            co_await reseal(db, (co_await begin_key_change(db, after, secret("not used"))).value(), sealed_kinds());
        EXPECT_EQ(again.done, 0) << "what is done is not done again";
        auto early = co_await end_key_change(db, before, sealed_kinds(), "terminal");
        EXPECT_FALSE(early) << "nobody is known to have the new key";
        if (!early) EXPECT_TRUE(russian_of(early.error().sentence)) << early.error().sentence;
        EXPECT_TRUE(co_await end_key_change(db, after, sealed_kinds(), "terminal"));
        EXPECT_EQ(co_await opened(db, after), all_of_them);
        EXPECT_EQ(co_await opened(db, before), 0);
        EXPECT_FALSE(co_await end_key_change(db, after, sealed_kinds(), "terminal")) << "none is under way";
    });
}

TEST(reseal, what_is_written_meanwhile_is_not_overwritten_and_not_lost) {
    with([](store::pool& db) -> awaitable<void> {
        auto before = with_key(old_key), after = with_key(new_key);
        const seal with_old{secret(old_key)};
        co_await fill(db, with_old);
        auto keys = (co_await begin_key_change(db, before, secret(new_key))).value();
        auto read = co_await queue::read_sealed(db, queue::sealed_secrets);
        co_await carry_out(db, set_run_time_secret("OPENROUTER_API_KEY", secret("a-newer-one"), with_old, "terminal"));
        for (auto& value : read)
            if (value.key == "OPENROUTER_API_KEY")
                EXPECT_FALSE(co_await queue::replace_sealed(db, queue::sealed_secrets, value, "what was read before"));
        EXPECT_EQ((co_await reseal(db, keys, sealed_kinds())).done, all_of_them);
        // Somebody who read the key before the change writes after the pass: the end finds it.
        co_await carry_out(db, set_run_time_secret("GIT_ACCESS_TOKEN", secret("a-late-one"), with_old, "terminal"));
        EXPECT_EQ((co_await end_key_change(db, after, sealed_kinds(), "terminal")).value().done, 1);
        auto now = (co_await read_run_time_secrets(db, after)).values;
        EXPECT_EQ(now.at("OPENROUTER_API_KEY"), "a-newer-one");
        EXPECT_EQ(now.at("GIT_ACCESS_TOKEN"), "a-late-one");
    });
}

TEST(reseal, a_second_change_goes_on_with_the_first_and_a_third_key_is_told) {
    with([](store::pool& db) -> awaitable<void> {
        auto before = with_key(old_key);
        EXPECT_FALSE(co_await begin_key_change(db, before, secret(old_key))) << "it is in force";
        EXPECT_TRUE(co_await begin_key_change(db, before, secret(new_key)));
        auto second = (co_await begin_key_change(db, before, secret("another one"))).value();
        EXPECT_TRUE(*second.next == new_key);
        auto stranger = co_await begin_key_change(db, with_key("neither of them"), secret("another one"));
        EXPECT_FALSE(stranger);
        if (!stranger) EXPECT_TRUE(russian_of(stranger.error().sentence)) << stranger.error().sentence;
    });
}

TEST(reseal, what_neither_key_opens_is_named_and_left_as_it_is) {
    with([](store::pool& db) -> awaitable<void> {
        auto before = with_key(old_key);
        co_await fill(db, seal(secret("a key of long ago")));
        auto keys = (co_await begin_key_change(db, before, secret(new_key))).value();
        auto done = co_await reseal(db, keys, sealed_kinds());
        EXPECT_EQ(done.done, 0);
        EXPECT_EQ(done.closed.size(), static_cast<std::size_t>(all_of_them));
        EXPECT_EQ(co_await opened(db, with_key("a key of long ago")), all_of_them);
    });
}

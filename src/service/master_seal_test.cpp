#include "base/background.hpp"
#include "base/temp_dir.hpp"
#include "base/told.hpp"
#include "pgserver/testing.hpp"
#include "queue/secrets.hpp"
#include "service/reseal.hpp"
#include "service/revoking.hpp"
#include "service/run_time_secrets.hpp"
#include "store/migrate.hpp"

#include <algorithm>
#include <fstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

using namespace persais;
using namespace persais::service;

namespace {

constexpr auto old_key = "the key of before, long enough", new_key = "the key of after, long enough",
               third_key = "the key of somebody else, long enough";

config::settings with_key(const char* key) {
    config::settings s;
    s.persais_master_key = secret(key);
    return s;
}

struct two_keys : ::testing::Test {
    pgserver::testing::scratch_database database;

    template <class F>
    void with(F body) {
        pgserver::testing::on_a_loop([](std::string url, F work) -> awaitable<void> {
            store::pool db(co_await asio::this_coro::executor, {.url = secret(std::move(url)), .size = 2});
            co_await store::migrate(db);
            co_await work(db);
            db.close();
        }(database.url(), std::move(body)));
    }
    static awaitable<void> set(store::pool& db, const char* value, const config::settings& by) {
        auto sealing = (co_await master_seal(db, by)).value();
        auto what = set_run_time_secret("OPENROUTER_API_KEY", secret(value), sealing, "terminal");
        co_await db.query(std::move(what->sql), std::move(what->params));
    }
    static awaitable<std::string> read(store::pool& db, const config::settings& by) {
        auto all = (co_await read_run_time_secrets(db, by)).values;
        co_return all.empty() ? "closed" : all.begin()->second.reveal();
    }
};

} // namespace

TEST_F(two_keys, whoever_writes_during_a_change_writes_for_both) {
    with([](store::pool& db) -> awaitable<void> {
        auto before = with_key(old_key), after = with_key(new_key), other = with_key(third_key);
        EXPECT_TRUE(co_await begin_key_change(db, before, secret(new_key)));
        auto late = (co_await read_master_keys(db, before)).value(),
             early = (co_await read_master_keys(db, after)).value();
        EXPECT_TRUE(!late.arrived() && early.arrived());
        EXPECT_TRUE(*late.next == *early.next && *late.before == *early.before) << "either knows both";
        auto stranger = (co_await read_master_keys(db, other)).value();
        EXPECT_TRUE(!stranger.next && !stranger.before) << "a third knows of nothing";
        for (const auto& writer : {before, after}) {
            co_await set(db, "a-value", writer);
            for (const auto& reader : {before, after})
                EXPECT_EQ(co_await read(db, reader), "a-value");
            EXPECT_EQ(co_await read(db, other), "closed");
            EXPECT_EQ((co_await reseal(db, late, sealed_kinds())).done, 0) << "it is sealed with the new one already";
        }
        EXPECT_TRUE(co_await end_key_change(db, after, sealed_kinds(), "terminal"));
        EXPECT_EQ(co_await read(db, after), "a-value");
        EXPECT_EQ(co_await read(db, before), "closed");
    });
}

TEST_F(two_keys, a_change_can_be_changed_back_and_done_again) {
    with([](store::pool& db) -> awaitable<void> {
        co_await set(db, "a-value", with_key(old_key));
        for (auto [from, to] :
             {std::pair(old_key, new_key), std::pair(new_key, old_key), std::pair(old_key, third_key)}) {
            auto keys = co_await begin_key_change(db, with_key(from), secret(to));
            EXPECT_TRUE(keys);
            if (!keys) co_return;
            EXPECT_EQ((co_await reseal(db, *keys, sealed_kinds())).done, 1);
            EXPECT_TRUE(co_await end_key_change(db, with_key(to), sealed_kinds(), "terminal"));
            EXPECT_EQ(co_await read(db, with_key(to)), "a-value");
            EXPECT_EQ(co_await read(db, with_key(from)), "closed");
        }
    });
}

TEST_F(two_keys, rows_that_an_attacker_puts_there_give_him_nothing) {
    with([](store::pool& db) -> awaitable<void> {
        auto mine = with_key(old_key);
        co_await set(db, "a-value", mine);
        // He writes to the database, and knows no key: his own key, sealed with his own, and rows of ours elsewhere.
        const seal his{secret(third_key)};
        auto ours = (co_await queue::load_secret(db, "OPENROUTER_API_KEY")).value();
        const std::string forged[] = {his.shut(secret(third_key), queue::next_master_key), ours, "", "no seal at all"};
        for (const auto& each : forged) {
            EXPECT_TRUE(co_await queue::begin_key_change(db, {each, each}));
            auto keys = (co_await read_master_keys(db, mine)).value();
            EXPECT_FALSE(keys.next || keys.before);
            EXPECT_EQ(co_await read(db, mine), "a-value") << "what is sealed opens as before";
            auto begun = co_await begin_key_change(db, mine, secret(new_key));
            EXPECT_FALSE(begun) << "a change with rows of somebody else does not go on";
            auto ended = co_await end_key_change(db, mine, sealed_kinds(), "terminal");
            EXPECT_FALSE(ended);
            if (!ended) EXPECT_TRUE(russian_of(ended.error().sentence)) << ended.error().sentence;
            EXPECT_TRUE(co_await queue::load_key_change(db)) << "nor is it taken away by whoever cannot read it";
            co_await queue::end_key_change(db, "terminal");
        }
    });
}

TEST_F(two_keys, a_value_moved_to_another_row_stays_closed_after_the_change) {
    with([](store::pool& db) -> awaitable<void> {
        auto before = with_key(old_key);
        co_await set(db, "a-value", before);
        co_await db.query("insert into secrets (name, sealed) select 'GIT_ACCESS_TOKEN', sealed from secrets");
        auto keys = (co_await begin_key_change(db, before, secret(new_key))).value();
        auto done = co_await reseal(db, keys, sealed_kinds());
        EXPECT_EQ(done.done, 1);
        EXPECT_EQ(done.closed, std::vector<std::string>{"secrets: GIT_ACCESS_TOKEN"});
        auto all = co_await read_run_time_secrets(db, with_key(new_key));
        EXPECT_EQ(all.values.size(), 1U);
        EXPECT_EQ(all.closed, std::vector<std::string>{"GIT_ACCESS_TOKEN"});
    });
}

TEST_F(two_keys, two_passes_at_once_seal_each_value_once) {
    with([](store::pool& db) -> awaitable<void> {
        auto before = with_key(old_key);
        co_await set(db, "a-value", before);
        const seal old{secret(old_key)};
        for (int i = 0; i < 20; ++i) {
            auto name = fmt::format("own_{}", i);
            co_await queue::keep_secret(db, name, old.shut(secret("of our own"), name));
        }
        auto keys = (co_await begin_key_change(db, before, secret(new_key))).value();
        resealed other;
        background<void> beside(co_await asio::this_coro::executor,
                                [](store::pool& at, master_keys with, resealed& to) -> awaitable<void> {
                                    to = co_await reseal(at, std::move(with), sealed_kinds());
                                }(db, keys, other));
        auto mine = co_await reseal(db, keys, sealed_kinds());
        co_await beside.join();
        EXPECT_EQ(mine.done + other.done, 21);
        EXPECT_TRUE(mine.closed.empty() && other.closed.empty());
        EXPECT_TRUE(co_await end_key_change(db, with_key(new_key), sealed_kinds(), "terminal"));
        EXPECT_EQ(co_await read(db, with_key(new_key)), "a-value");
    });
}

TEST_F(two_keys, without_a_key_that_can_be_read_nothing_begins) {
    with([](store::pool& db) -> awaitable<void> {
        temp_dir folder;
        config::settings s;
        s.data = folder.path() / "file";
        std::ofstream(s.data) << "where the folder should be";
        EXPECT_FALSE(co_await master_seal(db, s));
        auto begun = co_await begin_key_change(db, s, secret(new_key));
        EXPECT_FALSE(begun);
        if (!begun) EXPECT_TRUE(begun.error().sentence.contains("PERSAIS_MASTER_KEY")) << begun.error().sentence;
        EXPECT_FALSE(co_await end_key_change(db, s, sealed_kinds(), "terminal"));
        EXPECT_FALSE(co_await queue::load_key_change(db));
        co_await set(db, "a-value", with_key(old_key));
        EXPECT_EQ((co_await read_run_time_secrets(db, s)).closed, std::vector<std::string>{"OPENROUTER_API_KEY"})
            << "it is told, and stops nothing";
    });
}

TEST(revoking_at, names_the_pages_of_the_forge_that_the_address_or_the_setting_tells) {
    struct {
        const char *remote, *forge, *tokens;
    } all[] = {
        {"git@github.com:team/app.git", "auto", "https://github.com/settings/tokens"},
        {"ssh://git@gitlab.com/a/b/c.git", "auto", "https://gitlab.com/-/user_settings/personal_access_tokens"},
        {"https://code.example.org/team/app", "gitlab",
         "https://code.example.org/-/user_settings/personal_access_tokens"},
        {"https://code.example.org/team/app", "gitea", "https://code.example.org/user/settings/applications"},
        {"https://me:canary-password@github.com/team/app", "auto", "https://github.com/settings/tokens"},
    };
    for (const auto& [remote, forge, tokens] : all) {
        config::settings s;
        s.git_remote_url = remote;
        s.forge = forge;
        s.git_access_token = secret("x");
        auto said = to_revoke(s, {});
        ASSERT_EQ(said.size(), 1U) << remote;
        EXPECT_TRUE(said[0].ends_with(tokens)) << said[0];
        EXPECT_FALSE(said[0].contains("canary")) << said[0];
        EXPECT_TRUE(russian_of(said[0]));
    }
}

TEST(revoking_at, says_nothing_of_a_repository_that_was_given_nothing) {
    config::settings s;
    s.git_remote_url = "https://github.com/team/app.git";
    EXPECT_TRUE(to_revoke(s, {{.name = "group/lib", .remote = "https://gitlab.com/group/lib"}}).empty());
    s.openrouter_api_key = secret("x");
    s.openrouter_base_url = "http://me:canary-password@10.0.0.5:8080/v1";
    auto said = to_revoke(s, {});
    ASSERT_EQ(said.size(), 1U);
    EXPECT_TRUE(said[0].ends_with("10.0.0.5")) << said[0];
}

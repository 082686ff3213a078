// What people call a repository, and two addresses of one.
#include "base/told.hpp"
#include "pgserver/testing.hpp"
#include "queue/repositories.hpp"
#include "service/named_repositories.hpp"
#include "store/migrate.hpp"

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::service;

namespace {

/// `shop` is added, with an address that has another name; a task is of `you/old`.
struct named_repositories : ::testing::Test {
    pgserver::testing::scratch_database database;
    config::settings settings;

    template <class F>
    void with(F body) {
        settings.git_remote_url = "https://git.example/team/main.git";
        pgserver::testing::on_a_loop([](std::string url, F work) -> awaitable<void> {
            store::pool db(co_await asio::this_coro::executor, {.url = secret(std::move(url)), .size = 1});
            co_await store::migrate(db);
            co_await db.transact(
                {queue::add_repository({.name = "shop", .remote = "https://git.example/Team/Store.git"}, "terminal")});
            co_await db.query("insert into tasks (kind, remote, instruction, model, budget_usd, attempts_most, "
                              "rounds_most, foreground, state, not_before) values ('change', "
                              "'git@git.example:you/old.git', 'x', 'm', 1, 1, 1, false, 'queued', now())");
            co_await work(db);
            db.close();
        }(database.url(), std::move(body)));
    }
};

} // namespace

TEST_F(named_repositories, are_kept_by_what_is_looked_up) {
    with([this](store::pool& db) -> awaitable<void> {
        auto key = [&](std::string named) { return key_of_repository(db, settings, std::move(named)); };
        for (auto* same :
             {"shop", "SHOP", "team/store", "https://git.example/Team/Store.git", "git@git.example:team/store"})
            EXPECT_EQ((co_await key(same)).value_or("?"), "team/store") << same;
        EXPECT_EQ((co_await key("")).value_or("?"), "") << "everywhere";
        EXPECT_EQ((co_await key("Team/Main")).value_or("?"), "team/main") << "GIT_REMOTE_URL";
        EXPECT_EQ((co_await key("you/old")).value_or("?"), "you/old") << "of a task";
        auto none = co_await key("shpo");
        EXPECT_FALSE(none);
        if (!none) EXPECT_TRUE(none.error().sentence.contains("'shop'")) << none.error().sentence;
        EXPECT_EQ((co_await key("https://git.example/Nobody/knows")).value_or("?"), "nobody/knows") << "an address";
        EXPECT_EQ((co_await key_of_repository(db, settings, "gone/away", true)).value_or("?"), "gone/away")
            << "to take back what was given there";
    });
}

TEST_F(named_repositories, are_one_by_whatever_spelling_of_their_address) {
    with([this](store::pool& db) -> awaitable<void> {
        auto other = [&](std::string address) { return twin_of(db, settings, std::move(address)); };
        for (auto* same :
             {"https://git.example/Team/Store", "https://git.example/Team/Store/", "http://GIT.example/Team/Store.git",
              "ssh://git@git.example:22/Team/Store.git", "git@git.example:Team/Store.git"}) {
            auto found = co_await other(same);
            EXPECT_TRUE(found && found->same && found->name == "shop") << same;
            if (found)
                EXPECT_TRUE(twin_words(*found).ends_with("because settings hold for the address that tasks have."));
        }
        EXPECT_EQ((co_await other("git@git.example:team/main")).value_or(twin{}).name, "GIT_REMOTE_URL");
        EXPECT_FALSE(co_await other("https://git.example/team/main.git")) << "it may have settings of its own";
        EXPECT_FALSE(co_await other("https://git.example/team/another"));
        auto elsewhere = co_await other("https://other.example/team/store");
        EXPECT_TRUE(elsewhere && !elsewhere->same && russian_of(twin_words(*elsewhere)));
        EXPECT_EQ(plain_address("file:///srv/app.git/"), plain_address("/srv/app"));
    });
}

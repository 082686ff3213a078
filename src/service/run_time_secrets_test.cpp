#include "base/told.hpp"
#include "pgserver/testing.hpp"
#include "queue/audit.hpp"
#include "service/run_time_secrets.hpp"
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

config::settings with_key(const char* key = "a test's own key, long enough for it") {
    config::settings s;
    s.persais_master_key = secret(key);
    return s;
}

awaitable<std::int64_t> carry_out(store::pool& db, answer<store::statement> what) {
    EXPECT_TRUE(what) << (what ? "" : what.error().sentence);
    if (!what) co_return -1;
    co_return (co_await db.query(std::move(what->sql), std::move(what->params))).affected();
}

std::string refused(std::string_view name) {
    auto may = run_time_secret(name);
    EXPECT_FALSE(may) << name;
    if (may) return "";
    EXPECT_TRUE(russian_of(may.error().sentence)) << may.error().sentence;
    return may.error().sentence;
}

} // namespace

TEST(run_time_secrets, every_secret_can_be_set_but_those_that_open_the_database) {
    for (const auto& row : config::table()) {
        bool opens = row.name == "DATABASE_URL" || row.name == "DIRECT_URL" || row.name == "PERSAIS_MASTER_KEY";
        EXPECT_EQ(run_time_secret(row.name).has_value(), config::is_secret(row) && !opens) << row.name;
    }
    EXPECT_TRUE(refused("DATABASE_URL").contains("the file that DATABASE_URL_FILE names"));
    EXPECT_TRUE(refused("PERSAIS_MASTER_KEY").contains("persais secret reseal"));
    EXPECT_TRUE(refused("PORT").starts_with("PORT is no secret"));
    EXPECT_EQ(refused("GIT_ACCES_TOKEN"), "There is no secret GIT_ACCES_TOKEN; did you mean `GIT_ACCESS_TOKEN`?");
}

TEST(run_time_secrets, a_value_that_the_setting_does_not_take_is_refused) {
    seal sealing(secret("a key"));
    for (auto* wrong : {"", " \n", "two words"}) {
        auto set = set_run_time_secret("OPENROUTER_API_KEY", secret(wrong), sealing, "terminal");
        EXPECT_FALSE(set) << wrong;
        if (!set) EXPECT_TRUE(set.error().sentence.starts_with("OPENROUTER_API_KEY: ")) << set.error().sentence;
    }
    auto folder = set_run_time_secret("BACKUP_URL", secret("relative-and-secret"), sealing, "terminal");
    ASSERT_FALSE(folder);
    EXPECT_FALSE(folder.error().sentence.contains("relative-and-secret"));
}

TEST(run_time_secrets, what_is_set_is_read_and_stands_in_the_audit_by_its_name) {
    with([](store::pool& db) -> awaitable<void> {
        auto s = with_key();
        seal sealing(s.persais_master_key);
        auto set = [&](const char* name, const char* value) -> awaitable<void> {
            EXPECT_EQ(co_await carry_out(db, set_run_time_secret(name, secret(value), sealing, "42")), 1);
        };
        EXPECT_TRUE((co_await read_run_time_secrets(db, s)).rows.empty());
        co_await set("OPENROUTER_API_KEY", "the-first");
        co_await set("OPENROUTER_API_KEY", "the-second");
        co_await set("GIT_ACCESS_TOKEN", "a-token");
        co_await queue::keep_secret(db, "telegram_webhook", "of another kind");
        auto all = co_await read_run_time_secrets(db, s);
        EXPECT_EQ(all.rows.size(), 2U);
        EXPECT_EQ(all.values, (config::secrets_by_name{{"OPENROUTER_API_KEY", secret("the-second")},
                                                       {"GIT_ACCESS_TOKEN", secret("a-token")}}));
        EXPECT_TRUE(all.trouble().empty());
        EXPECT_EQ(co_await carry_out(db, unset_run_time_secret("GIT_ACCESS_TOKEN", "42")), 1);
        EXPECT_EQ(co_await carry_out(db, unset_run_time_secret("GIT_ACCESS_TOKEN", "42")), 0) << "it is not set";
        EXPECT_EQ((co_await read_run_time_secrets(db, s)).values.size(), 1U);
        std::string said;
        for (const auto& row : co_await queue::audit_of(db, {}, 10))
            said += row.what + " " + row.detail + " by " + row.by + "; ";
        EXPECT_EQ(said, "secret_unset GIT_ACCESS_TOKEN by 42; secret_set GIT_ACCESS_TOKEN by 42; secret_set "
                        "OPENROUTER_API_KEY by 42; secret_set OPENROUTER_API_KEY by 42; ");
    });
}

TEST(run_time_secrets, one_of_another_master_key_or_another_name_is_said_and_counts_for_nothing) {
    with([](store::pool& db) -> awaitable<void> {
        seal before(secret("the key of before"));
        co_await carry_out(db, set_run_time_secret("OPENROUTER_API_KEY", secret("the-first"), before, "terminal"));
        co_await db.query("insert into secrets (name, sealed) select 'GIT_ACCESS_TOKEN', sealed from secrets");
        auto other = co_await read_run_time_secrets(db, with_key());
        EXPECT_TRUE(other.values.empty());
        EXPECT_EQ(other.closed, (std::vector<std::string>{"GIT_ACCESS_TOKEN", "OPENROUTER_API_KEY"}));
        EXPECT_EQ(other.trouble().size(), 2U);
        EXPECT_TRUE(russian_of(other.trouble().front())) << other.trouble().front();
        auto same = co_await read_run_time_secrets(db, with_key("the key of before"));
        EXPECT_EQ(same.closed, (std::vector<std::string>{"GIT_ACCESS_TOKEN"})) << "it was sealed for another name";
    });
}

TEST(run_time_secrets, without_tables_there_are_none) {
    pgserver::testing::scratch_database database;
    pgserver::testing::on_a_loop([](std::string url) -> awaitable<void> {
        store::pool db(co_await asio::this_coro::executor, {.url = secret(std::move(url)), .size = 1});
        EXPECT_TRUE((co_await read_run_time_secrets(db, with_key())).rows.empty());
        db.close();
    }(database.url()));
}

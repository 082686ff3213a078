#include "app/secrets_in_force.hpp"
#include "base/seal.hpp"
#include "base/temp_dir.hpp"
#include "pgserver/testing.hpp"
#include "service/reseal.hpp"
#include "service/run_time_secrets.hpp"
#include "store/migrate.hpp"

#include <gtest/gtest.h>

namespace persais::app {
namespace {

constexpr auto old_key = "the-key-of-before-long-enough", new_key = "the-key-of-after-long-enough";

struct in_force_of : testing::Test {
    temp_dir folder;
    pgserver::testing::scratch_database database;

    /// A process with this master key.
    std::unique_ptr<config::reloader> process(const char* key) {
        auto made = config::reloader::start(
            {{"HOME", "/home/someone"}, {"PERSAIS_MASTER_KEY", key}, {"OPENROUTER_API_KEY", "of-the-environment"}},
            folder.path());
        if (!made) throw std::runtime_error(made.error().front());
        return std::move(*made);
    }
    template <class F>
    void with(F body) {
        pgserver::testing::on_a_loop([](std::string url, F work) -> awaitable<void> {
            store::pool db(co_await asio::this_coro::executor, {.url = secret(std::move(url)), .size = 1});
            co_await store::migrate(db);
            co_await work(db);
            db.close();
        }(database.url(), std::move(body)));
    }
    static awaitable<void> set(store::pool& db, const char* value, const seal& sealing) {
        auto what = service::set_run_time_secret("OPENROUTER_API_KEY", secret(value), sealing, "terminal");
        co_await db.query(std::move(what->sql), std::move(what->params));
    }
};

} // namespace

TEST_F(in_force_of, two_processes_have_what_one_set_and_lose_it_when_it_is_taken_back) {
    auto one = process(old_key), two = process(old_key);
    with([&](store::pool& db) -> awaitable<void> {
        secrets_in_force first(*one), second(*two);
        first.set_heard(true);
        EXPECT_FALSE(first.heard()) << "nothing was read yet";
        co_await set(db, "of-run-time", seal(secret(old_key)));
        co_await first.read(db);
        EXPECT_TRUE(first.heard());
        EXPECT_EQ(one->now().openrouter_api_key, "of-run-time");
        EXPECT_EQ(two->now().openrouter_api_key, "of-the-environment") << "it has not read yet";
        co_await second.read(db);
        EXPECT_EQ(two->now().openrouter_api_key, "of-run-time");
        EXPECT_FALSE(second.heard()) << "nobody calls it";
        auto gone = service::unset_run_time_secret("OPENROUTER_API_KEY", "terminal");
        co_await db.query(std::move(gone->sql), std::move(gone->params));
        for (auto* each : {&first, &second})
            co_await each->read(db);
        EXPECT_EQ(one->now().openrouter_api_key, "of-the-environment");
        EXPECT_EQ(two->now().openrouter_api_key, "of-the-environment");
    });
}

TEST_F(in_force_of, processes_with_either_key_go_on_through_a_change_of_it) {
    auto late = process(old_key), early = process(new_key);
    with([&](store::pool& db) -> awaitable<void> {
        secrets_in_force of_late(*late), of_early(*early);
        co_await set(db, "of-run-time", seal(secret(old_key)));
        co_await of_early.read(db);
        EXPECT_EQ(early->now().openrouter_api_key, "of-the-environment") << "it cannot open it, and goes on";
        auto keys = co_await service::begin_key_change(db, late->now(), secret(new_key));
        EXPECT_TRUE(keys);
        if (!keys) co_return;
        for (bool sealed_anew : {false, true}) {
            if (sealed_anew) co_await service::reseal(db, *keys, service::sealed_kinds());
            co_await of_late.read(db);
            co_await of_early.read(db);
            EXPECT_EQ(late->now().openrouter_api_key, "of-run-time") << sealed_anew;
            EXPECT_EQ(early->now().openrouter_api_key, "of-run-time") << sealed_anew;
        }
        EXPECT_TRUE(co_await service::end_key_change(db, early->now(), service::sealed_kinds(), "terminal"));
        co_await of_late.read(db);
        co_await of_early.read(db);
        EXPECT_EQ(early->now().openrouter_api_key, "of-run-time");
        EXPECT_EQ(late->now().openrouter_api_key, "of-the-environment") << "the old key opens nothing any more";
    });
}

TEST_F(in_force_of, a_read_that_fails_keeps_what_was_there_and_is_asked_again) {
    auto one = process(old_key);
    with([&](store::pool& db) -> awaitable<void> {
        secrets_in_force first(*one);
        first.set_heard(true);
        co_await set(db, "of-run-time", seal(secret(old_key)));
        co_await first.read(db);
        co_await db.query("alter table secrets rename column sealed to hidden");
        bool thrown = false;
        try {
            co_await first.read(db);
        } catch (const store::db_error&) {
            thrown = true;
        }
        EXPECT_TRUE(thrown);
        EXPECT_FALSE(first.heard()) << "so it is read when the database is awake";
        EXPECT_EQ(one->now().openrouter_api_key, "of-run-time");
        co_await db.query("alter table secrets rename column hidden to sealed");
        co_await first.read(db);
        EXPECT_TRUE(first.heard());
    });
}

} // namespace persais::app

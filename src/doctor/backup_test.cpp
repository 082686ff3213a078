#include "doctor/alone.hpp"
#include "doctor/database.hpp"
#include "doctor/examine.hpp"
#include "pgserver/testing.hpp"
#include "queue/backups.hpp"
#include "store/migrate.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace persais::doctor {
namespace {

using pgserver::testing::on_a_loop;
using pgserver::testing::scratch_database;

struct backup_probe : testing::Test {
    scratch_database d;
    config::settings settings;
    bool migrated = true;

    backup_probe() {
        settings.database_url = secret(d.url());
        settings.backup_url = secret("/var/backups");
        settings.data = "/data";
    }
    finding look() {
        if (migrated) on_a_loop(store::migrate(store::pool_options{.url = secret(d.url())}));
        return *run_alone<finding>([&](const asio::any_io_executor& executor, auto& kept) {
            auto visiting = std::make_shared<visit>(executor, settings, "/nowhere");
            kept.push_back(visiting);
            return [](std::shared_ptr<visit> v, std::string url) -> awaitable<finding> {
                database_seen seen;
                seen.url = secret(std::move(url));
                co_return co_await probe_backup(v->of, seen);
            }(visiting, d.url());
        });
    }
    void tell(std::function<awaitable<void>(store::pool&)> what) {
        on_a_loop(store::migrate(store::pool_options{.url = secret(d.url())}));
        on_a_loop([](std::string url, std::function<awaitable<void>(store::pool&)> work) -> awaitable<void> {
            store::pool db(co_await asio::this_coro::executor, {.url = secret(std::move(url)), .size = 1});
            co_await work(db);
            db.close();
        }(d.url(), std::move(what)));
    }
    static awaitable<void> a_good_one(store::pool& db) {
        using namespace std::chrono_literals;
        auto turn =
            co_await queue::take_backup_turn(db, {.holder = "a", .interval = 0s, .lasts = 1h, .tried_every = 24h});
        co_await queue::backup_is_good(db, {.holder = "a",
                                            .name = "persais-x.age",
                                            .made = system_clock().now() - 3min,
                                            .bytes = 1'250'000,
                                            .xid = turn->xid});
    }
};

TEST_F(backup_probe, where_none_are_made_it_is_said_how) {
    settings.backup_url = {};
    auto found = look();
    EXPECT_EQ(found.how, grade::skipped);
    EXPECT_NE(found.advice.find("BACKUP_URL"), std::string::npos);
}

TEST_F(backup_probe, that_there_is_none_yet_is_a_warning) {
    EXPECT_EQ(look().how, grade::warn);
}

TEST_F(backup_probe, of_older_tables_nothing_is_known) {
    migrated = false;
    EXPECT_EQ(look().how, grade::skipped);
}

TEST_F(backup_probe, a_good_one_has_its_age_its_size_and_where_its_key_is) {
    tell(a_good_one);
    auto found = look();
    EXPECT_EQ(found.how, grade::ok);
    EXPECT_NE(found.sentence.find("3 min"), std::string::npos) << found.sentence;
    EXPECT_NE(found.sentence.find("1.2 MB. Its key is in /data/backup.key"), std::string::npos) << found.sentence;
    settings.backup_key = secret("set");
    EXPECT_EQ(look().sentence.find("/data/backup.key"), std::string::npos);
}

TEST_F(backup_probe, one_that_failed_since_is_wrong) {
    tell([](store::pool& db) -> awaitable<void> {
        using namespace std::chrono_literals;
        co_await a_good_one(db);
        co_await queue::take_backup_turn(db, {.holder = "a", .interval = 0s, .lasts = 1h, .tried_every = 24h});
        co_await queue::backup_failed(db, "a", "The disk is full.");
    });
    auto found = look();
    EXPECT_EQ(found.how, grade::fail);
    EXPECT_NE(found.sentence.find("The disk is full."), std::string::npos);
}

} // namespace
} // namespace persais::doctor

#include "backup/folder_place.hpp"
#include "backup/limits.hpp"
#include "backup/make.hpp"
#include "base/age_key.hpp"
#include "base/temp_dir.hpp"
#include "git/layout.hpp"
#include "pgserver/testing.hpp"
#include "store/migrate.hpp"

#include <fstream>

#include <gtest/gtest.h>

namespace persais::backup {
namespace {

namespace fs = std::filesystem;
using pgserver::testing::on_a_loop;

/// An installation with our tables and a place for its backups.
struct backed_up : testing::Test {
    temp_dir folder;
    pgserver::testing::scratch_database d;
    config::settings settings;
    folder_place place{folder.path() / "backups"};
    system_clock time;
    stop_flag go = false;

    backed_up() {
        settings.data = folder.path() / "data";
        settings.postgres = pgserver::testing::postgres_binaries();
        on_a_loop(store::migrate(store::pool_options{.url = secret(d.url())}));
    }

    /// Calls `work` with what is backed up.
    template <class T>
    T with(std::function<awaitable<T>(source)> work) {
        return on_a_loop([](backed_up& me, std::function<awaitable<T>(source)> what) -> awaitable<T> {
            store::pool db(co_await asio::this_coro::executor, {.url = secret(me.d.url()), .size = 2});
            auto got = co_await what({.settings = me.settings,
                                      .exe_folder = "/nowhere",
                                      .db = db,
                                      .url = secret(me.d.url()),
                                      .version = "1.2.3",
                                      .time = me.time,
                                      .stop = me.go});
            db.close();
            co_return got;
        }(*this, std::move(work)));
    }
    result<made> make() {
        return with<result<made>>([&](source from) { return make_backup(from, place); });
    }
    result<tried> try_it(const std::string& name) {
        return with<result<tried>>([&](source from) { return try_backup(from, place, name); });
    }
    void run(const std::string& sql) {
        with<bool>([sql](source from) -> awaitable<bool> {
            co_await from.db.query(sql);
            co_return true;
        });
    }
    std::size_t left() {
        std::error_code ec;
        return static_cast<std::size_t>(std::distance(fs::directory_iterator(settings.data / "backup", ec), {}));
    }
};

TEST_F(backed_up, is_stored_listed_and_restored_for_a_trial) {
    auto one = make();
    ASSERT_TRUE(one) << one.error();
    EXPECT_EQ(one->what.version, "1.2.3");
    EXPECT_EQ(one->what.schema, store::all_migrations().back().number);
    EXPECT_FALSE(one->new_key.empty());
    auto listed = on_a_loop(place.list());
    ASSERT_EQ(listed->size(), 1U);
    EXPECT_EQ(listed->front().name, one->file.name);
    EXPECT_EQ(listed->front().bytes, one->file.bytes);
    auto how = try_it(one->file.name);
    ASSERT_TRUE(how) << how.error();
    EXPECT_EQ(how->why_not, "");
    EXPECT_GT(how->took.count(), 0);
    EXPECT_EQ(left(), 0U) << "nothing in the clear stays on the disk";
    auto other = make();
    EXPECT_TRUE(other->new_key.empty()) << "the key is told once";
}

TEST_F(backed_up, has_the_key_that_seals_secrets) {
    auto without = make();
    EXPECT_EQ(without->what.parts.size(), 1U);
    std::ofstream(settings.data / "master.key") << "word\n";
    auto one = make();
    ASSERT_EQ(one->what.parts.size(), 2U);
    EXPECT_EQ(one->what.parts[1].name, "master.key");
}

TEST_F(backed_up, a_broken_mirror_is_noted_and_all_the_rest_is_saved) {
    run("insert into tasks (kind, remote, instruction, model, budget_usd, attempts_most, rounds_most, foreground, "
        "state, "
        "not_before) values ('change', '/srv/r.git', 'mend', 'a/b', 1, 3, 3, false, 'queued', now())");
    git::layout at{git::mirror(settings.data / "mirrors", {.url = "/srv/r.git"}).folder()};
    fs::create_directories(at.git());
    auto one = make();
    ASSERT_TRUE(one) << one.error();
    ASSERT_EQ(one->what.lacks.size(), 1U);
    EXPECT_EQ(one->what.lacks[0].remote, "/srv/r.git");
    EXPECT_NE(one->what.lacks[0].why.find("could not be saved"), std::string::npos) << one->what.lacks[0].why;
    auto how = try_it(one->file.name);
    EXPECT_TRUE(how) << how.error();
}

TEST_F(backed_up, what_a_half_of_a_restore_holds_is_not_saved_as_if_it_were_good) {
    run("create table persais_restoring (aside text)");
    auto none = make();
    ASSERT_FALSE(none);
    EXPECT_NE(none.error().find("persais restore"), std::string::npos) << none.error();
}

TEST_F(backed_up, other_programs_tables_are_not_in_it) {
    run("create table of_a_neighbour (n int generated always as identity)");
    auto one = make();
    ASSERT_TRUE(one) << one.error();
    run("drop table of_a_neighbour");
    temp_dir parts;
    unpack(folder.path() / "backups" / one->file.name, *age_key_bytes(one->new_key), parts.path(), go);
    std::ifstream in(parts.path() / "database.dump", std::ios::binary);
    std::string dump{std::istreambuf_iterator<char>(in), {}};
    EXPECT_EQ(dump.find("of_a_neighbour"), std::string::npos);
    EXPECT_NE(dump.find("tasks"), std::string::npos);
}

TEST_F(backed_up, is_not_good_when_it_does_not_hold_what_it_says) {
    auto one = make();
    ASSERT_TRUE(one);
    // A dump that can be read back, of a database that is another one.
    temp_dir parts;
    auto key = *age_key_bytes(one->new_key);
    auto file = folder.path() / "backups" / one->file.name;
    auto what = unpack(file, key, parts.path(), go);
    what.newest_task = 17;
    fs::remove(file);
    pack(what, parts.path(), key, file, go);
    auto how = try_it(one->file.name);
    ASSERT_FALSE(how);
    EXPECT_NE(how.error().find("tasks up to 0"), std::string::npos) << how.error();
}

TEST_F(backed_up, a_trial_finds_what_became_of_the_file) {
    auto one = make();
    auto file = folder.path() / "backups" / one->file.name;
    fs::resize_file(file, fs::file_size(file) - 100);
    EXPECT_FALSE(try_it(one->file.name));
    settings.backup_key = make_age_key();
    auto other = try_it(make()->file.name);
    EXPECT_TRUE(other) << "with the key that is set now";
    auto lost = try_it("persais-20261130T191502Z-3f9a.age");
    EXPECT_FALSE(lost);
    EXPECT_EQ(left(), 0U);
}

TEST_F(backed_up, without_programs_it_is_only_opened_and_that_is_said) {
    auto one = make();
    settings.postgres = "/nowhere";
    auto how = try_it(one->file.name);
    ASSERT_TRUE(how) << how.error();
    EXPECT_NE(how->why_not.find("PERSAIS_POSTGRES"), std::string::npos) << how->why_not;
}

TEST_F(backed_up, old_ones_are_removed_by_the_rule_when_a_new_one_is_there) {
    fs::create_directories(folder.path() / "backups");
    auto hour = std::chrono::floor<std::chrono::hours>(time.now() - std::chrono::hours(24 * 400));
    auto stale = name_of(hour + std::chrono::minutes(30), "0000"), staler = name_of(hour, "0000");
    for (const auto& name : {stale, staler, std::string("notes.txt")})
        std::ofstream(folder.path() / "backups" / name) << "x";
    ASSERT_TRUE(make());
    EXPECT_FALSE(fs::exists(folder.path() / "backups" / staler)) << "another one of that hour is newer";
    EXPECT_TRUE(fs::exists(folder.path() / "backups" / stale));
    EXPECT_TRUE(fs::exists(folder.path() / "backups/notes.txt"));
}

TEST_F(backed_up, where_nothing_can_be_stored_nothing_is_removed_or_left) {
    std::ofstream(folder.path() / "backups") << "a file";
    auto none = make();
    ASSERT_FALSE(none);
    EXPECT_NE(none.error().find("BACKUP_URL"), std::string::npos) << none.error();
    EXPECT_EQ(left(), 0U);
}

TEST_F(backed_up, a_key_that_is_none_is_a_sentence) {
    fs::create_directories(settings.data);
    std::ofstream(settings.data / "backup.key") << "no key";
    EXPECT_FALSE(make());
    EXPECT_FALSE(fs::exists(folder.path() / "backups"));
}

TEST_F(backed_up, a_service_that_leaves_does_not_wait_for_it) {
    ASSERT_TRUE(make());
    go = true;
    EXPECT_THROW(make(), stopped);
    EXPECT_EQ(left(), 0U);
}

TEST_F(backed_up, what_a_crash_left_is_removed_with_the_next) {
    fs::create_directories(settings.data / "backup/dead");
    std::ofstream(settings.data / "backup/dead/database.dump") << "in the clear";
    ASSERT_TRUE(make());
    EXPECT_EQ(left(), 0U);
}

} // namespace
} // namespace persais::backup

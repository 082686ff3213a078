#include "app/database.hpp"
#include "app/restoring.hpp"
#include "backup/folder_place.hpp"
#include "backup/tools.hpp"
#include "base/age_key.hpp"
#include "base/temp_dir.hpp"
#include "git/testing.hpp"
#include "pgserver/testing.hpp"
#include "queue/restored.hpp"
#include "queue/testing.hpp"
#include "store/migrate.hpp"

#include <fstream>

#include <gtest/gtest.h>

namespace persais::app {
namespace {

namespace fs = std::filesystem;
using pgserver::testing::on_a_loop;
using pgserver::testing::scratch_database;

/// A home with a database and a data folder of its own; several share a place for backups, and its key.
struct home {
    explicit home(const fs::path& root, secret key, bool migrated = true) {
        settings.data = root;
        settings.postgres = pgserver::testing::postgres_binaries();
        settings.database_url = secret(d.url());
        settings.database_pool_size = 1;
        settings.lease_ttl = std::chrono::seconds(10);
        settings.backup_key = std::move(key);
        if (migrated) on_a_loop(store::migrate(store::pool_options{.url = secret(d.url())}));
    }
    template <class T>
    T with(std::function<awaitable<T>(backup::source, database&)> work) {
        return on_a_loop([](home& me, std::function<awaitable<T>(backup::source, database&)> what) -> awaitable<T> {
            auto opened = co_await database::open(me.settings, "/nowhere", {.why = database_options::purpose::bare});
            if (!opened) throw std::runtime_error(opened.error());
            auto& db = **opened;
            auto got = co_await what({.settings = me.settings,
                                      .exe_folder = "/nowhere",
                                      .db = db.pool(),
                                      .url = me.settings.database_url,
                                      .version = "1.2.3",
                                      .time = me.time,
                                      .stop = me.go},
                                     db);
            co_await db.close();
            co_return got;
        }(*this, std::move(work)));
    }
    std::string sql(std::string statement) {
        return with<std::string>([&](backup::source from, database&) -> awaitable<std::string> {
            auto r = co_await from.db.query(statement);
            co_return r.empty() ? std::string() : std::string(r.text(0, 0));
        });
    }
    result<restored> restore(const fs::path& file, bool replace = false) {
        return with<result<restored>>(
            [&](backup::source from, database&) { return app::restore({file, replace}, from); });
    }
    fs::path back_up(const fs::path& to) {
        backup::folder_place place(to);
        auto made = with<result<backup::made>>(
            [&](backup::source from, database&) { return backup::make_backup(from, place); });
        EXPECT_TRUE(made) << made.error();
        return to / made->file.name;
    }
    task_id add(const std::string& remote, const std::string& instruction = "mend it") {
        return with<task_id>([&](backup::source, database& db) {
            return db.tasks().add({.remote = remote, .instruction = instruction, .model = "a/b", .budget_usd = 2});
        });
    }
    /// Why it cannot be worked with; empty: it can.
    std::string open(database_options::purpose why) {
        return on_a_loop([](home& me, database_options::purpose how) -> awaitable<std::string> {
            auto opened = co_await database::open(me.settings, "/nowhere", {.why = how});
            if (!opened) co_return opened.error();
            co_await (*opened)->close();
            co_return "";
        }(*this, why));
    }
    std::string state(task_id id) { return sql("select state from tasks where id = " + id.str()); }

    scratch_database d;
    config::settings settings;
    system_clock time;
    backup::stop_flag go = false;
};

struct restoring_one : testing::Test {
    temp_dir folder;
    secret key = make_age_key();
    home old{folder.path() / "old", key};
    fs::path place = folder.path() / "backups";
    fs::path remote = folder.path() / "remote.git";

    void SetUp() override {
        git::testing::shell(
            folder.path(),
            "git init -q --bare remote.git; git init -q person; cd person; echo 1 > a; git add a; git commit -qm "
            "first; git push -q ../remote.git HEAD:refs/heads/main");
    }
    /// Files with what a database held before.
    std::ptrdiff_t asides(const std::string& home) const {
        std::ptrdiff_t n = 0;
        for (const auto& each : fs::directory_iterator(folder.path() / home))
            n += each.path().extension() == ".dump";
        return n;
    }
    void push_branch(const std::string& name) {
        git::testing::shell(folder.path() / "person",
                            "git commit -q --allow-empty -m x; git push -q ../remote.git HEAD:refs/heads/" + name);
    }
};

TEST_F(restoring_one, an_empty_home_goes_on_where_the_old_one_was) {
    auto id = old.add(remote.string());
    auto file = old.back_up(place);
    home fresh(folder.path() / "new", key, false);
    auto done = fresh.restore(file);
    ASSERT_TRUE(done) << done.error();
    EXPECT_EQ(fresh.state(id), "queued");
    EXPECT_TRUE(done->parked.empty());
    EXPECT_TRUE(done->troubles.empty());
    EXPECT_TRUE(done->put_aside.empty());
    EXPECT_GT(fresh.add(remote.string()).value, 1000) << "no number is given twice";
    EXPECT_TRUE(fs::is_empty(folder.path() / "new/backup"));
}

TEST_F(restoring_one, what_had_gone_on_since_is_not_done_again) {
    auto gone_on = old.add(remote.string(), "mend it"), waits = old.add(remote.string(), "and that");
    auto file = old.back_up(place);
    push_branch("mechanic/" + gone_on.str() + "-mend-it");
    home fresh(folder.path() / "new", key, false);
    auto done = fresh.restore(file);
    ASSERT_TRUE(done) << done.error();
    EXPECT_EQ(done->parked, std::vector{gone_on});
    EXPECT_EQ(fresh.state(gone_on), "parked");
    EXPECT_NE(fresh.sql("select sentence from tasks where id = " + gone_on.str()).find("mechanic/1-mend-it"),
              std::string::npos);
    EXPECT_EQ(fresh.state(waits), "queued");
}

TEST_F(restoring_one, what_cannot_be_compared_does_not_go_on) {
    auto id = old.add((folder.path() / "nothing.git").string());
    auto file = old.back_up(place);
    home fresh(folder.path() / "new", key, false);
    auto done = fresh.restore(file);
    ASSERT_TRUE(done) << done.error();
    EXPECT_EQ(fresh.state(id), "parked");
    EXPECT_EQ(done->troubles.size(), 1U);
}

TEST_F(restoring_one, what_a_home_holds_already_is_only_put_aside_and_only_when_that_is_said) {
    old.add(remote.string());
    auto file = old.back_up(place);
    home used(folder.path() / "new", key);
    used.add(remote.string(), "its own");
    auto refused = used.restore(file);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().find("--replace"), std::string::npos);
    EXPECT_EQ(used.sql("select instruction from tasks"), "its own");
    auto done = used.restore(file, true);
    ASSERT_TRUE(done) << done.error();
    EXPECT_EQ(used.sql("select instruction from tasks"), "mend it");
    EXPECT_EQ(asides("new"), 1);
    scratch_database other;
    auto with = on_a_loop(backup::find_tools(used.settings, "/nowhere", 18));
    ASSERT_TRUE(on_a_loop(backup::restore_database(*with, secret(other.url()), "", done->put_aside)));
}

TEST_F(restoring_one, tables_without_tasks_are_no_obstacle_and_what_they_hold_is_put_aside) {
    old.add(remote.string());
    auto file = old.back_up(place);
    home started_once(folder.path() / "new", key);
    started_once.sql("insert into people (id, name) values (7, 'let in before the first task')");
    auto done = started_once.restore(file);
    ASSERT_TRUE(done) << done.error();
    EXPECT_EQ(asides("new"), 1);
    EXPECT_TRUE(fs::exists(done->put_aside));
}

TEST_F(restoring_one, other_programs_tables_are_never_touched) {
    old.add(remote.string());
    auto file = old.back_up(place);
    home shared(folder.path() / "new", key);
    shared.add(remote.string(), "its own");
    shared.sql("create table others (n int)");
    auto refused = shared.restore(file, true);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().find("public.others"), std::string::npos) << refused.error();
    EXPECT_EQ(shared.sql("select instruction from tasks"), "its own");
    EXPECT_EQ(shared.sql("select count(*) from others"), "0");
    EXPECT_EQ(asides("new"), 0);
}

TEST_F(restoring_one, what_was_interrupted_is_worked_with_by_nobody_until_it_is_done_again) {
    auto id = old.add(remote.string());
    auto file = old.back_up(place);
    home killed(folder.path() / "new", key);
    killed.add(remote.string(), "its own");
    killed.with<bool>([](backup::source from, database&) -> awaitable<bool> { // as far as it came
        co_await queue::begin_restoring(from.db, "/aside");
        co_await from.db.query("update tasks set instruction = 'of the backup'");
        co_return true;
    });
    using enum database_options::purpose;
    for (auto why : {making, changing, reading})
        EXPECT_NE(killed.open(why).find("run `persais restore` again"), std::string::npos) << killed.open(why);
    auto done = killed.restore(file);
    ASSERT_TRUE(done) << done.error();
    EXPECT_EQ(done->put_aside, "/aside") << "what was there before is still known";
    EXPECT_EQ(asides("new"), 0) << "half of something is not worth keeping";
    EXPECT_EQ(killed.state(id), "queued");
    EXPECT_EQ(killed.open(making), "");
}

TEST_F(restoring_one, what_fails_after_the_data_is_there_puts_back_what_was) {
    old.add(remote.string());
    old.sql("drop table invites"); // the restored tables are not what they should be
    auto file = old.back_up(place);
    home used(folder.path() / "new", key), fresh(folder.path() / "fresh", key, false);
    used.add(remote.string(), "its own");
    EXPECT_THROW(used.restore(file, true), store::db_error);
    EXPECT_EQ(used.sql("select instruction from tasks"), "its own");
    EXPECT_EQ(used.sql("select to_regclass('persais_restoring') is null"), "t");
    EXPECT_EQ(asides("new"), 0);
    EXPECT_THROW(fresh.restore(file), store::db_error);
    EXPECT_EQ(fresh.sql("select count(*) from pg_class where relnamespace = 'public'::regnamespace"), "0");
}

TEST_F(restoring_one, what_can_neither_be_done_nor_put_back_stays_marked) {
    old.add(remote.string());
    old.sql("drop table invites");
    old.sql("create function theirs(t tasks) returns int language sql as 'select 1'"); // tasks cannot be dropped
    auto file = old.back_up(place);
    home used(folder.path() / "new", key);
    used.add(remote.string(), "its own");
    EXPECT_THROW(used.restore(file, true), store::db_error);
    EXPECT_NE(used.open(database_options::purpose::making).find("run `persais restore` again"), std::string::npos);
    EXPECT_EQ(asides("new"), 1) << "what was there is not lost";
}

TEST_F(restoring_one, a_landing_that_was_approved_waits_for_a_person_again) {
    auto id = old.add(remote.string());
    old.with<bool>([id](backup::source, database& db) -> awaitable<bool> {
        auto was = co_await db.tasks().load(id);
        auto next = queue::testing::in_state(was->task, mechanic::deploying{1, 0, std::string(40, 'c'), {}});
        EXPECT_TRUE(co_await db.tasks().save(*was, next, true));
        co_return true;
    });
    old.sql("insert into people (id, paired_at) values (7, now())");
    auto file = old.back_up(place);
    home fresh(folder.path() / "new", key, false);
    auto done = fresh.restore(file);
    ASSERT_TRUE(done) << done.error();
    EXPECT_EQ(done->stopped, std::vector{id});
    EXPECT_EQ(fresh.state(id), "review");
    EXPECT_NE(fresh.sql("select facts ->> 'not_landed' from tasks").find("restored from a backup"), std::string::npos);
    ASSERT_EQ(done->people.size(), 1U) << "their rights may have been taken away since";
    EXPECT_EQ(done->people[0].id, 7);
}

TEST_F(restoring_one, a_github_app_gets_its_token_before_anything_is_compared) {
    old.add(remote.string());
    auto file = old.back_up(place);
    home fresh(folder.path() / "new", key, false);
    fresh.settings.git_remote_url = "https://github.com/acme/team.git";
    fresh.settings.github_app_id = "77";
    fresh.settings.github_app_key = secret("key"); // which signs nothing, so nobody is asked
    auto done = fresh.restore(file);
    ASSERT_TRUE(done) << done.error();
    ASSERT_FALSE(done->troubles.empty());
    EXPECT_TRUE(done->troubles[0].starts_with("GITHUB_APP_KEY is no private RSA key")) << done->troubles[0];
}

TEST_F(restoring_one, a_backup_that_is_no_good_changes_nothing) {
    old.add(remote.string());
    auto file = old.back_up(place);
    home used(folder.path() / "new", key);
    used.add(remote.string(), "its own");
    auto fails_with = [&](std::string_view words) {
        auto how = used.restore(file, true);
        ASSERT_FALSE(how) << words;
        EXPECT_NE(how.error().find(words), std::string::npos) << how.error();
        EXPECT_EQ(used.sql("select instruction from tasks"), "its own");
        EXPECT_EQ(asides("new"), 0);
    };
    used.settings.backup_key = make_age_key();
    fails_with("encrypted with another key");
    used.settings.backup_key = key;
    std::string whole = git::testing::read(file);
    std::ofstream(file, std::ios::binary) << whole.substr(0, whole.size() - 2000);
    fails_with("is damaged");
    whole[whole.size() / 2] ^= 1;
    std::ofstream(file, std::ios::binary) << whole;
    fails_with("is damaged");
    std::ofstream(file) << "something else";
    fails_with("no backup of Persais");
}

TEST_F(restoring_one, a_dump_that_cannot_be_read_back_leaves_what_was_there) {
    old.sql("create table public.wrong (n int)");
    old.sql("create function public.f() returns int language sql as 'select 1'");
    auto file = old.back_up(place);
    temp_dir parts;
    auto bytes = *age_key_bytes(key);
    auto what = backup::unpack(file, bytes, parts.path(), old.go);
    auto dump = parts.path() / "database.dump";
    fs::resize_file(dump, fs::file_size(dump) - 500); // its hash is right, and it is no dump any more
    what.parts = backup::measure(parts.path(), {"database.dump"}, old.go);
    fs::remove(file);
    backup::pack(what, parts.path(), bytes, file, old.go);
    home used(folder.path() / "new", key);
    used.add(remote.string(), "its own");
    auto how = used.restore(file, true);
    ASSERT_FALSE(how);
    EXPECT_NE(how.error().find("pg_restore"), std::string::npos) << how.error();
    EXPECT_EQ(used.sql("select instruction from tasks"), "its own");
    EXPECT_EQ(asides("new"), 0);
}

TEST_F(restoring_one, of_a_newer_persais_is_refused) {
    old.sql("insert into persais_schema (number, name, checksum) values (9999, 'later', 'x')");
    auto file = old.back_up(place);
    home fresh(folder.path() / "new", key, false);
    auto how = fresh.restore(file);
    ASSERT_FALSE(how);
    EXPECT_NE(how.error().find("newer Persais (1.2.3, step 9999"), std::string::npos) << how.error();
    EXPECT_EQ(fresh.sql("select to_regclass('tasks') is null"), "t");
}

TEST_F(restoring_one, without_a_key_none_is_made) {
    auto file = old.back_up(place);
    home fresh(folder.path() / "new", secret(), false);
    auto how = fresh.restore(file);
    ASSERT_FALSE(how);
    EXPECT_NE(how.error().find("set BACKUP_KEY"), std::string::npos) << how.error();
    EXPECT_FALSE(fs::exists(folder.path() / "new/backup.key"));
}

TEST_F(restoring_one, the_key_that_seals_secrets_comes_back_where_there_is_none) {
    git::testing::write(folder.path() / "old/master.key", "word\n");
    auto file = old.back_up(place);
    home fresh(folder.path() / "new", key, false), other(folder.path() / "other", key, false);
    ASSERT_TRUE(fresh.restore(file));
    EXPECT_EQ(git::testing::read(folder.path() / "new/master.key"), "word\n");
    git::testing::write(folder.path() / "other/master.key", "its own\n");
    auto done = other.restore(file);
    ASSERT_TRUE(done);
    EXPECT_EQ(git::testing::read(folder.path() / "other/master.key"), "its own\n");
    EXPECT_EQ(done->troubles.size(), 1U);
}

TEST_F(restoring_one, chats_are_told_once_in_their_language) {
    auto id = old.add(remote.string());
    old.sql("insert into task_chats (task_id, chat_id, person_id, message_id, language) values (" + id.str() +
            ", 5, 7, 1, 'ru')");
    old.sql("insert into outbox (body, chat_id, request) values ('', 5, '{\"method\":\"sendMessage\"}')");
    auto file = old.back_up(place);
    home fresh(folder.path() / "new", key, false);
    auto done = fresh.restore(file);
    ASSERT_TRUE(done) << done.error();
    EXPECT_EQ(done->chats_told, 1);
    EXPECT_EQ(fresh.sql("select count(*) from outbox where sent_at is null"), "1");
    EXPECT_NE(fresh.sql("select request #>> '{body,text}' from outbox where sent_at is null").find("резервной копии"),
              std::string::npos);
}

} // namespace
} // namespace persais::app

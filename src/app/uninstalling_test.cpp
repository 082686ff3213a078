#include "app/database.hpp"
#include "app/uninstalling.hpp"
#include "base/temp_dir.hpp"
#include "base/told.hpp"
#include "git/testing.hpp"
#include "mechanic/step.hpp"
#include "pgserver/testing.hpp"
#include "queue/testing.hpp"
#include "store/migrate.hpp"

#include <algorithm>
#include <sys/stat.h>

#include <gtest/gtest.h>

namespace persais::app {
namespace {

namespace fs = std::filesystem;
using git::testing::read;
using git::testing::shell;
using git::testing::write;

struct leaving : testing::Test {
    temp_dir folder;
    fs::path data = folder.path() / "data", person = folder.path() / "person";
    std::string remote = (folder.path() / "remote.git").string();
    config::settings settings;
    std::optional<pgserver::testing::scratch_database> d;

    /// Runs `body` with a database and a remote.
    template <class F>
    void with(F body) {
        shell(folder.path(), "git init -q --bare remote.git; git init -q person; cd person; git commit -q "
                             "--allow-empty -m first; git push -q ../remote.git HEAD:refs/heads/main");
        d.emplace();
        settings.data = data;
        settings.database_url = secret(d->url());
        settings.database_pool_size = 1;
        settings.lease_ttl = std::chrono::seconds(10);
        settings.git_remote_url = remote;
        pgserver::testing::on_a_loop(store::migrate(store::pool_options{.url = secret(d->url())}));
        pgserver::testing::on_a_loop([](leaving& me, F work) -> awaitable<void> {
            auto opened =
                co_await database::open(me.settings, "/nowhere", {.why = database_options::purpose::changing});
            if (!opened) throw std::runtime_error(opened.error());
            co_await work(**opened);
            co_await (*opened)->close();
        }(*this, std::move(body)));
    }
    std::string pushed(const std::string& branch) {
        return shell(person, "git commit -q --allow-empty -m more; git push -q -f ../remote.git HEAD:refs/heads/'" +
                                 branch + "'; git rev-parse HEAD");
    }
    /// A task that pushed this commit to this branch, and is in this state.
    awaitable<task_id> task(database& db, std::string at, std::string branch, mechanic::state now) {
        auto id = co_await db.tasks().add({.remote = at, .instruction = "mend it", .model = "a/b", .budget_usd = 2});
        auto was = co_await db.tasks().load(id);
        auto next = queue::testing::in_state(was->task, std::move(now));
        next.known.branch = branch;
        EXPECT_TRUE(co_await db.tasks().save(*was, next, false));
        co_return id;
    }
    std::string branches() { return shell(remote, "git for-each-ref --format='%(refname:short)' refs/heads"); }
};

} // namespace

TEST_F(leaving, takes_only_branches_that_hold_what_was_pushed) {
    with([this](database& db) -> awaitable<void> {
        using mechanic::verdict;
        auto shown = pushed("persais/shown"), away = pushed("persais/away"), was = pushed("persais/moved");
        pushed("persais/moved");
        pushed("persais/of-nobody");
        auto undecided = co_await task(db, remote, "persais/shown", mechanic::review{shown, verdict::ready});
        co_await task(db, remote, "persais/away", mechanic::discarded{away});
        co_await task(db, remote, "persais/moved", mechanic::review{was, verdict::ready});
        co_await task(db, remote, "persais/gone", mechanic::review{was, verdict::ready});
        auto seen = co_await look_at_branches(db, settings, {});
        EXPECT_TRUE(seen.troubles.empty());
        EXPECT_EQ(seen.not_ours.size(), 1U);
        EXPECT_TRUE(seen.not_ours.at(0).starts_with("persais/moved at ")) << seen.not_ours.at(0);
        EXPECT_TRUE(russian_of(seen.not_ours.at(0)));
        EXPECT_EQ(seen.ours.size(), 2U);
        for (const auto& each : seen.ours) {
            EXPECT_EQ(each.undecided, each.task == undecided) << each.branch;
            EXPECT_EQ(each.commit, each.undecided ? shown : away);
        }
        // Somebody pushes between the look and the deed: that one stays, the others go.
        auto later = pushed("persais/shown");
        auto stay = co_await delete_branches(seen.ours, settings, {});
        EXPECT_EQ(stay.size(), 1U);
        EXPECT_TRUE(stay.at(0).starts_with("The branch persais/shown on ")) << stay.at(0);
        EXPECT_EQ(branches(), "main\npersais/moved\npersais/of-nobody\npersais/shown");
        EXPECT_EQ(shell(remote, "git rev-parse persais/shown"), later);
        auto again = co_await look_at_branches(db, settings, {});
        EXPECT_TRUE(again.ours.empty()) << "a second run takes nothing more";
        EXPECT_EQ(again.not_ours.size(), 2U);
    });
}

TEST_F(leaving, one_remote_that_is_away_keeps_nothing_of_the_others) {
    with([this](database& db) -> awaitable<void> {
        using mechanic::verdict;
        auto work = pushed("persais/1");
        co_await task(db, folder.path() / "a-nowhere.git", "persais/1", mechanic::review{work, verdict::ready});
        auto mine = co_await task(db, remote, "persais/1", mechanic::review{work, verdict::ready});
        auto seen = co_await look_at_branches(db, settings, {});
        EXPECT_EQ(seen.troubles.size(), 1U);
        EXPECT_EQ(seen.ours.size(), 1U);
        EXPECT_EQ(seen.ours.at(0).task, mine);
        seen.ours.insert(seen.ours.begin(), {mine, folder.path() / "a-nowhere.git", "persais/1", work, false});
        EXPECT_EQ((co_await delete_branches(seen.ours, settings, {})).size(), 1U);
        EXPECT_EQ(branches(), "main");
    });
}

TEST_F(leaving, a_branch_that_two_tasks_shared_is_of_the_one_whose_commit_it_has) {
    with([this](database& db) -> awaitable<void> {
        using mechanic::verdict;
        auto first = pushed("persais/1"), second = pushed("persais/1");
        auto last = co_await task(db, remote, "persais/1", mechanic::review{second, verdict::ready});
        co_await task(db, remote, "persais/1", mechanic::discarded{first});
        auto seen = co_await look_at_branches(db, settings, {});
        EXPECT_TRUE(seen.not_ours.empty()) << "it is told once, as ours";
        EXPECT_EQ(seen.ours.size(), 1U);
        EXPECT_EQ(seen.ours.at(0).task, last);
    });
}

TEST_F(leaving, waits_until_nobody_works) {
    with([this](database& db) -> awaitable<void> {
        EXPECT_EQ(co_await why_busy(db, settings), "");
        co_await db.tasks().add({.remote = remote, .instruction = "mend it", .model = "a/b", .budget_usd = 2});
        EXPECT_EQ(co_await why_busy(db, settings), "") << "what waits is nobody's";
        auto found = co_await db.tasks().claimable({});
        auto next = found->task;
        EXPECT_TRUE(mechanic::step(next, mechanic::claimed{{fence{1}, found->read_at + std::chrono::seconds(60)}},
                                   found->read_at));
        EXPECT_TRUE(co_await db.tasks().save(*found, next, true));
        auto why = co_await why_busy(db, settings);
        EXPECT_EQ(why, "A service works on 1 task of this database: stop it first.");
        EXPECT_TRUE(russian_of(why));
    });
}

TEST_F(leaving, without_a_bot_telegram_is_not_asked) {
    auto done = pgserver::testing::on_a_loop(remove_webhook(settings));
    EXPECT_FALSE(done.removed);
    EXPECT_EQ(done.address + done.trouble, "");
}

TEST_F(leaving, removes_its_own_data_and_leaves_what_is_somebody_elses) {
    for (auto* name : {"postgres/base/1", "mirrors/r/HEAD", "tasks/7/tree/a", "master.key", "master.key.new",
                       "backup.key", "photos/cat.jpg", "master.key.copy"})
        write(data / name, "x");
    EXPECT_EQ(own_data(data).size(), 6U);
    EXPECT_EQ(remove_data(data), "");
    EXPECT_TRUE(own_data(data).empty());
    EXPECT_EQ(shell(data, "find . -type f | sort"), "./master.key.copy\n./photos/cat.jpg");
    fs::remove_all(data / "photos");
    fs::remove(data / "master.key.copy");
    EXPECT_EQ(remove_data(data), "");
    EXPECT_FALSE(fs::exists(data)) << "nothing else is in it";
    EXPECT_EQ(remove_data(data), "") << "there is nothing any more";
}

TEST_F(leaving, follows_no_link_out_of_its_data) {
    auto disk = folder.path() / "big-disk";
    write(disk / "of-somebody", "stays");
    write(folder.path() / "vault.key", "stays");
    fs::create_directories(data / "tasks/7");
    fs::create_symlink(disk, data / "mirrors");
    fs::create_symlink(disk, data / "tasks/7/link");
    fs::create_symlink(folder.path() / "vault.key", data / "master.key");
    fs::create_symlink(folder.path() / "nowhere", data / "backup");
    EXPECT_EQ(own_data(data).size(), 4U) << "a link that leads nowhere is there too";
    EXPECT_EQ(remove_data(data), "");
    EXPECT_FALSE(fs::exists(data));
    EXPECT_EQ(read(disk / "of-somebody") + read(folder.path() / "vault.key"), "staysstays");
}

} // namespace persais::app

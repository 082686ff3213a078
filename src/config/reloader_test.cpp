#include "base/background.hpp"
#include "base/temp_dir.hpp"
#include "config/file_watch.hpp"
#include "config/reloader.hpp"
#include "config/testing.hpp"

#include <algorithm>
#include <cstdlib>

#include <boost/asio/io_context.hpp>

using namespace persais;
using namespace persais::config;
namespace fs = std::filesystem;

namespace {

class Reloader : public in_folder {
protected:
    std::unique_ptr<reloader> started(environment more = {}) {
        more.insert(home.begin(), home.end());
        auto made = reloader::start(more, folder);
        if (!made) throw std::runtime_error(made.error().front());
        return std::move(*made);
    }

    /// Watches while `change` is made, until a reload is reported.
    reloaded after(reloader& of, const std::function<void()>& change) {
        asio::io_context io(1);
        reloaded told;
        event seen(io.get_executor());
        of.told = [&](const reloaded& what) {
            told = what;
            seen.set();
        };
        asio::co_spawn(
            io,
            [&]() -> awaitable<> { // everything that it uses outlives io.run()
                background<void> watching(co_await asio::this_coro::executor, of.watch());
                change();
                co_await with_deadline(std::chrono::seconds(30), seen.wait());
                co_await watching.stop();
            },
            [](const std::exception_ptr& e) {
                if (e) std::rethrow_exception(e);
            });
        io.run();
        of.told = nullptr;
        return told;
    }

    /// Replaces a file as editors do, but from another folder, so that only the rename can be noticed.
    void replace(const std::string& name, const std::string& text) {
        fs::create_directories(elsewhere);
        std::ofstream(elsewhere / "new") << text;
        fs::rename(elsewhere / "new", folder / name);
    }
    ~Reloader() override { fs::remove_all(elsewhere); }

    const fs::path elsewhere = folder.string() + ".elsewhere";
};

using names = std::vector<std::string>;

} // namespace

TEST_F(Reloader, takes_over_what_may_change_and_names_what_may_not) {
    write(".env", "OPENROUTER_API_KEY=one-key\nPORT=1\nBUDGET_DAY_USD=5\nHOST=127.0.0.1\n");
    auto all = started();
    const auto& now = all->now();
    int told = 0;
    all->told = [&](const reloaded&) {
        ++told;
        EXPECT_EQ(now.budget_day_usd, 6) << "told when it is in force";
    };
    write(".env", "OPENROUTER_API_KEY=two-key\nPORT=2\nBUDGET_DAY_USD=6\nHOST=127.0.0.1\n");
    auto done = all->reload();
    EXPECT_EQ(done.errors, names{});
    EXPECT_EQ(done.changed, (names{"OPENROUTER_API_KEY", "BUDGET_DAY_USD"}));
    EXPECT_EQ(done.after_restart, names{"PORT"});
    EXPECT_EQ(now.openrouter_api_key.reveal(), "two-key");
    EXPECT_EQ(now.port, 1);
    EXPECT_EQ(told, 1);
    EXPECT_EQ(done.words(),
              "The settings were read again: OPENROUTER_API_KEY, BUDGET_DAY_USD changed. At the next start "
              "only: PORT.");
    EXPECT_EQ(all->reload().changed, names{}) << "once is enough";
    EXPECT_EQ(told, 1);
}

TEST_F(Reloader, a_wrong_value_leaves_everything_as_it_was) {
    write(".env", "BUDGET_DAY_USD=5\n");
    auto all = started();
    int told = 0;
    all->told = [&](const reloaded&) { ++told; };
    write(".env", "BUDGET_DAY_USD=6\nTASK_TIMEOUT=soon\n");
    auto done = all->reload();
    ASSERT_EQ(done.errors.size(), 1U);
    EXPECT_TRUE(done.errors[0].starts_with("TASK_TIMEOUT: "));
    EXPECT_EQ(done.changed, names{});
    EXPECT_EQ(all->now().budget_day_usd, 5);
    EXPECT_EQ(told, 1);
    EXPECT_NE(done.words().find("those before stay in force: TASK_TIMEOUT: "), std::string::npos);
    write(".env", "BUDGET_DAY_USD=7\n");
    EXPECT_EQ(all->reload().changed, names{"BUDGET_DAY_USD"});
}

TEST_F(Reloader, no_word_of_it_holds_a_value) {
    write(".env", "OPENROUTER_API_KEY=hunter-one\n");
    auto all = started();
    write(".env", "OPENROUTER_API_KEY=hunter-two\n");
    EXPECT_EQ(all->reload().words().find("hunter"), std::string::npos);
    write(".env", "OPENROUTER_API_KEY=hunter three\n");
    auto wrong = all->reload();
    EXPECT_EQ(wrong.words(), "The settings were read again and are wrong, so those before stay in force: "
                             "OPENROUTER_API_KEY: has a blank or a line break inside");
}

TEST_F(Reloader, a_secret_of_run_time_wins_over_its_file_and_that_over_the_environment) {
    write("key", "of-the-file\n");
    auto all = started({{"OPENROUTER_API_KEY", "of-the-environment"}, {"OPENROUTER_API_KEY_FILE", "key"}});
    const auto& now = all->now();
    EXPECT_EQ(now.openrouter_api_key, "of-the-file");
    auto done = all->set_at_run_time({{"OPENROUTER_API_KEY", secret("of-run-time")}});
    ASSERT_TRUE(done);
    EXPECT_EQ(done->changed, names{"OPENROUTER_API_KEY"});
    EXPECT_EQ(now.openrouter_api_key, "of-run-time");
    EXPECT_FALSE(all->set_at_run_time({{"OPENROUTER_API_KEY", secret("of-run-time")}})) << "it is in force";
    auto unseen = hidden_from_tasks(now);
    EXPECT_NE(std::ranges::find(unseen, folder / "key"), unseen.end()) << "no task sees the file";
    fs::remove(folder / "key");
    EXPECT_EQ(all->reload().errors, names{}) << "a file that is not read need not be there";
    EXPECT_EQ(now.openrouter_api_key, "of-run-time");
    write("key", "of-the-file-again\n");
    EXPECT_EQ(all->set_at_run_time({})->changed, names{"OPENROUTER_API_KEY"});
    EXPECT_EQ(now.openrouter_api_key, "of-the-file-again");
}

TEST_F(Reloader, a_secret_of_run_time_that_is_wrong_is_noted_and_stops_nothing) {
    write(".env", "OPENROUTER_API_KEY=one-key\n");
    auto all = started();
    auto done = all->set_at_run_time({{"OPENROUTER_API_KEY", secret("two words")}, {"PORT", secret("1")}});
    ASSERT_TRUE(done);
    EXPECT_EQ(done->errors, names{});
    EXPECT_EQ(done->changed, names{});
    ASSERT_EQ(all->now().notes.size(), 1U);
    EXPECT_EQ(all->now().notes.front(), "OPENROUTER_API_KEY: what was set at run time has a blank or a line break "
                                        "inside, so it does not count");
    EXPECT_EQ(all->now().openrouter_api_key, "one-key");
}

TEST_F(Reloader, a_secret_of_run_time_comes_into_force_when_the_files_are_right_again) {
    write(".env", "TASK_TIMEOUT=15m\n");
    auto all = started();
    write(".env", "TASK_TIMEOUT=soon\n");
    EXPECT_EQ(all->set_at_run_time({{"OPENROUTER_API_KEY", secret("of-run-time")}})->errors.size(), 1U);
    EXPECT_TRUE(all->now().openrouter_api_key.empty());
    write(".env", "TASK_TIMEOUT=15m\n");
    EXPECT_EQ(all->reload().changed, names{"OPENROUTER_API_KEY"});
}

TEST_F(Reloader, a_signing_key_is_renewed_and_one_that_cannot_sign_is_not_taken_over) {
    temp_dir keys;
    auto made = [&](const std::string& name, const std::string& passphrase) {
        auto file = (keys.path() / name).string();
        EXPECT_EQ(std::system(fmt::format("ssh-keygen -q -t ed25519 -N '{}' -f '{}'", passphrase, file).c_str()), 0);
        return "GIT_SIGNING_KEY_FILE=" + file + "\n";
    };
    write(".env", made("one", ""));
    auto all = started();
    auto first = all->now().git_signing_key;
    write(".env", made("locked", "words-of-it"));
    auto wrong = all->reload();
    ASSERT_EQ(wrong.errors.size(), 1U);
    EXPECT_TRUE(wrong.errors[0].starts_with("GIT_SIGNING_KEY_FILE: the key has a passphrase")) << wrong.errors[0];
    EXPECT_EQ(all->now().git_signing_key, first);
    write(".env", made("two", ""));
    EXPECT_EQ(all->reload().changed, names{"GIT_SIGNING_KEY"});
    EXPECT_NE(all->now().git_signing_key, first);
}

TEST_F(Reloader, the_environment_goes_on_winning_over_the_env_file) {
    auto all = started({{"BUDGET_DAY_USD", "5"}});
    write(".env", "BUDGET_DAY_USD=6\nBUDGET_TASK_USD=1\n");
    EXPECT_EQ(all->reload().changed, names{"BUDGET_TASK_USD"});
    EXPECT_EQ(all->now().budget_day_usd, 5);
}

TEST_F(Reloader, the_embedded_database_is_neither_left_nor_come_to_while_running) {
    auto all = started();
    write(".env", "DATABASE_URL=postgresql://u:one@h/d\n");
    EXPECT_EQ(all->reload().after_restart, names{"DATABASE_URL"});
    EXPECT_TRUE(all->now().database_url.empty());
    all = started();
    write(".env", "DATABASE_URL=postgresql://u:two@h/d\n");
    EXPECT_EQ(all->reload().changed, names{"DATABASE_URL"});
}

TEST_F(Reloader, notices_an_env_file_that_comes_is_written_is_replaced_and_goes) {
    auto all = started();
    EXPECT_EQ(after(*all, [&] { write(".env", "BUDGET_DAY_USD=5\n"); }).changed, names{"BUDGET_DAY_USD"});
    EXPECT_EQ(after(*all, [&] { write(".env", "BUDGET_DAY_USD=6\n"); }).changed, names{"BUDGET_DAY_USD"});
    EXPECT_EQ(after(*all, [&] { replace(".env", "BUDGET_DAY_USD=7\n"); }).changed, names{"BUDGET_DAY_USD"});
    EXPECT_EQ(all->now().budget_day_usd, 7);
    EXPECT_EQ(after(*all, [&] { fs::remove(folder / ".env"); }).changed, names{"BUDGET_DAY_USD"});
    EXPECT_EQ(all->now().budget_day_usd, 20);
}

TEST_F(Reloader, notices_a_secret_that_kubernetes_swaps) {
    // This is a mounted secret: key -> ..data/key, ..data -> ..1; an update makes ..2 and renames a new link over
    // ..data.
    auto mount = folder / "mount";
    auto version = [&](const std::string& number, const std::string& key) {
        fs::create_directories(mount / (".." + number));
        std::ofstream(mount / (".." + number) / "key") << key;
        fs::create_symlink(".." + number, mount / "..data_tmp");
        fs::rename(mount / "..data_tmp", mount / "..data");
    };
    fs::create_directories(mount);
    version("1", "first-key");
    fs::create_symlink("..data/key", mount / "key");
    auto all = started({{"OPENROUTER_API_KEY_FILE", (mount / "key").string()}});
    EXPECT_EQ(all->now().openrouter_api_key.reveal(), "first-key");
    for (auto number : {"2", "3"}) { // twice, because the watch must follow to the new folder
        auto told = after(*all, [&] {
            version(number, std::string("key-") + number);
            fs::remove_all(mount / fmt::format("..{}", std::atoi(number) - 1));
        });
        EXPECT_EQ(told.changed, names{"OPENROUTER_API_KEY"});
        EXPECT_EQ(all->now().openrouter_api_key.reveal(), std::string("key-") + number);
    }
}

TEST_F(Reloader, notices_what_changed_between_the_start_and_the_watch_and_a_file_that_is_named_later) {
    auto all = started();
    fs::create_directories(folder / "secrets");
    write("secrets/key", "first-key");
    write(".env", "OPENROUTER_API_KEY_FILE=secrets/key\n");
    EXPECT_EQ(after(*all, [] {}).changed, names{"OPENROUTER_API_KEY"});
    EXPECT_EQ(after(*all, [&] { replace("secrets/key", "second-key"); }).changed, names{"OPENROUTER_API_KEY"});
    EXPECT_EQ(all->now().openrouter_api_key.reveal(), "second-key");
}

TEST_F(Reloader, a_half_written_file_is_an_error_and_the_next_change_mends_it) {
    write("key", "first-key");
    auto all = started({{"OPENROUTER_API_KEY_FILE", "key"}});
    auto told = after(*all, [&] { write("key", ""); });
    ASSERT_EQ(told.errors.size(), 1U);
    EXPECT_EQ(all->now().openrouter_api_key.reveal(), "first-key");
    EXPECT_EQ(after(*all, [&] { write("key", "second-key"); }).changed, names{"OPENROUTER_API_KEY"});
}

TEST_F(Reloader, follows_every_link_on_the_way_to_a_file) {
    fs::create_directories(folder / "a/b");
    fs::create_directories(folder / "c");
    write("a/b/file", "");
    fs::create_symlink("../a/b", folder / "c/link");
    fs::create_symlink(folder / "c/link/file", folder / "key");
    auto real = fs::canonical(folder);
    EXPECT_EQ(folders_on_the_way(real / "key"), (std::set<fs::path>{real, real / "c", real / "a/b"}));
    EXPECT_EQ(folders_on_the_way(real / "gone/key"), std::set<fs::path>{real / "gone"});
    fs::create_symlink("round", folder / "round");
    folders_on_the_way(folder / "round/x"); // it must end
}

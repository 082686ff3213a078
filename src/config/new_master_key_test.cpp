#include "base/told.hpp"
#include "config/master_key.hpp"
#include "config/reloader.hpp"
#include "config/testing.hpp"

#include <sys/stat.h>
#include <sys/wait.h>

using namespace persais;
using namespace persais::config;
namespace fs = std::filesystem;

namespace {

struct new_key : in_folder {
    fs::path file = folder / "data/master.key.new";

    std::string text() const {
        std::ifstream in(file);
        return {(std::istreambuf_iterator<char>(in)), {}};
    }
};

struct run_time : in_folder {
    std::unique_ptr<reloader> started(environment more = {}) {
        more.insert(home.begin(), home.end());
        auto made = reloader::start(more, folder);
        if (!made) throw std::runtime_error(made.error().front());
        return std::move(*made);
    }
};

using names = std::vector<std::string>;

} // namespace

TEST_F(new_key, is_made_once_and_kept_by_whoever_goes_on) {
    auto made = new_master_key(file);
    ASSERT_TRUE(made) << made.error();
    EXPECT_EQ(wrong_master_key(*made), "");
    EXPECT_EQ(new_master_key(file)->reveal(), made->reveal());
    EXPECT_EQ(new_master_key(file, secret("one that comes too late"))->reveal(), made->reveal());
    struct stat now{};
    ASSERT_EQ(::stat(file.c_str(), &now), 0);
    EXPECT_EQ(now.st_mode & 0777, 0600U);
    fs::remove(file);
    EXPECT_EQ(new_master_key(file, secret("the one of the change"))->reveal(), "the one of the change");
    EXPECT_EQ(text(), "the one of the change\n");
}

TEST_F(new_key, of_processes_that_begin_at_once_is_one) {
    std::vector<pid_t> others;
    int pipes[2];
    ASSERT_EQ(::pipe(pipes), 0);
    for (int i = 0; i < 6; ++i) {
        auto child = ::fork();
        if (child == 0) {
            auto made = new_master_key(file);
            auto line = (made ? made->reveal() : made.error()) + "\n";
            ::_exit(::write(pipes[1], line.data(), line.size()) == static_cast<ssize_t>(line.size()) ? 0 : 1);
        }
        others.push_back(child);
    }
    ::close(pipes[1]);
    std::string said;
    char block[512];
    for (ssize_t n; (n = ::read(pipes[0], block, sizeof block)) > 0;)
        said.append(block, static_cast<std::size_t>(n));
    ::close(pipes[0]);
    for (auto each : others)
        ::waitpid(each, nullptr, 0);
    std::string all;
    for (int i = 0; i < 6; ++i)
        all += text();
    EXPECT_EQ(said, all) << "each has the one that is in the file";
    EXPECT_EQ(std::distance(fs::directory_iterator(folder / "data"), {}), 1) << "no half of it is left";
}

TEST_F(new_key, that_cannot_be_is_a_sentence_in_both_languages) {
    fs::create_directories(folder / "data");
    write("data/master.key.new", " \n");
    auto empty = new_master_key(file);
    ASSERT_FALSE(empty);
    EXPECT_TRUE(empty.error().contains("it is empty")) << empty.error();
    EXPECT_TRUE(russian_of(empty.error()));
    EXPECT_EQ(text(), " \n") << "what is there is somebody's";
    fs::remove(file);
    fs::create_directories(file);
    EXPECT_FALSE(new_master_key(file));
    fs::remove_all(folder / "data");
    write("data", "a file where the folder should be");
    auto nowhere = new_master_key(file, secret("of-the-canary"));
    ASSERT_FALSE(nowhere);
    EXPECT_TRUE(nowhere.error().contains("master.key.new"));
    EXPECT_FALSE(nowhere.error().contains("canary"));
}

TEST_F(run_time, no_secret_that_cannot_be_set_comes_into_force_by_a_row_of_the_database) {
    auto all = started({{"DATABASE_URL", "postgresql://u@h/d"}, {"PORT", "8080"}});
    auto before = all->now().port;
    all->set_at_run_time({{"PORT", secret("1")},
                          {"TELEGRAM_ADMINS", secret("666")},
                          {"NO_SUCH", secret("x")},
                          {"", secret("x")},
                          {"openrouter_api_key", secret("of-the-lower-case")}});
    EXPECT_EQ(all->now().port, before);
    EXPECT_TRUE(all->now().openrouter_api_key.empty());
    EXPECT_EQ(all->now().database_url, "postgresql://u@h/d");
}

TEST_F(run_time, what_is_taken_back_falls_to_the_next_source_each_time) {
    write(".env", "OPENROUTER_API_KEY=of-the-env-file\n");
    auto all = started();
    for (int i = 0; i < 2; ++i) {
        EXPECT_EQ(all->set_at_run_time({{"OPENROUTER_API_KEY", secret("of-run-time")}})->changed,
                  names{"OPENROUTER_API_KEY"});
        EXPECT_EQ(all->set_at_run_time({})->changed, names{"OPENROUTER_API_KEY"});
        EXPECT_EQ(all->now().openrouter_api_key, "of-the-env-file");
        EXPECT_FALSE(all->set_at_run_time({}));
    }
    fs::remove(folder / ".env");
    all->set_at_run_time({{"OPENROUTER_API_KEY", secret("of-run-time")}});
    all->set_at_run_time({});
    EXPECT_TRUE(all->now().openrouter_api_key.empty());
}

TEST_F(run_time, a_change_of_the_file_below_it_is_not_told_as_a_change) {
    write(".env", "OPENROUTER_API_KEY=one\n");
    auto all = started();
    all->set_at_run_time({{"OPENROUTER_API_KEY", secret("of-run-time")}});
    int told = 0;
    all->told = [&](const reloaded&) { ++told; };
    write(".env", "OPENROUTER_API_KEY=two\n");
    EXPECT_EQ(all->reload().changed, names{});
    EXPECT_EQ(told, 0);
    EXPECT_EQ(all->now().openrouter_api_key, "of-run-time");
    EXPECT_FALSE(all->reload().words().contains("of-run-time"));
    all->set_at_run_time({{"OPENROUTER_API_KEY", secret("of run time")}}); // it has blanks: the file's counts
    EXPECT_EQ(all->now().openrouter_api_key, "two");
    EXPECT_EQ(told, 1);
    for (const auto& note : all->now().notes)
        EXPECT_FALSE(note.contains("of run time")) << note;
    all->set_at_run_time({});
    EXPECT_TRUE(all->now().notes.empty()) << "what is mended is not told any more";
}

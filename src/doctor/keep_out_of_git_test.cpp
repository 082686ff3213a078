#include "base/temp_dir.hpp"
#include "doctor/alone.hpp"
#include "doctor/keep_out_of_git.hpp"
#include "git/command.hpp"
#include "sandbox/child.hpp"

#include <fstream>

#include <gtest/gtest.h>

using namespace persais;
namespace fs = std::filesystem;

namespace {

struct keep_out_of_git : ::testing::Test {
    temp_dir made;
    fs::path checkout = made.path() / "team";
    const config::environment variables{{"PATH", "/usr/bin:/bin"}, {"HOME", made.path().string()}};

    std::string git(std::vector<std::string> words, fs::path where) {
        sandbox::child_spec spec{
            .argv = {git::program()}, .environment = {"HOME=" + made.path().string()}, .folder = where.string()};
        std::ranges::move(words, std::back_inserter(spec.argv));
        spec.total = std::chrono::seconds(60);
        return doctor::run_alone<sandbox::child_result>(
                   [&](const auto&, auto&) { return sandbox::run_child(std::move(spec)); })
            ->output;
    }
    std::string status() { return git({"status", "--porcelain", "--untracked-files=all"}, checkout); }
    /// A .env in that folder of the checkout, kept out; where it was noted.
    fs::path keep_out(const fs::path& folder) {
        fs::create_directories(checkout / folder);
        std::ofstream(checkout / folder / ".env") << "A=b\n";
        return *doctor::run_alone<fs::path>([&](const auto&, auto&) {
            return doctor::keep_out_of_git((checkout / folder / ".env").lexically_normal(), variables);
        });
    }
    void SetUp() override {
        fs::create_directories(checkout);
        git({"init", "-q"}, checkout);
    }
};

} // namespace

TEST_F(keep_out_of_git, a_new_file_is_overlooked_wherever_it_is_in_a_checkout) {
    for (const auto* folder : {"", "deep/in it", "[odd]*"}) {
        EXPECT_EQ(keep_out(folder).lexically_normal(), checkout / ".git/info/exclude") << folder;
        EXPECT_EQ(status(), "") << folder;
        EXPECT_EQ(keep_out(folder), "") << "it stands there already";
    }
    std::ofstream(checkout / "other.env") << "x";
    EXPECT_EQ(status(), "?? other.env\n") << "nothing else is overlooked";
}

TEST_F(keep_out_of_git, nothing_is_written_where_it_changes_nothing) {
    std::ofstream(checkout / ".gitignore") << ".env\n";
    EXPECT_EQ(keep_out(""), "") << "the repository ignores it";
    fs::remove(checkout / ".gitignore");
    std::ofstream(checkout / ".env") << "A=b\n";
    git({"add", ".env"}, checkout);
    EXPECT_EQ(keep_out(""), "") << "git has it";
    fs::remove_all(checkout / ".git");
    EXPECT_EQ(keep_out(""), "") << "no checkout";
}

#include "base/temp_dir.hpp"
#include "worker/toolchain.hpp"

#include <algorithm>
#include <fstream>
#include <stdlib.h>

#include <gtest/gtest.h>

using namespace persais::worker;
namespace fs = std::filesystem;

namespace {

struct home : ::testing::Test {
    persais::temp_dir made;
    fs::path folder = made.path();
    std::string make(const char* name) {
        fs::create_directories(folder / name);
        return (folder / name).string();
    }
    bool shown(const toolchain& t, const fs::path& path) {
        return std::ranges::find(t.folders, path) != t.folders.end();
    }
};

bool has(const std::vector<std::string>& all, const std::string& entry) {
    return std::ranges::find(all, entry) != all.end();
}

} // namespace

TEST_F(home, a_rust_toolchain_is_shown_without_its_credentials) {
    auto bin = make(".cargo/bin"), rustup = make(".rustup");
    std::ofstream(folder / ".cargo/credentials.toml") << "x";
    auto t = find_toolchain({{"PATH", bin + ":/usr/bin"}});
    EXPECT_TRUE(shown(t, bin));
    EXPECT_TRUE(shown(t, rustup));
    EXPECT_FALSE(shown(t, (folder / ".cargo").string()));
    EXPECT_TRUE(has(t.variables, "RUSTUP_HOME=" + rustup));
    EXPECT_TRUE(t.path.starts_with(bin + ":/usr/bin:"));
}

TEST_F(home, a_prefix_is_shown_whole_but_not_dot_local) {
    auto node = make("node/bin");
    make("node/lib");
    auto local = make(".local/bin");
    make(".local/lib");
    auto t = find_toolchain({{"PATH", node + ":" + local}});
    EXPECT_TRUE(shown(t, (folder / "node").string()));
    EXPECT_TRUE(shown(t, local));
    EXPECT_FALSE(shown(t, (folder / ".local").string()));
}

TEST_F(home, a_home_itself_is_never_shown) {
    auto bin = make("bin");
    make("lib");
    auto t = find_toolchain({{"PATH", bin + ":relative:.:" + folder.string() + "/missing"}, {"HOME", folder.string()}});
    EXPECT_FALSE(shown(t, folder.string()));
    EXPECT_TRUE(shown(t, bin));
    EXPECT_EQ(t.path.find("relative"), std::string::npos);
    EXPECT_EQ(t.path.find("missing"), std::string::npos);
}

TEST(toolchain, system_folders_need_no_showing_and_are_always_on_the_path) {
    auto t = find_toolchain({{"PATH", "/usr/local/bin"}});
    EXPECT_TRUE(t.folders.empty());
    EXPECT_NE(t.path.find("/usr/bin"), std::string::npos);
}

TEST(check_environment, holds_nothing_of_the_service) {
    std::map<std::string, std::string> ours{
        {"OPENROUTER_API_KEY", "k"}, {"GIT_ACCESS_TOKEN", "t"}, {"https_proxy", "p"}, {"HOME", "/root"}};
    toolchain t{.folders = {}, .path = "/usr/bin", .variables = {}};
    auto quiet = check_environment(t, "/home/agent", ours, false);
    EXPECT_TRUE(has(quiet, "HOME=/home/agent"));
    EXPECT_TRUE(has(quiet, "PYTHONDONTWRITEBYTECODE=1")) << "a quick repair is judged by old bytecode without it";
    for (auto& entry : quiet) {
        EXPECT_FALSE(entry.starts_with("OPENROUTER_API_KEY="));
        EXPECT_FALSE(entry.starts_with("GIT_ACCESS_TOKEN="));
        EXPECT_FALSE(entry.starts_with("https_proxy="));
        EXPECT_FALSE(entry.starts_with("NO_COLOR=")) << "tests of colours are red with it";
    }
    EXPECT_TRUE(has(check_environment(t, "/home/agent", ours, true), "https_proxy=p")) << "setup needs the way out";
}

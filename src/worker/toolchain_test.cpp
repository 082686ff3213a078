#include "worker/toolchain.hpp"

#include <algorithm>

#include <gtest/gtest.h>

using namespace persais::worker;

namespace {

bool has(const std::vector<std::string>& all, const std::string& entry) {
    return std::ranges::find(all, entry) != all.end();
}

} // namespace

TEST(check_environment, holds_nothing_of_the_service) {
    std::map<std::string, std::string> ours{
        {"OPENROUTER_API_KEY", "k"}, {"GIT_ACCESS_TOKEN", "t"}, {"https_proxy", "p"}, {"HOME", "/root"}};
    toolchain t{.folders = {}, .path = "/usr/bin", .variables = {}};
    auto quiet = check_environment(t, "/home/agent", ours, reach::nothing);
    EXPECT_TRUE(has(quiet, "HOME=/home/agent"));
    EXPECT_TRUE(has(quiet, "PYTHONDONTWRITEBYTECODE=1")) << "a quick repair is judged by old bytecode without it";
    for (auto& entry : quiet) {
        EXPECT_FALSE(entry.starts_with("OPENROUTER_API_KEY="));
        EXPECT_FALSE(entry.starts_with("GIT_ACCESS_TOKEN="));
        EXPECT_FALSE(entry.starts_with("https_proxy="));
        EXPECT_FALSE(entry.starts_with("NO_COLOR=")) << "tests of colours are red with it";
    }
    EXPECT_TRUE(has(check_environment(t, "/home/agent", ours, reach::all), "https_proxy=p"))
        << "setup needs the way out";
    EXPECT_FALSE(has(check_environment(t, "/home/agent", ours, reach::some), "https_proxy=p"))
        << "which may hold a password";
}

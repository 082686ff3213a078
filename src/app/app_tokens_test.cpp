#include "app/app_tokens.hpp"
#include "base/hand_clock.hpp"
#include "http/testing.hpp"

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::app;
using namespace std::chrono_literals;

namespace {

/// A GitHub that is asked for tokens of an App with a key that signs nothing, so that what is told is not about it.
struct app_tokens_kept : ::testing::Test, http::testing::loop {
    config::settings settings;
    system_clock time;
    std::vector<std::string> kept, said;
    int asked = 0;
    app_tokens tokens{settings, time,
                      [this](http::fetch_spec) -> awaitable<result<http::fetched, http::fetch_error>> {
                          ++asked;
                          co_return std::unexpected(
                              http::fetch_error{http::fetch_error::kind::unreached, "Nobody is there."});
                      },
                      [this](const std::string& remote, secret) { kept.push_back(remote); },
                      [this](const std::string& sentence) { said.push_back(sentence); }};

    std::optional<std::chrono::nanoseconds> renew() {
        std::optional<std::chrono::nanoseconds> next;
        io.restart();
        run([&]() -> awaitable<> { next = co_await tokens.renew(); });
        return next;
    }
};

} // namespace

TEST_F(app_tokens_kept, are_none_without_an_app) {
    settings.git_remote_url = "https://github.com/acme/team.git";
    EXPECT_EQ(renew(), std::nullopt);
    EXPECT_TRUE(said.empty());
}

TEST_F(app_tokens_kept, are_for_a_repository_at_github) {
    settings.github_app_id = "77";
    settings.github_app_key = secret("key");
    settings.git_remote_url = "https://gitlab.com/acme/team.git";
    EXPECT_EQ(renew(), std::nullopt);
    EXPECT_EQ(said, std::vector<std::string>{"GITHUB_APP_ID needs GIT_REMOTE_URL to be a repository at GitHub."});
}

TEST_F(app_tokens_kept, that_cannot_be_had_are_told_once_and_tried_again) {
    settings.github_app_id = "77";
    settings.github_app_key = secret("key");
    settings.git_remote_url = "https://github.com/acme/team.git";
    EXPECT_EQ(renew(), 5min) << "a person has to see to it";
    EXPECT_EQ(renew(), 5min);
    ASSERT_EQ(said.size(), 1U);
    EXPECT_TRUE(said[0].starts_with("GITHUB_APP_KEY is no private RSA key")) << said[0];
    EXPECT_TRUE(kept.empty());
    EXPECT_EQ(asked, 0);
}

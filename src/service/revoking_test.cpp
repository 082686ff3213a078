#include "base/told.hpp"
#include "service/revoking.hpp"

#include <algorithm>

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::service;

namespace {

bool names(const std::vector<std::string>& all, std::string_view what) {
    return std::ranges::any_of(all, [&](const auto& each) { return each.contains(what); });
}

} // namespace

TEST(revoking, each_secret_that_is_set_is_named_with_its_place) {
    config::settings s;
    EXPECT_TRUE(to_revoke(s, {}).empty());
    s.openrouter_base_url = "https://openrouter.ai/api/v1";
    s.git_remote_url = "https://github.com/team/app.git";
    for (auto* each : {&s.openrouter_api_key, &s.telegram_bot_token, &s.git_access_token, &s.git_ssh_key,
                       &s.git_signing_key, &s.database_url, &s.backup_url})
        *each = secret("a-canary-of-this-test");
    s.github_app_id = "77";
    auto all = to_revoke(s, {{.name = "group/lib",
                              .remote = "https://gitlab.com/group/lib",
                              .sealed_token = "sealed",
                              .environment = {{"DB_PASSWORD", "sealed"}}}});
    EXPECT_EQ(all.size(), 10U);
    for (const auto* part :
         {"OPENROUTER_API_KEY: the keys at https://openrouter.ai/settings/keys", "@BotFather",
          "GIT_ACCESS_TOKEN: the tokens at https://github.com/settings/tokens",
          "https://github.com/team/app/settings/keys", "the App 77",
          "the token of group/lib: the tokens at https://gitlab.com/-/user_settings/personal_access_tokens",
          "DB_PASSWORD of group/lib", "the role in the database", "keep BACKUP_KEY"})
        EXPECT_TRUE(names(all, part)) << part;
    EXPECT_FALSE(names(all, "canary"));
    for (const auto& each : all)
        EXPECT_TRUE(russian_of(each)) << each;
}

TEST(revoking, a_host_that_is_no_known_forge_is_named) {
    config::settings s;
    s.git_remote_url = "ssh://git.example.org/srv/app.git";
    s.git_access_token = secret("x");
    EXPECT_TRUE(names(to_revoke(s, {}), "GIT_ACCESS_TOKEN: the tokens at the host of "));
}

#include "service/remote_tokens.hpp"

#include <gtest/gtest.h>

using namespace persais;
using service::remote_tokens;

TEST(remote_tokens, that_are_lent_yield_to_the_one_that_people_gave_and_outlast_a_look_at_the_database) {
    const std::string at = "https://github.com/acme/team.git";
    remote_tokens all;
    all.lend(at, secret("an hour's"));
    EXPECT_EQ(all.of(at), secret("an hour's"));
    EXPECT_FALSE(all.replace({{at, {secret(), "github"}}})) << "nobody gave one";
    EXPECT_EQ(all.of(at), secret("an hour's"));
    EXPECT_TRUE(all.replace({{at, {secret("a person's")}}}));
    EXPECT_EQ(all.of(at), secret("a person's"));
    EXPECT_FALSE(all.replace({{at, {secret("a person's")}}}));
    all.replace({});
    EXPECT_EQ(all.of(at), secret("an hour's"));
}

TEST(remote_tokens, of_the_service_do_not_go_to_an_api_that_was_set_for_a_repository_at_another_host) {
    const std::string at = "https://git.example/acme/team.git", usual = "https://git.example/api/v4";
    config::settings s;
    s.git_remote_url = "https://git.example/acme/other.git";
    s.git_access_token = secret("the service's");
    remote_tokens all;
    EXPECT_EQ(service::token_for_api(at, "https://git.example/other/v4", usual, s, all), secret("the service's"));
    EXPECT_TRUE(service::token_for_api(at, "https://evil.example/api/v4", usual, s, all).empty());
    all.lend(at, secret("an hour's"));
    EXPECT_TRUE(service::token_for_api(at, "https://evil.example/api/v4", usual, s, all).empty());
    all.replace({{at, {secret("its own")}}});
    EXPECT_EQ(service::token_for_api(at, "https://api.example/v4", usual, s, all), secret("its own"));
}

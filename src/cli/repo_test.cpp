#include "cli/repo.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

using namespace persais;
using namespace persais::cli;

namespace {

queue::repository some() {
    return {.name = "team/app",
            .remote = "https://git.example/team/app",
            .check = "npm test",
            .protect = {"deploy/**", "*.pem"},
            .environment_for = queue::reaches::setup,
            .sealed_token = "sesame-token",
            .environment = {{"DB_PASSWORD", "sesame-value"}, {"KEY", "sesame-key"}}};
}

} // namespace

TEST(repo, is_listed_with_what_is_set) {
    EXPECT_EQ(repository_line({.name = "a", .remote = "/srv/a.git"}), "a                     /srv/a.git\n");
    EXPECT_EQ(repository_line(some()),
              "team/app              https://git.example/team/app  (check, protect, env_for, token)\n");
}

TEST(repo, is_shown_with_all_settings_and_no_secret) {
    auto card = repository_card(some());
    EXPECT_TRUE(card.starts_with("team/app\n  address          https://git.example/team/app\n")) << card;
    EXPECT_TRUE(card.contains("  check            npm test\n")) << card;
    EXPECT_TRUE(card.contains("  protect          deploy/**, *.pem\n")) << card;
    EXPECT_TRUE(card.contains("  base             –\n")) << card;
    EXPECT_TRUE(card.contains("  token            set\n")) << card;
    EXPECT_TRUE(card.ends_with("  environment      DB_PASSWORD, KEY\n")) << card;
    EXPECT_FALSE(card.contains("sesame"));
}

TEST(repo, is_told_to_programs_without_a_secret) {
    auto told = repository_json(some());
    EXPECT_EQ(boost::json::serialize(told["environment"]), R"(["DB_PASSWORD","KEY"])");
    EXPECT_EQ(told["token"], true);
    EXPECT_EQ(told["settings"].at("check"), "npm test");
    EXPECT_EQ(told["settings"].at("parallel"), "");
    EXPECT_FALSE(boost::json::serialize(told).contains("sesame"));
}

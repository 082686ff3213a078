#include "http/testing.hpp"
#include "worker/forge_watch.hpp"
#include "worker/testing_requests.hpp"

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::worker;
using namespace persais::worker::testing;
using enum forge::deployment_seen::state;

namespace {

const std::string later(40, 'f');

struct forge_watch : ::testing::Test, http::testing::loop {
    scripted_requests at;
    std::optional<bool> has = false;
    std::string environment = "production";

    health_sign look(forge::outcome<forge::deployment_seen> said) {
        at.deployed = {std::move(said)};
        std::optional<health_sign> sign;
        io.restart();
        run([&]() -> awaitable<> {
            std::function<awaitable<std::optional<bool>>(std::string)> behind =
                [this](std::string) -> awaitable<std::optional<bool>> { co_return has; };
            sign = co_await look_at_forge(at, {head, "main", environment}, behind);
        });
        return *sign;
    }
};

} // namespace

TEST_F(forge_watch, tells_what_it_waits_for_and_what_failed) {
    auto sign = look(forge::deployment_seen{.commit = head, .subject = "production"});
    EXPECT_EQ(sign.said, "It waits for the forge to deploy cccccccccc to production.");
    EXPECT_FALSE(sign.well || sign.over);
    EXPECT_FALSE(sign.known) << "it is no reason to take anything back";
    sign = look(forge::deployment_seen{under_way, head, "production", "https://ci.example/1"});
    EXPECT_EQ(sign.said, "It waits for its deployment to production: https://ci.example/1");
    EXPECT_TRUE(sign.known);
    sign = look(forge::deployment_seen{well, head, "production", ""});
    EXPECT_EQ(sign.said, "The forge says that it is deployed to production.");
    EXPECT_TRUE(sign.well);
    sign = look(forge::deployment_seen{unwell, head, "production", "https://ci.example/1"});
    EXPECT_EQ(sign.said, "The forge says that its deployment to production failed: https://ci.example/1");
    EXPECT_TRUE(!sign.well && sign.over && sign.known);
    EXPECT_EQ(at.asked.back(), "deployment of " + head + " on main in production");
}

TEST_F(forge_watch, without_an_environment_is_about_what_runs) {
    environment.clear();
    EXPECT_EQ(look(forge::deployment_seen{}).said, "It waits for the forge to run something for cccccccccc on main.");
    EXPECT_EQ(look(forge::deployment_seen{under_way, "", "build, ship", ""}).said,
              "It waits for build, ship at the forge.");
    EXPECT_EQ(look(forge::deployment_seen{well, "", "build, ship", ""}).said,
              "The forge says that what runs for it succeeded (build, ship).");
    auto gone = look(forge::deployment_seen{cancelled, "", "ship", "https://ci.example/2"});
    EXPECT_EQ(gone.said, "At the forge, what runs for it was cancelled: ship: https://ci.example/2");
    EXPECT_FALSE(gone.well || gone.over || gone.known) << "a newer commit may have come, which has it";
    EXPECT_EQ(look(forge::deployment_seen{unwell, "", "ship", "https://ci.example/2"}).said,
              "The forge says that ship failed: https://ci.example/2");
}

TEST_F(forge_watch, takes_a_later_commit_that_has_it_for_it) {
    const forge::deployment_seen other{well, later, "production", ""};
    EXPECT_EQ(look(other).said, "It waits for the forge to deploy cccccccccc to production.");
    EXPECT_FALSE(look(other).known) << "what was there before says nothing of it";
    has = std::nullopt; // no way to the remote
    EXPECT_FALSE(look(other).well);
    has = true;
    auto sign = look(other);
    EXPECT_TRUE(sign.well);
    EXPECT_EQ(sign.said, "The forge says that ffffffffff, which has it, is deployed to production.");
}

TEST_F(forge_watch, passes_a_forge_over_that_cannot_say_where_an_address_can) {
    EXPECT_TRUE(asks_forge(at, true));
    at.tells = false;
    EXPECT_FALSE(asks_forge(at, true));
    EXPECT_TRUE(asks_forge(at, false)) << "whoever wants to know is told why nobody does";
}

TEST_F(forge_watch, knows_nothing_from_a_forge_that_is_away_or_does_not_let_the_token) {
    using forge::trouble;
    auto sign = look(std::unexpected(trouble{trouble::kind::away, "GitHub answers 502.", std::chrono::seconds(7)}));
    EXPECT_TRUE(!sign.well && !sign.known && !sign.over);
    EXPECT_EQ(sign.pause, std::chrono::seconds(7));
    sign = look(std::unexpected(trouble{trouble::kind::denied, "It may not.", {}}));
    EXPECT_TRUE(!sign.well && !sign.known && sign.over) << "looking again is of no use";
    EXPECT_EQ(sign.said, "It may not.");
}

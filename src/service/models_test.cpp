#include "service/models.hpp"

#include <algorithm>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

using namespace persais;
using namespace persais::service;
using enum model_choice::outcome;

namespace {

struct listed_models final : model_catalogue {
    std::optional<std::vector<std::string>> all = {{"acme/fine-4.5", "acme/quick", "other/quick-2"}};
    awaitable<std::optional<std::vector<std::string>>> names() override { co_return all; }
    awaitable<bool> knows(std::string name) override {
        co_return std::ranges::find(*all, name.substr(0, name.find(':'))) != all->end();
    }
};

struct models : ::testing::Test {
    model_choice choose(role who, std::string said) {
        asio::io_context loop;
        std::optional<model_choice> chosen;
        asio::co_spawn(
            loop,
            [](models& of, role by, std::string name, std::optional<model_choice>& to) -> awaitable<void> {
                to = co_await choose_model(of.endpoint, by, std::move(name), of.settings);
            }(*this, who, std::move(said), chosen),
            asio::detached);
        loop.run();
        return chosen.value();
    }
    listed_models endpoint;
    config::settings settings;
};

} // namespace

TEST_F(models, are_what_the_endpoint_lists_for_an_admin) {
    settings.aider_model = "acme/quick";
    EXPECT_EQ(choose(role::admin, "acme/fine-4.5").what, listed);
    EXPECT_EQ(choose(role::admin, "openrouter/acme/fine-4.5").name, "acme/fine-4.5");
    EXPECT_EQ(choose(role::admin, "openrouter/auto").name, "openrouter/auto") << "the endpoint's own";
    EXPECT_EQ(choose(role::admin, "acme/quick:nitro").what, listed);
    EXPECT_EQ(choose(role::admin, "acme/fien-4.5").what, unlisted);
    EXPECT_EQ(choose(role::admin, "acme/fien-4.5").near, "acme/fine-4.5");
    EXPECT_EQ(choose(role::admin, "quick-2").near, "other/quick-2") << "the vendor was left out";
    EXPECT_EQ(choose(role::admin, "fine").near, "acme/fine-4.5");
    EXPECT_EQ(choose(role::admin, "wholly-different").near, std::nullopt);
    EXPECT_EQ(choose(role::admin, "two words").what, no_name);
    EXPECT_EQ(choose(role::admin, "openrouter/").what, no_name);
}

TEST_F(models, are_for_others_those_that_an_admin_allows) {
    settings.aider_model = "acme/quick";
    EXPECT_EQ(choose(role::user, "acme/fine-4.5").what, not_allowed);
    EXPECT_EQ(choose(role::user, "acme/quick").what, listed);
    settings.allowed_models = "openrouter/acme/fine-4.5, acme/gone , acme/quick";
    EXPECT_EQ(models_for_users(settings), (std::vector<std::string>{"acme/quick", "acme/fine-4.5", "acme/gone"}));
    EXPECT_EQ(choose(role::user, "acme/fine-4.5").what, listed);
    EXPECT_EQ(choose(role::user, "other/quick-2").what, not_allowed);
    EXPECT_EQ(choose(role::user, "acme/gone").what, unlisted) << "allowed, but the endpoint has it no more";
}

TEST_F(models, are_taken_as_said_when_the_endpoint_lists_none) {
    endpoint.all.reset();
    EXPECT_EQ(choose(role::admin, "my/own").what, unchecked);
    EXPECT_TRUE(choose(role::admin, "my/own").taken());
    EXPECT_EQ(choose(role::user, "my/own").what, not_allowed);
}

#include "base/secret.hpp"

#include <concepts>
#include <sstream>

#include <boost/json/value_from.hpp>
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

using namespace persais;

template <class T>
concept can_be_added_to_text =
    requires(const T& value) { std::string() + value; } || requires(const T& value) { std::string().append(value); };

static_assert(!std::convertible_to<secret, std::string> && !std::convertible_to<secret, std::string_view>);
static_assert(!std::constructible_from<std::string, secret> && !std::constructible_from<std::string_view, secret>);
static_assert(!std::convertible_to<std::string, secret>, "what becomes a secret says so");
static_assert(!can_be_added_to_text<secret> && can_be_added_to_text<std::string>);
static_assert(!boost::json::has_value_from<secret>::value && boost::json::has_value_from<std::string>::value);

TEST(secret, is_stars_wherever_it_is_printed) {
    secret key("hunter2");
    std::ostringstream out;
    out << key;
    EXPECT_EQ(out.str(), "***");
    EXPECT_EQ(fmt::format("{} {:>5}", key, key), "***   ***");
    EXPECT_EQ(testing::PrintToString(key), "***");
    auto log = std::make_shared<std::ostringstream>();
    spdlog::logger logger("test", std::make_shared<spdlog::sinks::ostream_sink_mt>(*log));
    logger.error("with {}", key);
    EXPECT_EQ(log->str().find("hunter2"), std::string::npos);
    EXPECT_NE(log->str().find("with ***"), std::string::npos);
    EXPECT_EQ(key.reveal(), "hunter2");
}

TEST(secret, is_compared_by_its_whole_text) {
    secret key("hunter2");
    EXPECT_EQ(key, secret("hunter2"));
    EXPECT_EQ(key, "hunter2");
    for (const auto* other : {"", "hunter", "hunter3", "hunter22", "Hunter2"})
        EXPECT_NE(key, secret(other)) << other;
    EXPECT_EQ(secret(), secret(""));
}

TEST(secret, what_is_built_of_it_is_secret) {
    EXPECT_EQ(around("Bearer ", secret("key")), "Bearer key");
    EXPECT_EQ(around("/bot", secret("1:a"), "/getMe"), "/bot1:a/getMe");
}

TEST(secret, is_taken_out_of_what_others_say) {
    EXPECT_EQ(without("a key, akeyb", secret("key")), "a ***, a***b");
    EXPECT_EQ(without("a***b*", secret("*")), "a*********b***");
    EXPECT_EQ(without("a", secret()), "a");
}

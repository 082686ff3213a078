#include "base/text.hpp"
#include "cli/limits.hpp"
#include "cli/log.hpp"

#include <regex>

#include <boost/json.hpp>
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

using namespace persais;
using namespace persais::cli;

namespace {

config::settings settings_with(const std::string& format, const std::string& key = {}) {
    config::settings s;
    s.log_format = format;
    s.log_level = "info";
    s.openrouter_api_key = secret(key);
    return s;
}

/// Captures what a log with these settings writes to standard error.
class Log : public ::testing::Test {
protected:
    ~Log() override { spdlog::set_default_logger(before); }

    std::string written(const config::settings& settings, const std::function<void(program_log&)>& work) {
        ::testing::internal::CaptureStderr();
        program_log log(settings, spdlog::level::trace);
        work(log);
        return ::testing::internal::GetCapturedStderr();
    }

    boost::json::object json(std::string_view message) {
        auto line = written(settings_with("json"), [&](program_log&) { spdlog::info("{}", message); });
        EXPECT_EQ(std::ranges::count(line, '\n'), 1) << line;
        EXPECT_TRUE(line.ends_with('\n'));
        EXPECT_TRUE(text::valid_utf8(line));
        return boost::json::parse(line).as_object();
    }

    std::shared_ptr<spdlog::logger> before = spdlog::default_logger();
};

} // namespace

TEST_F(Log, a_line_of_json_has_time_level_and_message) {
    auto line = json("the disk is full");
    EXPECT_EQ(line.size(), 3U);
    EXPECT_TRUE(std::regex_match(std::string(line.at("time").as_string()),
                                 std::regex(R"(20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d\d\dZ)")))
        << line;
    EXPECT_EQ(line.at("level"), "info");
    EXPECT_EQ(line.at("message"), "the disk is full");
}

TEST_F(Log, a_line_about_a_task_says_which) {
    auto line = json("task 17: coding");
    EXPECT_EQ(line.at("task"), "17");
    EXPECT_EQ(line.at("message"), "coding");
    EXPECT_EQ(json("task 17 model x: 2 tokens").at("task"), "17");
    EXPECT_EQ(json("task 17 model x: 2 tokens").at("message"), "task 17 model x: 2 tokens");
    for (auto other : {"task x: coding", "tasks wait", "task 17x", "a task 17: b", "task : b"}) {
        EXPECT_FALSE(json(other).contains("task")) << other;
        EXPECT_EQ(json(other).at("message"), other);
    }
}

TEST_F(Log, whatever_bytes_come_a_line_is_one_line_of_json) {
    EXPECT_EQ(json("a\nb\"c\\").at("message"), "a\nb\"c\\");
    EXPECT_EQ(json("\x1b[31mred\x1b[0m\a").at("message"), "red");
    json(std::string_view("\0\xff\xfe\xc3(\xed\xa0\x80", 8));
    std::string all;
    for (int i = 0; i < 256; ++i)
        all += static_cast<char>(i);
    json(all + all);
    auto longest = json(std::string(100'000, 'x') + "é").at("message").as_string();
    EXPECT_EQ(longest.size(), limits::log_message_bytes);
}

TEST_F(Log, a_line_of_text_has_the_time_and_cannot_pretend_to_be_two) {
    auto line = written(settings_with("text"), [](program_log&) { spdlog::warn("one\n12:00:00 error two"); });
    EXPECT_TRUE(std::regex_match(line, std::regex(R"(\d\d:\d\d:\d\d warning one\n    12:00:00 error two\n)"))) << line;
}

TEST_F(Log, no_line_holds_a_secret_in_whatever_form) {
    const std::string key = "canary-in+the=mine/\"quoted\"";
    for (auto format : {"text", "json"}) {
        auto all = written(settings_with(format, key), [&](program_log&) {
            spdlog::info("the key is {}", key);
            spdlog::error("GET /?key=canary-in%2Bthe%3Dmine%2F%22quoted%22");
            spdlog::error("{}", boost::json::serialize(boost::json::object{{"key", key}}));
            spdlog::error("canary-\x1b[0min+the=mine/\"quoted\"");
            spdlog::error("{}{}", std::string(limits::log_message_bytes - 8, ' '), key);
        });
        EXPECT_EQ(all.find("canary"), all.npos) << all;
        EXPECT_EQ(all.find("mine"), all.npos) << all;
        EXPECT_NE(all.find("the key is ***"), all.npos);
    }
}

TEST_F(Log, after_a_reload_the_new_secret_and_the_old_are_masked_and_the_new_level_counts) {
    auto all = written(settings_with("text", "the-old-key"), [](program_log& log) {
        spdlog::debug("not yet");
        auto after = settings_with("text", "the-new-key");
        after.log_level = "debug";
        log.renew(after);
        spdlog::debug("the-old-key, the-new-key");
    });
    EXPECT_TRUE(all.ends_with("debug ***, ***\n")) << all;
    EXPECT_EQ(all.find("not yet"), all.npos);
}

TEST_F(Log, a_command_for_people_is_quiet_unless_a_level_is_set) {
    ::testing::internal::CaptureStderr();
    auto s = settings_with("text");
    set_up_log(s, spdlog::level::err);
    spdlog::warn("quiet");
    s.log_level = "debug";
    set_up_log(s, spdlog::level::err);
    spdlog::debug("asked for");
    auto all = ::testing::internal::GetCapturedStderr();
    EXPECT_EQ(all.find("quiet"), all.npos);
    EXPECT_NE(all.find("asked for"), all.npos);
}

TEST_F(Log, a_line_can_be_had_without_writing_it) {
    program_log log(settings_with("json"), spdlog::level::trace);
    auto line = boost::json::parse(log.line(spdlog::level::critical, "the loop is stuck")).as_object();
    EXPECT_EQ(line.at("level"), "critical");
    EXPECT_EQ(line.at("message"), "the loop is stuck");
}

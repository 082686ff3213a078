#include "llm/dialect.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

using namespace persais::llm;
namespace json = boost::json;

namespace {

const json::object asked = {{"model", "a/b"},       {"messages", json::array{}}, {"max_tokens", 9},
                            {"temperature", 0},     {"reasoning_effort", "low"}, {"reasoning", {{"effort", "low"}}},
                            {"stream_options", {}}, {"tools", json::array{}}};

call_error refusing(std::string words, std::string parameter = {}, int status = 400) {
    json::object error{{"message", words}, {"code", status}};
    if (!parameter.empty()) error["param"] = parameter;
    return refused(status, {}, error);
}

} // namespace

TEST(dialect, the_bound_of_an_answer_has_two_names) {
    dialect d;
    auto no_older = refusing("Unsupported parameter: 'max_tokens' is not supported with this model. Use "
                             "'max_completion_tokens' instead.",
                             "max_tokens");
    EXPECT_TRUE(d.learn(no_older, asked));
    auto body = d.spoken(asked, 7);
    EXPECT_EQ(body["max_completion_tokens"].as_int64(), 7);
    EXPECT_FALSE(body.contains("max_tokens"));
    EXPECT_FALSE(d.learn(no_older, body)) << "once";
    EXPECT_TRUE(d.learn(no_older, asked)) << "a call that was under way meanwhile is asked again, too";
    EXPECT_FALSE(d.learn(refusing("Unknown parameter: 'max_completion_tokens'", "max_completion_tokens"), body))
        << "one of the two has to stay";

    dialect other;
    auto newer = other.spoken({{"max_completion_tokens", 9}}, 7);
    EXPECT_TRUE(other.learn(refusing("Extra inputs are not permitted: max_completion_tokens", {}, 422), newer));
    EXPECT_EQ(other.spoken(newer, 7)["max_tokens"].as_int64(), 7);
}

TEST(dialect, a_field_that_is_refused_by_name_is_left_out) {
    const std::pair<call_error, const char*> table[] = {
        {refusing("Unsupported value: 'temperature' does not support 0 with this model.", "temperature"),
         "temperature"},
        {refusing("Unrecognized request argument supplied: reasoning_effort"), "reasoning_effort"},
        {refusing("`reasoning` is not supported by this model"), "reasoning"},
        {refusing("body.stream_options: unexpected field", {}, 422), "stream_options"},
    };
    for (const auto& [refusal, field] : table) {
        dialect d;
        EXPECT_TRUE(d.learn(refusal, asked)) << field;
        auto body = d.spoken(asked, 9);
        EXPECT_FALSE(body.contains(field)) << field;
        EXPECT_EQ(body.size(), asked.size() - 1) << field << ": and nothing else";
        EXPECT_FALSE(d.learn(refusal, body)) << field << ": it is not there any more";
    }
}

TEST(dialect, what_is_no_refusal_of_a_field_teaches_nothing) {
    for (const auto& refusal :
         {refusing("max_tokens is too large: 9. This model supports at most 5 completion tokens.", "max_tokens"),
          refusing("max_tokens is not supported"), // and nothing said of what is
          refusing("'tools' is not supported with this model", "tools"),
          refusing("'messages' contains an unexpected role", "messages"),
          refusing("temperature must be between 0 and 2", "temperature"),
          refusing("'temperature' is not supported", "temperature", 500), cut("temperature is not supported")}) {
        dialect d;
        EXPECT_FALSE(d.learn(refusal, asked)) << refusal.sentence;
        EXPECT_EQ(d.spoken(asked, 9), asked);
    }
}

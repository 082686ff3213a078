#include "api/schema.hpp"

#include <gtest/gtest.h>

using namespace persais::api;
namespace json = boost::json;

namespace {

std::string fault(std::string_view value, std::string_view schema) {
    return fault_of(json::parse(value), json::parse(schema).as_object(), "x").value_or("");
}

} // namespace

TEST(schema, names_the_place_that_does_not_fit) {
    auto of = R"({"type":"object","required":["a"],"additionalProperties":false,
        "properties":{"a":{"type":"string","minLength":1,"maxLength":3},"n":{"type":"integer","minimum":1,"maximum":5}}})";
    EXPECT_EQ(fault(R"({"a":"яяя","n":5})", of), "");
    EXPECT_EQ(fault(R"({})", of), "'x.a' is missing.");
    EXPECT_EQ(fault(R"({"a":""})", of), "'x.a' is empty or too short: it has at least 1 characters.");
    EXPECT_EQ(fault(R"({"a":"яяяя"})", of), "'x.a' has 4 characters; at most 3 are taken.");
    EXPECT_EQ(fault(R"({"a":"b","n":6})", of), "'x.n' is at most 5.");
    EXPECT_EQ(fault(R"({"a":"b","n":0})", of), "'x.n' is at least 1.");
    EXPECT_EQ(fault(R"({"a":"b","n":1.5})", of), "'x.n' has to be a whole number.");
    EXPECT_EQ(fault(R"({"a":"b","m":1})", of), "'x.m' is not known here.");
    EXPECT_EQ(fault(R"({"a":"\u0000"})", of), "'x.a' has a zero byte in it.");
    EXPECT_EQ(fault(R"([])", of), "'x' has to be a JSON object.");
    EXPECT_EQ(fault(R"("c")", R"({"enum":["a","b"]})"), "'x' is one of a, b.");
    EXPECT_EQ(fault(R"("12c")", R"({"type":"string","pattern":"^[0-9]+$"})"),
              "'x' is not written as it has to be (^[0-9]+$).");
    for (const auto* bad : {"2026-02-30", "2026-13-01", "2026-1-01", "0000-01-01", "2026-01-0x", "x"})
        EXPECT_EQ(fault('"' + std::string(bad) + '"', R"({"type":"string","format":"date"})"),
                  "'x' is no day, such as 2026-11-30.")
            << bad;
    EXPECT_EQ(fault(R"("2028-02-29")", R"({"type":"string","format":"date"})"), "");
    EXPECT_EQ(fault("1000000000000000000", R"({"type":"integer","maximum":999999999999999999})"),
              "'x' is at most 999999999999999999.");
    EXPECT_EQ(fault("0", R"({"type":"number","exclusiveMinimum":0})"), "'x' is more than 0.");
    EXPECT_EQ(fault("1e-9", R"({"type":"number","exclusiveMinimum":0})"), "");
}

TEST(schema, is_refused_when_a_word_of_it_would_hold_nothing) {
    EXPECT_THROW(fault("1", R"({"type":"integer","multipleOf":2})"), std::logic_error);
    EXPECT_THROW(fault("1", R"({"type":"whole"})"), std::logic_error);
}

TEST(schema, says_what_the_text_of_a_parameter_means) {
    auto value = [](std::string_view text, std::string_view type) {
        return value_of(text, json::object{{"type", type}});
    };
    EXPECT_EQ(value("17", "integer"), json::value(17));
    EXPECT_EQ(value("17", "string"), json::value("17"));
    EXPECT_EQ(value("true", "boolean"), json::value(true));
    EXPECT_TRUE(value("1e3", "integer").is_string()) << "which its schema then refuses";
    EXPECT_TRUE(value("yes", "boolean").is_string());
    EXPECT_TRUE(value("99999999999999999999", "integer").is_string());
}

// What each word of a schema holds, at its bounds and in both languages.
#include "api/schema.hpp"
#include "base/told.hpp"

#include <limits>

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::api;
namespace json = boost::json;

namespace {

std::string fault(const json::value& value, std::string_view schema, std::string_view name = "x") {
    return fault_of(value, json::parse(schema).as_object(), name).value_or("");
}

struct rule {
    std::string schema;
    std::vector<std::string> good, bad; // JSON
    std::string english, russian;       // of the first bad one
};

const std::vector<rule> rules{
    {R"({"type":"integer"})",
     {"0", "-1", "18446744073709551615"},
     {"1.0", "1e2", "\"1\"", "true", "null", "[]"},
     "'x' has to be a whole number.",
     "«x» — это должно быть целое число."},
    {R"({"type":"number"})",
     {"0", "-1.5", "1e300"},
     {"\"1\"", "false", "null"},
     "'x' has to be a number.",
     "«x» — это должно быть число."},
    {R"({"type":"boolean"})",
     {"true", "false"},
     {"0", "1", "\"true\"", "null"},
     "'x' has to be true or false.",
     "«x» — это должно быть true или false."},
    {R"({"type":"string"})",
     {"\"\"", "\"я\""},
     {"7", "null", "{}", "[\"a\"]"},
     "'x' has to be a text.",
     "«x» — это должно быть текст."},
    {R"({"type":"array"})",
     {"[]", "[1,[2]]"},
     {"{}", "\"[]\""},
     "'x' has to be a list.",
     "«x» — это должно быть список."},
    {R"({"type":"object"})",
     {"{}", R"({"a":1})"},
     {"[]", "null"},
     "'x' has to be a JSON object.",
     "«x» — это должно быть объект JSON."},
    {R"({"enum":["a","b",3]})",
     {"\"a\"", "3"},
     {"\"A\"", "\"3\"", "null", "\"\""},
     "'x' is one of a, b, 3.",
     "«x» — одно из: a, b, 3."},
    {R"({"type":"string","minLength":2})",
     {"\"яя\"", "\"ab\""},
     {"\"я\"", "\"\""},
     "'x' is empty or too short: it has at least 2 characters.",
     "«x»: пусто или слишком коротко, нужно знаков: 2 или больше."},
    {R"({"type":"string","maxLength":2})",
     {"\"\"", "\"яя\"", "\"😀😀\""},
     {"\"abc\"", "\"😀😀😀\""},
     "'x' has 3 characters; at most 2 are taken.",
     "«x»: 3 знаков, принимается не больше 2."},
    {R"({"type":"string","pattern":"^a+$"})",
     {"\"a\"", "\"aaa\""},
     {"\"b\"", "\"\"", "\"a\\n\"", "\"aAa\""},
     "'x' is not written as it has to be (^a+$).",
     "«x» записано не так, как нужно (^a+$)."},
    {R"({"type":"string","format":"date"})",
     {"\"0001-01-01\"", "\"9999-12-31\"", "\"2000-02-29\""},
     {"\"1900-02-29\"", "\"2026-11-31\"", "\"2026-00-10\"", "\"2026-11-00\"", "\"-026-11-30\"", "\"2026-+1-30\"",
      "\"2026-11-30T\"", "\"2026/11/30\"", "\"\"", "\"２026-11-3\""},
     "'x' is no day, such as 2026-11-30.",
     "«x» — не день, например 2026-11-30."},
    {R"({"type":"integer","minimum":-2})",
     {"-2", "0"},
     {"-3", "-9223372036854775808"},
     "'x' is at least -2.",
     "«x» — не меньше -2."},
    {R"({"type":"integer","maximum":999999999999999999})",
     {"999999999999999999", "-1"},
     {"1000000000000000000", "9223372036854775807", "18446744073709551615"},
     "'x' is at most 999999999999999999.",
     "«x» — не больше 999999999999999999."},
    {R"({"type":"number","maximum":2.5})",
     {"2.5", "2", "-1e300"},
     {"2.5000001", "3", "1e300"},
     "'x' is at most 2.5.",
     "«x» — не больше 2.5."},
    {R"({"type":"number","exclusiveMinimum":0,"maximum":1000000})",
     {"1", "0.000001", "1000000", "5e-324"},
     {"0", "-0.0", "0.0", "-1", "1000000.01"},
     "'x' is more than 0.",
     "«x» — больше 0."},
    {R"({"type":"object","required":["a","b"]})",
     {R"({"a":null,"b":0})"},
     {R"({"a":1})", R"({"A":1,"B":2})", "{}"},
     "'x.b' is missing.",
     "Не хватает «x.b»."},
    {R"({"type":"object","additionalProperties":false,"properties":{"a":{}}})",
     {"{}", R"({"a":[{}]})"},
     {R"({"b":1})", R"({"a":1,"":1})", R"({"__proto__":{}})"},
     "'x.b' is not known here.",
     "«x.b» здесь неизвестно."},
    {R"({"type":"object","properties":{"a":{"type":"string"}}})",
     {R"({"b":1})", R"({"a":"","c":{}})"},
     {R"({"a":1})"},
     "'x.a' has to be a text.",
     "«x.a» — это должно быть текст."},
};

} // namespace

TEST(schema_rules, hold_what_they_say_and_say_it_in_both_languages) {
    for (const auto& each : rules) {
        for (const auto& good : each.good)
            EXPECT_EQ(fault(json::parse(good), each.schema), "") << each.schema << " " << good;
        for (const auto& bad : each.bad)
            EXPECT_NE(fault(json::parse(bad), each.schema), "") << each.schema << " " << bad;
        auto said = fault(json::parse(each.bad.front()), each.schema);
        EXPECT_EQ(said, each.english);
        EXPECT_EQ(russian_of(said), each.russian);
    }
}

TEST(schema_rules, hold_in_the_depth_and_the_place_is_named_from_the_top) {
    constexpr auto deep = R"({"type":"object","required":["a"],"properties":{"a":{"type":"object","required":["b"],
        "additionalProperties":false,"properties":{"b":{"type":"object","properties":{"c":{"type":"integer",
        "maximum":3}}}}}}})";
    auto said = [&](std::string_view value, std::string_view name) { return fault(json::parse(value), deep, name); };
    EXPECT_EQ(said(R"({"a":{"b":{"c":3}}})", ""), "");
    EXPECT_EQ(said(R"({"a":{"b":{"c":4}}})", ""), "'a.b.c' is at most 3.");
    EXPECT_EQ(said(R"({"a":{"b":{"c":"4"}}})", "body"), "'body.a.b.c' has to be a whole number.");
    EXPECT_EQ(said(R"({"a":{}})", ""), "'a.b' is missing.");
    EXPECT_EQ(said(R"({"a":{"b":{},"d":0}})", ""), "'a.d' is not known here.");
    EXPECT_EQ(said(R"({"a":{"b":{"d":0}}})", ""), "") << "where nothing is said of other fields";
}

TEST(schema_rules, quote_no_name_that_a_terminal_would_obey_and_look_at_no_text_without_end) {
    auto none = R"({"type":"object","additionalProperties":false})";
    EXPECT_EQ(fault(json::object{{"\x1b[2Jq", 1}}, none, ""), "'q' is not known here.");
    EXPECT_EQ(fault(json::object{{"a\r\nb", 1}}, none, "").find('\r'), std::string::npos);
    std::string long_text(300'000, 'a'); // on which a search by std::regex would end the stack
    EXPECT_EQ(fault(json::value(long_text), R"({"type":"string","maxLength":10,"pattern":"^(a|b)*$"})"),
              "'x' has 300000 characters; at most 10 are taken.");
    EXPECT_EQ(fault(json::value(std::string("a\0b", 3)), R"({"type":"string","pattern":"^a"})"),
              "'x' has a zero byte in it.");
}

TEST(schema_rules, no_number_that_is_none_gets_by_a_bound) {
    auto money = R"({"type":"number","exclusiveMinimum":0,"maximum":1000000})";
    EXPECT_NE(fault(json::value(std::numeric_limits<double>::infinity()), money), "");
    EXPECT_NE(fault(json::value(-std::numeric_limits<double>::infinity()), money), "");
    boost::system::error_code ec;
    auto huge = json::parse("1e400", ec);
    EXPECT_TRUE(ec || !fault(huge, money).empty());
}

TEST(schema_rules, a_word_that_nothing_holds_is_found_also_in_the_depth_and_before_the_value_is_looked_at) {
    for (const auto* word : {"multipleOf", "items", "anyOf", "oneOf", "$ref", "const", "exclusiveMaximum", "minItems"})
        EXPECT_THROW(fault(json::value(1), fmt::format(R"({{"type":"string","{}":1}})", word)), std::logic_error)
            << word;
    EXPECT_THROW(fault(json::object{{"a", 1}}, R"({"type":"object","properties":{"a":{"multipleOf":2}}})"),
                 std::logic_error);
    for (const auto* remark : {"description", "default", "examples", "title", "format"})
        EXPECT_EQ(fault(json::value("a"), fmt::format(R"({{"type":"string","{}":"b"}})", remark)), "") << remark;
}

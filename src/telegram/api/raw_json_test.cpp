#include "telegram/api/raw_json.hpp"

#include <string>

#include <gtest/gtest.h>

using namespace persais::telegram;

TEST(raw_json, finds_a_member_whatever_stands_around_it) {
    EXPECT_EQ(raw_member(R"({"update_id":17,"message":{"text":"a"}})", "update_id"), "17");
    EXPECT_EQ(raw_member("\n{ \"a\" : [1, {\"update_id\": 3}] , \"update_id\" : 17 }", "update_id"), "17");
    EXPECT_EQ(raw_member(R"({"a":"\",\"update_id\":3","update_id":17})", "update_id"), "17");
    EXPECT_EQ(raw_member("{\"a\":\"\xff\xfe\",\"update_id\":17}", "update_id"), "17");
    EXPECT_EQ(raw_member(R"({"message":{"text":"}{]["}})", "message"), R"({"text":"}{]["})");
}

TEST(raw_json, finds_a_member_before_the_place_where_the_text_is_cut) {
    EXPECT_EQ(raw_member(R"({"update_id":17,"message":{"te)", "update_id"), "17");
    EXPECT_EQ(raw_member(R"({"update_id":17)", "update_id"), std::nullopt) << "the number may have been longer";
}

TEST(raw_json, finds_nothing_where_there_is_nothing) {
    for (auto* text : {"", "{", "{}", "[]", "null", "17", "\"", "{\"", "{\"update_id", "{\"update_id\"",
                       "{\"update_id\":", "{\"update_id\":}", "{\"update_id\":,", "{\"a\" 1}",
                       "{\"message\":{\"update_id\":3}}", "{\"\\"})
        EXPECT_EQ(raw_member(text, "update_id"), std::nullopt) << text;
}

TEST(raw_json, splits_an_array_whatever_its_elements_hold) {
    auto found = raw_elements("[ {\"a\":[1,2]} , 3,\"\\\"],[\" , [[[\xff]]]]");
    ASSERT_TRUE(found);
    EXPECT_EQ(*found, (std::vector<std::string_view>{"{\"a\":[1,2]}", "3", "\"\\\"],[\"", "[[[\xff]]]"}));
    EXPECT_EQ(raw_elements("[]")->size(), 0U);
    EXPECT_EQ(raw_elements(" [ ] ")->size(), 0U);
    for (auto* text : {"", "[", "[1", "[1,", "[1,]", "{}", "[1 \"", "[,1]"})
        EXPECT_EQ(raw_elements(text), std::nullopt) << text;
}

TEST(raw_json, counts_how_deeply_brackets_are_nested) {
    EXPECT_EQ(raw_depth("17"), 0U);
    EXPECT_EQ(raw_depth(R"({"a":[{"b":1}],"c":[]})"), 3U);
    EXPECT_EQ(raw_depth(R"({"a":"[[[[\"[["})"), 1U);
    EXPECT_EQ(raw_depth(std::string(40, '[') + std::string(40, ']')), 40U);
    EXPECT_EQ(raw_depth("]]]["), 1U);
}

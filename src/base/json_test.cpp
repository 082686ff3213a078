#include "base/json.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

TEST(to_text, writes_decimals_and_what_reads_back_the_same) {
    boost::json::value v{{"cost", 0.011101}, {"zero", 0.0},  {"big", 1200.5},
                         {"n", 3},           {"s", "a\"\n"}, {"l", {true, nullptr, -0.25}}};
    auto text = persais::to_text(v);
    EXPECT_EQ(text, R"({"cost":0.011101,"zero":0.0,"big":1200.5,"n":3,"s":"a\"\n","l":[true,null,-0.25]})");
    EXPECT_EQ(boost::json::parse(text).at("cost").as_double(), 0.011101);
}

TEST(members, of_another_kind_or_absent_are_nothing) {
    boost::json::object o{{"s", "a"}, {"n", 3}, {"b", true}, {"o", {{"x", 1}}}, {"l", {1, 2}}};
    using namespace persais;
    EXPECT_EQ(text_in(o, "s"), "a");
    EXPECT_EQ(number_in(o, "n"), 3);
    EXPECT_TRUE(flag_in(o, "b"));
    EXPECT_EQ(number_in(*object_in(o, "o"), "x"), 1);
    EXPECT_EQ(whole_in(o, "n"), 3);
    EXPECT_EQ(array_in(o, "l")->size(), 2U);
    for (auto name : {"n", "b", "o", "l", "absent"})
        EXPECT_EQ(text_in(o, name), "") << name;
    for (auto name : {"s", "b", "o", "l", "absent"})
        EXPECT_FALSE(number_in(o, name)) << name;
    for (auto name : {"s", "b", "o", "l", "absent"})
        EXPECT_FALSE(whole_in(o, name)) << name;
    EXPECT_FALSE(whole_in({{"x", 3.0}}, "x")) << "is written with a point";
    for (auto name : {"s", "n", "b", "o", "absent"})
        EXPECT_FALSE(array_in(o, name)) << name;
    for (auto name : {"s", "n", "o", "l", "absent"})
        EXPECT_FALSE(flag_in(o, name)) << name;
    for (auto name : {"s", "n", "b", "l", "absent"})
        EXPECT_FALSE(object_in(o, name)) << name;
}

TEST(parse_object, takes_an_object_that_is_nested_no_deeper_than_allowed) {
    using persais::parse_object;
    EXPECT_EQ(persais::text_in(*parse_object(R"({"a":"b"})"), "a"), "b");
    EXPECT_TRUE(parse_object(R"({"a":[[1]]})", 3));
    EXPECT_FALSE(parse_object(R"({"a":[[1]]})", 2));
    for (auto* text : {"", "{", "[]", "3", "null", R"({"a":1} x)", "{\"a\":\"\xff\"}"})
        EXPECT_FALSE(parse_object(text)) << text;
}

#include "config/text.hpp"
#include "config/values.hpp"

#include <gtest/gtest.h>

using namespace persais::config;
using namespace std::chrono_literals;

TEST(values, a_duration_is_a_number_and_a_unit) {
    EXPECT_EQ(parse_duration("500ms"), 500ms);
    EXPECT_EQ(parse_duration("10s"), 10s);
    EXPECT_EQ(parse_duration("15m"), 15min);
    EXPECT_EQ(parse_duration("2h"), 2h);
    EXPECT_EQ(parse_duration("7d"), 168h);
    for (auto wrong :
         {"", "15", "m", "1.5h", "-1s", "1 s", "15M", "1w", "10s5", "99999999999999999999s", "9999999999d"})
        EXPECT_FALSE(parse_duration(wrong)) << wrong;
}

TEST(values, a_duration_is_shown_as_it_would_be_written) {
    for (auto text : {"500ms", "10s", "15m", "2h", "1d", "90s", "36h", "0ms"})
        EXPECT_EQ(show_duration(*parse_duration(text)), text);
}

TEST(values, money_is_a_plain_sum) {
    EXPECT_EQ(parse_money("2"), 2.0);
    EXPECT_EQ(parse_money("0.25"), 0.25);
    EXPECT_EQ(parse_money("0"), 0.0);
    for (auto wrong : {"", "-1", "1e3", "$2", "2 USD", "inf", "nan", "1,5", "1000001", ".", "1.2.3"})
        EXPECT_FALSE(parse_money(wrong)) << wrong;
}

TEST(values, a_whole_number_stays_within_its_limits) {
    EXPECT_EQ(parse_whole("1", 1, 3), 1);
    EXPECT_EQ(parse_whole("3", 1, 3), 3);
    for (auto wrong : {"0", "4", "", "2.0", "2x", "+2", "99999999999"})
        EXPECT_FALSE(parse_whole(wrong, 1, 3)) << wrong;
}

TEST(values, a_boolean_is_said_in_the_usual_words) {
    for (auto yes : {"on", "ON", "true", "Yes", "1"})
        EXPECT_EQ(parse_boolean(yes), true) << yes;
    for (auto no : {"off", "False", "no", "0"})
        EXPECT_EQ(parse_boolean(no), false) << no;
    for (auto wrong : {"", "2", "maybe", "onn"})
        EXPECT_FALSE(parse_boolean(wrong)) << wrong;
}

TEST(values, ids_are_positive_numbers_each_once) {
    EXPECT_EQ(parse_ids("123456,789012"), (std::vector<std::int64_t>{123456, 789012}));
    EXPECT_EQ(parse_ids(" 7 , 8 ,7"), (std::vector<std::int64_t>{7, 8}));
    for (auto wrong : {"", "1,", ",1", "1;2", "-1", "0", "@me", "1 2"})
        EXPECT_FALSE(parse_ids(wrong)) << wrong;
}

TEST(values, a_message_shows_little_of_a_long_value_and_no_control_characters) {
    EXPECT_EQ(shorten("a\nb"), "a b");
    EXPECT_LT(shorten(std::string(1000, 'a')).size(), 100U);
    EXPECT_EQ(shorten("\x1b[31mred").find('\x1b'), std::string::npos);
}

#include "telegram/api/utf16.hpp"

#include <gtest/gtest.h>

using namespace persais::telegram;

TEST(utf16, counts_as_telegram_does) {
    EXPECT_EQ(units(""), 0U);
    EXPECT_EQ(units("abc"), 3U);
    EXPECT_EQ(units("файл"), 4U);
    EXPECT_EQ(units("日本"), 2U);
    EXPECT_EQ(units("🚀"), 2U);
    EXPECT_EQ(units("a🚀é"), 4U);
}

TEST(utf16, finds_the_byte_of_a_unit) {
    std::string_view s = "aф🚀b";
    EXPECT_EQ(byte_of_unit(s, 0), 0U);
    EXPECT_EQ(byte_of_unit(s, 1), 1U);
    EXPECT_EQ(byte_of_unit(s, 2), 3U);
    EXPECT_EQ(byte_of_unit(s, 3), std::nullopt) << "inside the pair";
    EXPECT_EQ(byte_of_unit(s, 4), 7U);
    EXPECT_EQ(byte_of_unit(s, 5), 8U);
    EXPECT_EQ(byte_of_unit(s, 6), std::nullopt) << "beyond the end";
    EXPECT_EQ(byte_of_unit("", 0), 0U);
}

TEST(utf16, cuts_no_character) {
    EXPECT_EQ(first_units("aф🚀b", 3), "aф");
    EXPECT_EQ(first_units("aф🚀b", 4), "aф🚀");
    EXPECT_EQ(first_units("aф🚀b", 99), "aф🚀b");
    EXPECT_EQ(first_units("🚀", 1), "");
}

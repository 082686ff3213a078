#include "base/text.hpp"

#include <gtest/gtest.h>

using namespace persais;

TEST(cut, never_splits_a_character) {
    EXPECT_EQ(text::cut("aü", 2), "a");
    EXPECT_EQ(text::cut("aü", 3), "aü");
    EXPECT_EQ(text::cut("\xF0\x9F\x90\xA7", 3), "");
}

TEST(printable, is_what_a_terminal_would_have_left) {
    EXPECT_EQ(text::printable("a\x1b[31mb\x1b[0m\x1b]0;title\ac"), "abc");
    EXPECT_EQ(text::printable("10%\r20%\rdone\r\nnext"), "done\nnext");
    EXPECT_EQ(text::printable("a\x07"
                              "b\x7f"
                              "c\xC2\x9B"
                              "d"),
              "abcd");
    EXPECT_EQ(text::printable("\xC0\xAF\xED\xA0\x80").find('\xC0'), std::string::npos);
    EXPECT_EQ(text::printable("\x1b["), "");
}

TEST(valid_utf8, refuses_overlong_forms_and_surrogates) {
    EXPECT_TRUE(text::valid_utf8("aü€\xF0\x9F\x90\xA7"));
    EXPECT_FALSE(text::valid_utf8("\xC0\xAF"));
    EXPECT_FALSE(text::valid_utf8("\xED\xA0\x80"));
    EXPECT_FALSE(text::valid_utf8("\xF4\x90\x80\x80"));
    EXPECT_FALSE(text::valid_utf8("\xE2\x82"));
}

TEST(text, is_counted_and_cut_by_characters) {
    EXPECT_EQ(text::characters("abc"), 3u);
    EXPECT_EQ(text::characters("жук 🐞"), 5u);
    EXPECT_EQ(text::first_characters("жук 🐞!", 5), "жук 🐞");
    EXPECT_EQ(text::first_characters("жук", 9), "жук");
    EXPECT_EQ(text::first_characters("жук", 0), "");
}

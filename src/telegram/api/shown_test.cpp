#include "telegram/api/shown.hpp"
#include "telegram/api/testing.hpp"

#include <gtest/gtest.h>

using namespace persais::telegram;
using namespace std::string_literals;

TEST(shown, ordinary_text_of_any_language_is_as_it_was) {
    for (auto* text : {"fix the login\nand the logout", "почини вход", "修复登录", "ログイン", "تسجيل الدخول",
                       "می‌خواهم", "हिन्दी", "🚀 👩‍💻 🇩🇪 👍🏽 ❤️ ☎️",
                       "é è ü (decomposed)", "<b>&amp; *_`[](){}#+-=|~.!\\</b>"})
        EXPECT_EQ(shown(text), text);
}

TEST(shown, controls_are_pictures) {
    EXPECT_EQ(shown("a\0b\x1b[31mc\rd\x7f\n"s), "a␀b␛[31mc␍d␡\n");
    EXPECT_EQ(shown("\xC2\x85"), "‹U+0085›");
}

TEST(shown, what_misleads_is_its_number) {
    EXPECT_EQ(shown("if \u202Euser\u202C {"), "if ‹U+202E›user‹U+202C› {");
    EXPECT_EQ(shown("a\u2066b\u2069"), "a‹U+2066›b‹U+2069›");
    EXPECT_EQ(shown("a\u200Bb\uFEFF\u00AD"), "a‹U+200B›b‹U+FEFF›‹U+00AD›");
    EXPECT_EQ(shown("a\U000E0041"), "a‹U+E0041›");
    EXPECT_EQ(shown("pass\u200Dword \u200C"), "pass‹U+200D›word ‹U+200C›") << "joins nothing here";
    EXPECT_EQ(shown("A\u030A"), "A‹U+030A›") << "Telegram drops it";
    EXPECT_EQ(shown("a\uFE0F\uFE0E ❤\uFE0F\uFE0F"), "a‹U+FE0F›‹U+FE0E› ❤\uFE0F‹U+FE0F›") << "a way to smuggle bits";
    EXPECT_EQ(shown("a\U000E0080\U00013430"), "a‹U+E0080›‹U+13430›");
}

TEST(shown, what_is_no_utf8_is_marked_byte_for_byte) {
    EXPECT_EQ(shown("a\xff\xC3z\xE2\x82"), "a\uFFFD\uFFFDz\uFFFD\uFFFD");
    EXPECT_EQ(shown("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD") << "half a surrogate pair";
    EXPECT_EQ(shown("\xC0\x80\xF5"), "\uFFFD\uFFFD\uFFFD");
}

TEST(shown, tabs_keep_their_columns) {
    EXPECT_EQ(shown("\ta\n+\tb\nabcd\te"), "    a\n+   b\nabcd    e");
}

TEST(shown, telegram_changes_none_of_it) {
    std::string all;
    for (int c = 0; c < 256; ++c)
        all += static_cast<char>(c);
    for (std::string_view each : {"\u2028", "\u200E\u200E\u200F", "\u0333", "\u033F"})
        all += each;
    EXPECT_FALSE(world::is_kept(all));
    EXPECT_TRUE(world::is_kept(shown(all)));
}

TEST(shown, words_lose_their_colours) {
    EXPECT_EQ(shown_words("\x1b[31mFAIL\x1b[0m\r\nnext\u202E"), "FAIL\nnext‹U+202E›");
}

TEST(shown, one_line_is_short) {
    EXPECT_EQ(one_line("  fix\n\n the\tlogin ", 40), "fix the login");
    EXPECT_EQ(one_line("fix the login", 13), "fix the login");
    EXPECT_EQ(one_line("fix the login", 12), "fix the log…");
    EXPECT_EQ(one_line("fix the login", 9), "fix the…");
    EXPECT_EQ(one_line("🚀🚀🚀", 4), "🚀…");
    EXPECT_EQ(one_line("abc", 0), "");
    EXPECT_EQ(one_line("", 5), "");
}

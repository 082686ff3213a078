#include "base/unicode.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

using namespace persais::unicode;
using namespace std::string_view_literals;

namespace {

std::vector<std::string_view> clusters_of(std::string_view s) {
    std::vector<std::string_view> all;
    while (!s.empty()) {
        all.push_back(s.substr(0, first_cluster_bytes(s)));
        s.remove_prefix(all.back().size());
    }
    return all;
}

} // namespace

TEST(unicode, reads_one_character_and_nothing_that_is_no_utf8) {
    EXPECT_EQ(first_character("aя").code, U'a');
    EXPECT_EQ(first_character("яa").code, U'я');
    EXPECT_EQ(first_character("яa").bytes, 2u);
    EXPECT_EQ(first_character("🚀").code, U'🚀');
    EXPECT_EQ(first_character("\U0010FFFF").bytes, 4u);
    EXPECT_EQ(first_character("\0"sv).bytes, 1u);
    for (auto wrong : {""sv, "\x80"sv, "\xff"sv, "\xC0\x80"sv, "\xC1\xBF"sv, "\xE0\x9F\xBF"sv, "\xED\xA0\x80"sv,
                       "\xF0\x8F\xBF\xBF"sv, "\xF4\x90\x80\x80"sv, "\xE2\x82"sv, "\xF0\x9F\x9A"sv, "\xC3z"sv})
        EXPECT_EQ(first_character(wrong).bytes, 0u) << testing::PrintToString(std::string(wrong));
}

TEST(unicode, what_nobody_sees_is_hidden) {
    for (char32_t c : {0x00AD, 0x034F, 0x061C,  0x115F,  0x1160,  0x17B4,  0x17B5,  0x180B,  0x180E, 0x180F,
                       0x200B, 0x200C, 0x200D,  0x200E,  0x200F,  0x2028,  0x2029,  0x202A,  0x202E, 0x2060,
                       0x2064, 0x2066, 0x2069,  0x206F,  0x3164,  0xFE00,  0xFE0E,  0xFE0F,  0xFEFF, 0xFFA0,
                       0xFFF9, 0xFFFB, 0x13430, 0x1BCA0, 0x1D173, 0xE0001, 0xE0041, 0xE0100, 0xE01EF})
        EXPECT_TRUE(is_hidden(c)) << std::hex << static_cast<unsigned>(c);
}

TEST(unicode, what_is_no_character_is_hidden) {
    for (char32_t c : {0xFDD0, 0xFDEF, 0xFFFE, 0xFFFF, 0x1FFFE, 0x10FFFF, 0xFFFC})
        EXPECT_TRUE(is_hidden(c)) << std::hex << static_cast<unsigned>(c);
    for (char32_t c : {0x0378, 0x2065, 0xFFF0, 0xE0000, 0xE0080, 0xE0FFF}) // not assigned yet
        EXPECT_TRUE(is_hidden(c)) << std::hex << static_cast<unsigned>(c);
}

TEST(unicode, what_is_seen_is_not_hidden) {
    for (char32_t c : {U'a', U' ', U'\n', U'\x1b', U'\x85', U'я', U'直', U'é', U'\u0301', U'\u030A', U'‹', U'…', U'🚀',
                       U'\u00A0', U'\u3000', U'\u2800', U'\uFFFD', U'\uE000'})
        EXPECT_FALSE(is_hidden(c)) << std::hex << static_cast<unsigned>(c);
    for (char32_t c : {0x0600, 0x06DD, 0x070F, 0x08E2, 0x110BD}) // of category Cf, but displayed
        EXPECT_FALSE(is_hidden(c)) << std::hex << static_cast<unsigned>(c);
}

TEST(unicode, a_joiner_belongs_to_emoji_and_to_scripts_that_need_it) {
    EXPECT_TRUE(shapes_neighbours(U'👩', 0x200D, U'💻'));
    EXPECT_TRUE(shapes_neighbours(0xFE0F, 0x200D, U'🌈'));
    EXPECT_TRUE(shapes_neighbours(U'🏽', 0x200D, U'🚀'));
    EXPECT_TRUE(shapes_neighbours(U'ی', 0x200C, U'خ'));
    EXPECT_TRUE(shapes_neighbours(U'۱', 0x200C, U'ه'));
    EXPECT_TRUE(shapes_neighbours(U'\u094D', 0x200D, U'य')) << "after a virama";
    EXPECT_TRUE(shapes_neighbours(U'র', 0x200D, U'\u09CD')) << "before one";
    EXPECT_TRUE(shapes_neighbours(U'\u0D4D', 0x200D, 0)) << "at the end of a word of old Malayalam";
    EXPECT_FALSE(shapes_neighbours(U'a', 0x200D, U'b'));
    EXPECT_FALSE(shapes_neighbours(U'я', 0x200C, U'я'));
    EXPECT_FALSE(shapes_neighbours(0, 0x200C, U'خ'));
    EXPECT_FALSE(shapes_neighbours(U'ی', 0x200C, 0));
    EXPECT_FALSE(shapes_neighbours(U'ی', 0x200C, 0x061C)) << "a hidden neighbour is none";
    EXPECT_FALSE(shapes_neighbours(U'👩', 0x200C, U'💻'));
    EXPECT_FALSE(shapes_neighbours(U'👩', 0x200D, U'a'));
    EXPECT_FALSE(shapes_neighbours(U'👩', 0x200B, U'💻'));
}

TEST(unicode, a_variant_belongs_to_an_emoji_or_a_key) {
    for (char32_t before : {U'❤', U'☎', U'©', U'1', U'#'})
        EXPECT_TRUE(shapes_neighbours(before, 0xFE0F, 0)) << static_cast<unsigned>(before);
    EXPECT_TRUE(shapes_neighbours(U'✔', 0xFE0E, 0));
    for (char32_t before : {U'a', U'я', U'۱', char32_t(0xFE0F), char32_t(0)})
        EXPECT_FALSE(shapes_neighbours(before, 0xFE0F, 0)) << static_cast<unsigned>(before);
    EXPECT_FALSE(shapes_neighbours(U'❤', 0xFE00, 0));
}

TEST(unicode, a_character_as_people_see_it_stays_whole) {
    for (std::string_view one :
         {"a", "я", "e\u0301", "🇩🇪", "👩‍💻", "👍🏽", "🏳️‍🌈", "1️⃣", "한", "\u1112\u1161\u11AB", "नि"})
        EXPECT_EQ(clusters_of(one), std::vector{one});
    EXPECT_EQ(clusters_of("🇩🇪🇫🇷a"), (std::vector{"🇩🇪"sv, "🇫🇷"sv, "a"sv}));
    EXPECT_EQ(clusters_of("a\xff\xfe"), (std::vector{"a"sv, "\xff"sv, "\xfe"sv}));
}

TEST(unicode, a_wide_character_takes_two_columns_and_an_accent_none) {
    EXPECT_EQ(columns(""), 0u);
    EXPECT_EQ(columns("abc"), 3u);
    EXPECT_EQ(columns("почини"), 6u);
    EXPECT_EQ(columns("直す"), 4u);
    EXPECT_EQ(columns("Ａ"), 2u) << "a fullwidth letter";
    EXPECT_EQ(columns("ｱ"), 1u) << "a halfwidth one";
    EXPECT_EQ(columns("e\u0301"), 1u);
    for (auto* one : {"🚀", "🇩🇪", "👩‍💻", "👍🏽", "❤️", "\u1112\u1161\u11AB"})
        EXPECT_EQ(columns(one), 2u) << one;
    EXPECT_EQ(columns("❤"), 1u) << "as text";
}

TEST(unicode, knows_letters_and_numbers_of_any_script) {
    for (char32_t c : U"aZжЁ直٣7ß")
        if (c) EXPECT_TRUE(persais::unicode::is_of_a_word(c)) << static_cast<unsigned>(c);
    for (char32_t c : U"-…👍\u200b «")
        if (c) EXPECT_FALSE(persais::unicode::is_of_a_word(c)) << static_cast<unsigned>(c);
    EXPECT_EQ(persais::unicode::lower(U'Ж'), U'ж');
    EXPECT_EQ(persais::unicode::lower(U'7'), U'7');
}

#include "telegram/api/message_text.hpp"
#include "telegram/api/testing.hpp"

#include <random>

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::telegram;

namespace {

std::string repeated(std::string_view s, std::size_t n) {
    std::string out;
    while (n-- > 0)
        out += s;
    return out;
}

/// The text that an entity covers.
std::string covered(const styled& t, std::size_t n) {
    auto from = byte_of_unit(t.text, t.entities.at(n).offset).value();
    return t.text.substr(from, byte_of_unit(std::string_view(t.text).substr(from), t.entities[n].length).value());
}

std::string without_blanks(std::string_view s) {
    std::string out;
    for (char c : s)
        if (c != ' ' && c != '\n') out += c;
    return out;
}

} // namespace

TEST(text, pieces_are_put_together) {
    auto t =
        bold("Задача 17") + plain(" 🚀 ") + code("a_b*.cpp") + plain(", ") + linked("ветка", "https://x.example/b");
    EXPECT_EQ(t.text, "Задача 17 🚀 a_b*.cpp, ветка");
    EXPECT_EQ(t.entities,
              (std::vector<entity>{
                  {style::bold, 0, 9}, {style::code, 13, 8}, {style::text_link, 23, 5, "https://x.example/b"}}));
    EXPECT_EQ(covered(t, 2), "ветка");
    EXPECT_EQ(world::flaw(t, 4096), "");
}

TEST(text, a_block_has_its_language_and_a_quote_keeps_what_is_inside) {
    EXPECT_EQ(pre("-a\n+b", "diff").entities, (std::vector<entity>{{style::pre, 0, 5, "diff"}}));
    auto t = quote(plain("see ") + code("f()") + quote(plain("no")));
    EXPECT_EQ(t.entities, (std::vector<entity>{{style::expandable_blockquote, 0, 9}, {style::code, 4, 3}}));
}

TEST(text, nothing_has_no_entity) {
    EXPECT_EQ(code(""), styled{});
    EXPECT_EQ(quote({}), styled{});
}

TEST(text, only_what_is_an_address_is_a_link) {
    for (auto* no : {"", "javascript:alert(1)", "https://a b", "https://\u202Ex", "tg://user?id=1", "x.example"})
        EXPECT_TRUE(linked("l", no).entities.empty()) << no;
    EXPECT_TRUE(linked("l", "https://" + std::string(3000, 'a')).entities.empty());
}

TEST(text, white_space_at_the_ends_goes_as_telegram_does_it) {
    auto t = trimmed(plain(" \n a ") + bold("b \n") + italic("  "));
    EXPECT_EQ(t.text, "a b");
    EXPECT_EQ(t.entities, (std::vector<entity>{{style::bold, 2, 1}}));
    EXPECT_EQ(trimmed(pre("  a\n b\n")).text, "  a\n b") << "the first line of a block keeps its indent";
    EXPECT_EQ(trimmed(plain("\n") + bold(" ")), styled{});
    EXPECT_EQ(trimmed({}), styled{});
    EXPECT_EQ(trimmed(plain("a ") + bold(" ") + plain("b")).entities.size(), 0U);
}

TEST(text, what_is_blank_is_not_sent) {
    EXPECT_TRUE(is_blank(""));
    EXPECT_TRUE(is_blank(" \n\u00A0\u3000\u2800"));
    EXPECT_FALSE(is_blank(" a"));
    EXPECT_TRUE(parts(plain(" \n\n")).empty());
    EXPECT_TRUE(parts({}).empty());
}

TEST(text, what_fits_is_one_part) {
    auto t = plain("a\nb") + code("c");
    EXPECT_EQ(parts(t), std::vector<styled>{t});
    EXPECT_EQ(parts(plain(std::string(4096, 'a'))).size(), 1U);
    EXPECT_EQ(parts(plain(std::string(4097, 'a'))).size(), 2U);
}

TEST(text, units_are_counted_and_no_pair_is_cut) {
    auto all = parts(plain(repeated("🚀", 2049)));
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(units(all[0].text), 4096U);
    all = parts(plain("a" + repeated("🚀", 2048)));
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(units(all[0].text), 4095U);
}

TEST(text, it_is_cut_at_the_end_of_a_line_else_at_a_space) {
    auto all = parts(plain("first line\nsecond line"), 16);
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].text, "first line");
    EXPECT_EQ(all[1].text, "second line");
    all = parts(plain("abcdefghijklm nopqrstuvw"), 16);
    EXPECT_EQ(all[0].text, "abcdefghijklm");
    EXPECT_EQ(parts(plain("a\nbcdefghijklmnopqrstuvw"), 16)[0].text, "a\nbcdefghijklmno") << "that line end is too far";
}

TEST(text, characters_as_people_see_them_stay_whole) {
    EXPECT_EQ(parts(plain("abcdefghijklmn👩‍💻z"), 18)[0].text, "abcdefghijklmn");
    EXPECT_EQ(parts(plain("abcdefghijklmn🇩🇪🇫🇷z"), 20)[0].text, "abcdefghijklmn🇩🇪");
    EXPECT_EQ(parts(plain("abcdefghijklmne\u0301z"), 15)[0].text, "abcdefghijklmn");
    EXPECT_EQ(parts(plain("a" + repeated("\u0301", 50)), 16)[0].text, "a" + repeated("\u0301", 15)) << "but it ends";
}

TEST(text, an_entity_that_is_cut_goes_on) {
    auto all = parts(plain("Log:\n") + pre("  one\n  two\n  three", "text") + plain("\nend"), 16);
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].text, "Log:\n  one\n  two");
    EXPECT_EQ(all[0].entities, (std::vector<entity>{{style::pre, 5, 11, "text"}}));
    EXPECT_EQ(all[1].text, "  three\nend");
    EXPECT_EQ(all[1].entities, (std::vector<entity>{{style::pre, 0, 7, "text"}}));
}

TEST(text, no_part_has_more_entities_than_telegram_takes) {
    styled t;
    for (int i = 0; i < 250; ++i)
        t += code("a") + plain(", ");
    auto all = parts(t);
    EXPECT_EQ(all.size(), 3U);
    for (const auto& part : all)
        EXPECT_EQ(world::flaw(part, 4096), "");
    EXPECT_EQ(world::flaw(truncated(t), 4096), "");
}

TEST(text, truncated_says_so) {
    auto t = truncated(plain("Log:\n") + pre("one two three four five six", "text"), 20);
    EXPECT_EQ(t.text, "Log:\none two three…");
    EXPECT_EQ(t.entities, (std::vector<entity>{{style::pre, 5, 14, "text"}}));
    EXPECT_EQ(truncated(plain("short"), 20), plain("short"));
    EXPECT_EQ(truncated(code("a") + plain(" b c d e f g h i j k l"), 16).entities,
              (std::vector<entity>{{style::code, 0, 1}}));
}

/// The seed is fixed, so that a failure can be repeated: 300 messages of arbitrary bytes.
TEST(text, any_bytes_become_messages_that_telegram_takes_as_they_are) {
    constexpr std::array<std::string_view, 24> odd{"\n",       " ",       "\t",     "\r\n",        "a",      "word ",
                                                   "ж",        "日",      "🚀",     "👩‍💻", "🇩🇪",     "e\u0301",
                                                   "\u202E",   "\u200D",  "\u2066", "\u2800",      "\u00A0", "\xff",
                                                   "\xE2\x82", "\x1b[3m", "\u0333", "`*_[",        "\u200F", "\u3000"};
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        std::mt19937_64 dice(seed);
        auto roll = [&](std::uint64_t n) { return dice() % n; };
        auto some = [&] {
            std::string s;
            for (auto n = roll(40); n > 0; --n)
                s +=
                    roll(8) == 0 ? std::string(1, static_cast<char>(roll(256))) : std::string(odd.at(roll(odd.size())));
            return s;
        };
        styled t;
        for (auto n = roll(12); n > 0; --n)
            switch (roll(7)) {
            case 0:
                t += bold(some());
                break;
            case 1:
                t += code(some());
                break;
            case 2:
                t += pre(some(), "diff");
                break;
            case 3:
                t += linked(some(), "https://x.example/" + std::to_string(n));
                break;
            case 4:
                t += quote(plain(some()) + code(some()) + italic(some()));
                break;
            default:
                t += plain(some());
                break;
            }
        auto most = roll(6) == 0 ? 2 + roll(20) : 64 + roll(500);
        std::string joined;
        for (const auto& part : parts(t, most)) {
            ASSERT_EQ(world::flaw(part, most), "") << "seed " << seed << ": " << part.text;
            joined += part.text;
        }
        if (most > 20 && without_blanks(joined) != without_blanks(t.text)) // a part that is blank is left out
            ASSERT_TRUE(t.text.find("\u2800") != t.text.npos || t.text.find("\u00A0") != t.text.npos ||
                        t.text.find("\u3000") != t.text.npos)
                << "seed " << seed;
        auto short_one = truncated(t, std::max<std::size_t>(most, 3));
        if (!is_blank(short_one.text))
            ASSERT_EQ(world::flaw(short_one, std::max<std::size_t>(most, 3)), "") << "seed " << seed;
    }
}

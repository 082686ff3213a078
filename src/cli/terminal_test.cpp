#include "cli/terminal.hpp"

#include <cstdlib>
#include <unistd.h>

#include <boost/json.hpp>
#include <gtest/gtest.h>

using namespace persais::cli;

TEST(terminal, a_wide_character_takes_two_columns) {
    EXPECT_EQ(padded("直", 4), "直  ");
    EXPECT_EQ(padded("e\u0301", 3), "e\u0301  ");
    EXPECT_EQ(padded("直す", 3), "直す");
}

TEST(terminal, a_line_that_is_too_long_is_cut_and_says_so) {
    EXPECT_EQ(fit("Mend the sum.", 13), "Mend the sum.");
    EXPECT_EQ(fit("Mend the sum.", 12), "Mend the su…");
    EXPECT_EQ(fit("Почини сложение", 8), "Почини…") << "no space before the mark";
    EXPECT_EQ(fit("直す直す", 5), "直す…");
    EXPECT_EQ(fit("直す直す", 4), "直…") << "half of a wide character is none";
    EXPECT_EQ(fit("abc", 0), "");
    EXPECT_EQ(fit("ab👩‍💻cd", 5), "ab👩‍💻…") << "an emoji that is joined of two takes two columns";
    EXPECT_EQ(fit("ab👩‍💻cd", 4), "ab…");
}

TEST(terminal, many_lines_become_one_that_a_terminal_does_not_obey) {
    EXPECT_EQ(fit("  Mend\n\n\tthe   sum. \n", 80), "Mend the sum.");
    EXPECT_EQ(fit("a\x1b[2Jb\x1b]0;title\ac\x07 \xC2\x9B"
                  "31m",
                  80),
              "abc 31m");
    EXPECT_EQ(indented("one\x1b[31m\ntwo \n\n", "  "), "one\n  two");
}

TEST(terminal, what_is_to_be_judged_is_shown_whole) {
    EXPECT_EQ(spelled_out("+a\tb\n"), "+a\tb\n");
    EXPECT_EQ(spelled_out("+evil\rgood\x1b[8m\x7f"), "+evil^Mgood^[[8m^?");
    EXPECT_EQ(spelled_out("+if \xE2\x80\xAE"
                          "x"),
              "+if <U+202E>x")
        << "the reader would see another order";
    EXPECT_EQ(spelled_out("\xC2\x9B"
                          "31m"),
              "<U+009B>31m");
    EXPECT_EQ(spelled_out("caf\xE9!"), "caf<E9>!") << "Latin-1";
    EXPECT_EQ(spelled_out("кот 😀 直 👩‍💻 ❤️ می‌خواهم"),
              "кот 😀 直 👩‍💻 ❤️ می‌خواهم");
    EXPECT_EQ(spelled_out("pass\u00ADword\u3164\U000E0041\uFE0F"), "pass<U+00AD>word<U+3164><U+E0041><U+FE0F>")
        << "nobody would see them";
}

TEST(terminal, json_is_one_line_that_says_the_same) {
    auto line = json_line({{"text", "a\nb\x1b[2J\xC2\x9B\x7f кот"}});
    EXPECT_EQ(line.find('\n'), line.size() - 1);
    EXPECT_EQ(line.find('\x1b'), line.npos);
    EXPECT_EQ(line.find("\xC2\x9B"), line.npos);
    EXPECT_EQ(line.find('\x7f'), line.npos);
    EXPECT_EQ(boost::json::parse(line).at("text").as_string(), "a\nb\x1b[2J\xC2\x9B\x7f кот");
}

TEST(terminal, a_pipe_has_the_columns_that_are_asked_for) {
    std::FILE* none = std::tmpfile();
    ::setenv("COLUMNS", "90", 1);
    EXPECT_EQ(columns_of(none), 90U);
    ::setenv("COLUMNS", "wide", 1);
    EXPECT_EQ(columns_of(none), 120U);
    ::unsetenv("COLUMNS");
    EXPECT_EQ(columns_of(none), 120U);
    EXPECT_TRUE(put(none, "x"));
    std::fclose(none);
    std::FILE* full = std::fopen("/dev/full", "w");
    ASSERT_TRUE(full);
    EXPECT_FALSE(put(full, "x"));
    std::fclose(full);
}

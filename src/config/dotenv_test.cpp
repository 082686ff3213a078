#include "base/text.hpp"
#include "config/dotenv.hpp"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

using persais::config::read_dotenv;
using variables = std::map<std::string, std::string>;

TEST(dotenv, reads_plain_lines_comments_and_exports) {
    auto read = read_dotenv("# a comment\n\n  A=1\nexport B=two words\nC = spaced \nexport\tD=4\nE=");
    EXPECT_EQ(read.variables, (variables{{"A", "1"}, {"B", "two words"}, {"C", "spaced"}, {"D", "4"}, {"E", ""}}));
    EXPECT_TRUE(read.errors.empty());
}

TEST(dotenv, cuts_a_comment_off_but_keeps_a_hash_inside_a_value) {
    auto read = read_dotenv("A=claude-3-opus  # ???\nB=pass#word\nC=a\t# b\nD= # all comment\nE=#fff\nF=x # y # z");
    EXPECT_EQ(
        read.variables,
        (variables{{"A", "claude-3-opus"}, {"B", "pass#word"}, {"C", "a"}, {"D", ""}, {"E", "#fff"}, {"F", "x"}}));
}

TEST(dotenv, takes_single_quotes_as_they_are_and_escapes_in_double_ones) {
    auto read = read_dotenv(R"(A='a # b \n'
B="a # b\n\"c\" \$d \x" # comment
C=""
D=it's "so"
E='x'# comment)");
    EXPECT_EQ(
        read.variables,
        (variables{{"A", "a # b \\n"}, {"B", "a # b\n\"c\" $d \\x"}, {"C", ""}, {"D", "it's \"so\""}, {"E", "x"}}));
    EXPECT_TRUE(read.errors.empty());
}

TEST(dotenv, reads_files_from_windows) {
    auto read = read_dotenv("\xef\xbb\xbf"
                            "A=1\r\nB='2'\r\n\r\nC=3 # c\r\n");
    EXPECT_EQ(read.variables, (variables{{"A", "1"}, {"B", "2"}, {"C", "3"}}));
    EXPECT_TRUE(read.errors.empty());
}

TEST(dotenv, the_last_of_two_lines_counts) {
    EXPECT_EQ(read_dotenv("A=1\nA=2").variables, (variables{{"A", "2"}}));
}

TEST(dotenv, names_a_wrong_line_by_its_number_and_shows_nothing_of_its_value) {
    auto read = read_dotenv("A=1\nhunter2\n\n9A=hunter2\nB=\"hunter2\nC='hunter2' hunter2\nD=4");
    EXPECT_EQ(read.variables, (variables{{"A", "1"}, {"D", "4"}}));
    ASSERT_EQ(read.errors.size(), 4U);
    EXPECT_EQ(read.errors[0], "line 2: expected NAME=value");
    EXPECT_TRUE(read.errors[1].starts_with("line 4: "));
    EXPECT_EQ(read.errors[2], "line 5: B: the quote is not closed on its line");
    EXPECT_EQ(read.errors[3], "line 6: C: text after the closing quote");
    for (const auto& error : read.errors)
        EXPECT_EQ(error.find("hunter2"), error.npos) << error;
}

TEST(dotenv, says_where_each_variable_stands) {
    EXPECT_EQ(read_dotenv("A=1\n\n# c\r\nB=2\nA=3").lines, (std::map<std::string, int>{{"A", 5}, {"B", 4}}));
}

TEST(dotenv, refuses_a_file_of_another_encoding_in_one_line) {
    using namespace std::string_view_literals;
    for (auto text : {"\xff\xfe"
                      "A\0=\0"sv,
                      "\xfe\xff\0A"sv})
        EXPECT_EQ(read_dotenv(text).errors, std::vector<std::string>{"is UTF-16: save it as UTF-8"});
    EXPECT_EQ(read_dotenv("A=1\nB=M\xfcller\nC=a\0b\nD=M\xc3\xbcller"sv).errors,
              (std::vector<std::string>{"line 2: is no UTF-8 text", "line 3: is no UTF-8 text"}));
}

TEST(dotenv, whatever_bytes_come_it_gives_names_values_and_numbers_of_lines) {
    std::mt19937 random(20261123); // a fixed seed, so that a failure can be reproduced
    const std::string likely = "=\n\r\"'\\#$ \tAB_9export \xef\xbb\xbf\xc3\xbc";
    for (int round = 0; round < 20'000; ++round) {
        std::string text;
        for (auto size = random() % 60; text.size() < size;)
            text += random() % 4 ? likely[random() % likely.size()] : static_cast<char>(random());
        auto read = read_dotenv(text);
        for (const auto& [name, value] : read.variables) {
            EXPECT_TRUE(std::ranges::all_of(
                name, [](char c) { return c == '_' || std::isalnum(static_cast<unsigned char>(c)); }));
            EXPECT_TRUE(persais::text::valid_utf8(value));
            auto line = read.lines.at(name);
            EXPECT_TRUE(line >= 1 && line <= std::ranges::count(text, '\n') + 1) << line;
        }
        EXPECT_EQ(read.lines.size(), read.variables.size());
        EXPECT_LE(read.errors.size() + read.variables.size(), 1U + std::ranges::count(text, '\n'));
        for (const auto& error : read.errors)
            EXPECT_TRUE(persais::text::valid_utf8(error) && error.find('\n') == error.npos) << error;
    }
}

TEST(dotenv, any_text_survives_its_quotes) {
    std::mt19937 random(7);
    const std::string likely = "=\n\"'\\#$ \tab\xc3\xbc";
    for (int round = 0; round < 5'000; ++round) {
        std::string value, quoted;
        for (auto size = random() % 20; value.size() < size;)
            if (char c = likely[random() % 12]; static_cast<unsigned char>(c) < 0x80)
                value += c;
            else
                value += "\xc3\xbc";
        for (char c : value) {
            if (c == '"' || c == '\\' || c == '$') quoted += '\\';
            quoted += c == '\n' ? "\\n" : std::string(1, c);
        }
        auto read = read_dotenv("A=\"" + quoted + "\"  # a \"comment\"\n");
        EXPECT_TRUE(read.errors.empty()) << quoted;
        EXPECT_EQ(read.variables["A"], value) << quoted;
    }
}

#include "config/dotenv.hpp"

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

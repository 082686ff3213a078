#include "git/git.hpp"

#include <gtest/gtest.h>

using namespace persais::git;

TEST(commit_message, short_stands_alone) {
    EXPECT_EQ(commit_message("  mend the parser\n"), "mend the parser\n");
}

TEST(commit_message, long_is_cut_at_a_word_and_told_whole_below) {
    std::string words = "make the parser accept empty input and also everything else that anybody might ever write";
    auto message = commit_message(words);
    EXPECT_LE(message.find('\n'), 75U);
    EXPECT_NE(message.find("\n\n" + words + "\n"), std::string::npos);
    EXPECT_NE(message.find("…\n"), std::string::npos);
}

TEST(commit_message, many_lines_keep_their_first_as_subject) {
    EXPECT_EQ(commit_message("mend it\n\nthere is a test"), "mend it\n\nmend it\n\nthere is a test\n");
}

TEST(same_host, is_about_scheme_host_and_port) {
    EXPECT_TRUE(same_host("https://github.com/a/b.git", "https://github.com/c/d"));
    EXPECT_FALSE(same_host("https://github.com/a/b", "https://github.com.evil.example/a/b"));
    EXPECT_FALSE(same_host("https://github.com/a/b", "http://github.com/a/b"));
    EXPECT_FALSE(same_host("https://127.0.0.1:1/a", "https://127.0.0.1:2/a"));
    EXPECT_TRUE(same_host("git@github.com:a/b", "ssh://git@GitHub.com:22/c/d"));
    EXPECT_FALSE(same_host("git@github.com:a/b", "git@github.com.evil.example:a/b"));
    EXPECT_FALSE(same_host("ssh://git@127.0.0.1:1/a", "ssh://git@127.0.0.1:2/a"));
    EXPECT_TRUE(same_host("git@github.com:a/b", "https://github.com/a/b"));
    EXPECT_TRUE(same_host("https://ann@github.com/a/b", "git@github.com:a/b"));
    EXPECT_FALSE(same_host("git@github.com:a/b", "http://github.com/a/b"));
    EXPECT_FALSE(same_host("git@github.com:a/b", "https://github.com:8443/a/b"));
    EXPECT_FALSE(same_host("ssh://git@github.com:2222/a/b", "https://github.com/a/b"));
    EXPECT_FALSE(same_host("/srv/a", "/srv/a"));
    EXPECT_FALSE(same_host("", ""));
}

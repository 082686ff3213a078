#include "base/random.hpp"

#include <set>

#include <gtest/gtest.h>

using namespace persais;

TEST(random, is_of_the_length_that_was_asked_for) {
    EXPECT_EQ(random_bytes(0), "");
    EXPECT_EQ(random_bytes(1000).size(), 1000u);
    EXPECT_EQ(random_word(16).size(), 22u);
    EXPECT_EQ(random_word(32).size(), 43u);
    EXPECT_EQ(random_word(3).size(), 4u);
}

TEST(random, words_differ_and_need_no_escaping) {
    std::set<std::string> seen;
    for (int i = 0; i < 1000; ++i) {
        auto word = random_word(16);
        EXPECT_EQ(word.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
                  word.npos);
        EXPECT_TRUE(seen.insert(word).second);
    }
}

TEST(random, a_words_last_character_may_be_any) {
    std::set<char> last; // for 32 bytes it holds four bits
    for (int i = 0; i < 1000; ++i)
        last.insert(random_word(32).back());
    EXPECT_EQ(last.size(), 16u);
}

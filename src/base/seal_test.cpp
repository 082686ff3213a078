#include "base/seal.hpp"

#include <gtest/gtest.h>

using persais::seal;
using persais::secret;

TEST(seal, opens_what_it_shut) {
    seal s(secret("correct horse"));
    for (std::string plain : {std::string(), std::string("a"), std::string("\0\xff", 2), std::string(100'000, 'x')})
        EXPECT_EQ(s.open(s.shut(secret(plain), "here"), "here"), plain);
    EXPECT_EQ(seal(secret("correct horse")).open(s.shut(secret("word"), "here"), "here"), "word"); // after a restart
}

TEST(seal, shows_nothing_and_never_the_same_twice) {
    seal s(secret("key"));
    auto shut = s.shut(secret("a secret word"), "here");
    EXPECT_EQ(shut.find("secret"), shut.npos);
    EXPECT_NE(shut, s.shut(secret("a secret word"), "here"));
}

TEST(seal, another_key_or_another_place_opens_nothing) {
    seal s(secret("key"));
    auto shut = s.shut(secret("word"), "repository a");
    EXPECT_FALSE(seal(secret("kez")).open(shut, "repository a"));
    EXPECT_FALSE(s.open(shut, "repository b"));
    EXPECT_FALSE(s.open(shut, ""));
}

TEST(seal, a_changed_byte_is_seen) {
    seal s(secret("key"));
    auto shut = s.shut(secret("word"), "here");
    for (std::size_t i = 0; i < shut.size(); ++i) {
        auto changed = shut;
        changed[i] = static_cast<char>(changed[i] ^ 1);
        EXPECT_FALSE(s.open(changed, "here")) << i;
        EXPECT_FALSE(s.open(shut.substr(0, i), "here")) << i;
    }
    EXPECT_FALSE(s.open(shut + "x", "here"));
}

TEST(seal, one_that_opens_with_two_keys_shuts_with_its_own) {
    seal old(secret("the old one")), fresh(secret("the new one")), both(secret("the new one"));
    both.opens_too(secret("the old one"));
    auto plain = secret("what is kept");
    EXPECT_EQ(both.open(old.shut(plain, "a"), "a")->reveal(), "what is kept");
    EXPECT_FALSE(both.open(old.shut(plain, "a"), "b"));
    EXPECT_FALSE(old.open(both.shut(plain, "a"), "a"));
    EXPECT_EQ(fresh.open(both.shut(plain, "a"), "a")->reveal(), "what is kept");
}

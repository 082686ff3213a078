#include "base/seal.hpp"

#include <array>

#include <gtest/gtest.h>

using persais::seal;
using persais::secret;

TEST(seal_keys, an_older_one_opens_only_what_is_whole_and_at_its_place) {
    const seal old{secret("the old one")};
    seal both{secret("the new one")};
    both.opens_too(secret("the old one"));
    auto shut = old.shut(secret("word"), "repository a");
    for (std::size_t i = 0; i < shut.size(); ++i) {
        auto changed = shut;
        changed[i] = static_cast<char>(changed[i] ^ 0x80);
        EXPECT_FALSE(both.open(changed, "repository a")) << i;
        EXPECT_FALSE(both.open(shut.substr(0, i), "repository a")) << i;
    }
    EXPECT_FALSE(both.open(shut, "repository b"));
    EXPECT_FALSE(both.open(shut, std::string_view("repository a\0x", 14)));
    EXPECT_FALSE(both.open("", ""));
    EXPECT_EQ(both.open(shut, "repository a"), "word");
}

TEST(seal_keys, each_that_was_given_opens_and_no_other) {
    constexpr std::array names{"one", "two", "three"};
    seal all{secret("the newest")};
    for (auto* each : names)
        all.opens_too(secret(each));
    for (auto* each : names)
        EXPECT_EQ(all.open(seal(secret(each)).shut(secret(each), "x"), "x"), each);
    for (auto* other : {"", "One", "one ", "the newest "})
        EXPECT_FALSE(all.open(seal(secret(other)).shut(secret("x"), "x"), "x")) << other;
    EXPECT_FALSE(seal(secret("one")).open(all.shut(secret("x"), "x"), "x")) << "it shuts with its own";
}

TEST(seal_keys, the_halves_of_two_seals_make_none) {
    seal both{secret("the new one")};
    both.opens_too(secret("the old one"));
    const seal old{secret("the old one")};
    auto one = old.shut(secret("the same size"), "x"), two = both.shut(secret("THE SAME SIZE"), "x");
    ASSERT_EQ(one.size(), two.size());
    for (std::size_t cut = 1; cut < one.size(); ++cut) {
        if (one.substr(cut) == two.substr(cut) || one.substr(0, cut) == two.substr(0, cut)) continue;
        EXPECT_FALSE(both.open(one.substr(0, cut) + two.substr(cut), "x")) << cut;
    }
}

#include "mechanic/state_words.hpp"

#include <set>

#include <gtest/gtest.h>

using namespace persais::mechanic;

TEST(state_words, are_one_for_each_state) {
    std::set<std::string_view> seen;
    for (const auto& name : state_names())
        EXPECT_TRUE(seen.insert(word_of(*state_from(name))).second) << name;
    EXPECT_EQ(word_of(publishing{}), "pushing");
    EXPECT_EQ(word_of(parked{}), "needs a person");
}

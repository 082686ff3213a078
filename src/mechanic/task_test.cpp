#include "mechanic/task.hpp"

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::mechanic;

TEST(state, each_has_a_name_that_leads_back_to_it) {
    EXPECT_EQ(state_names().size(), std::variant_size_v<state>);
    for (const auto& name : state_names())
        EXPECT_EQ(name_of(*state_from(name)), name);
    EXPECT_EQ(state_from("of a newer version"), std::nullopt);
}

TEST(state, one_that_is_held_by_a_lease_knows_its_attempt) {
    for (const auto& name : state_names()) {
        auto s = *state_from(name);
        EXPECT_EQ(attempt_of(s).has_value(), lease_of(s) != nullptr) << name;
    }
    EXPECT_EQ(attempt_of(answering{.attempt = 2}), 2);
    EXPECT_EQ(attempt_of(publishing{.attempt = 3}), 3);
}

TEST(state, the_agent_and_the_checks_work_in_rounds) {
    EXPECT_EQ(round_of(coding{.round = 2}), 2);
    EXPECT_EQ(round_of(checking{.round = 1}), 1);
    EXPECT_EQ(round_of(preparing{}), std::nullopt);
    EXPECT_EQ(round_of(review{}), std::nullopt);
}

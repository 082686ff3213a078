#include "http/connection_table.hpp"

#include <gtest/gtest.h>

using namespace persais::http;

namespace {

using phase = connection_table::phase;
using number = connection_table::number;

struct table : ::testing::Test {
    connection_table all{{.all = 3, .client = 2, .spare = 1}};
    void enter(number first, number last) {
        for (auto n = first; n <= last; ++n)
            ASSERT_TRUE(all.enter(n, "").in);
    }
};

} // namespace

TEST_F(table, the_one_that_has_been_idle_longest_is_closed_for_a_new_one) {
    enter(1, 3);
    for (number n : {2, 3, 1}) {
        all.now(n, phase::served);
        all.now(n, phase::idle);
    }
    EXPECT_EQ(all.enter(4, "").leaves, 2u);
    EXPECT_EQ(all.enter(5, "").leaves, 3u);
    EXPECT_EQ(all.enter(6, "").leaves, 1u);
    EXPECT_EQ(all.size(), 3u);
}

TEST_F(table, the_oldest_that_is_sending_is_closed_when_none_is_idle_and_a_new_one_last) {
    enter(1, 3);
    all.now(2, phase::served);
    EXPECT_EQ(all.enter(4, "").leaves, 1u);
    EXPECT_EQ(all.enter(5, "").leaves, 3u);
    all.now(2, phase::idle);
    EXPECT_EQ(all.enter(6, "").leaves, 2u);
    EXPECT_EQ(all.enter(7, "").leaves, 4u);
}

TEST_F(table, one_that_is_served_is_never_closed_and_a_spare_one_is_let_in) {
    enter(1, 3);
    for (number n : {1, 2, 3})
        all.now(n, phase::served);
    EXPECT_TRUE(all.all_served());
    auto spare = all.enter(4, "");
    EXPECT_TRUE(spare.in);
    EXPECT_FALSE(spare.leaves);
    EXPECT_EQ(all.enter(5, "").leaves, 4u) << "a spare one that waits makes room as others do";
    all.now(5, phase::served);
    EXPECT_FALSE(all.enter(6, "").in);
    all.left(2);
    all.left(5);
    EXPECT_FALSE(all.all_served());
    EXPECT_TRUE(all.enter(7, "").in);
}

TEST_F(table, a_client_with_too_many_closes_its_own_and_nobody_elses) {
    enter(1, 1);
    EXPECT_TRUE(all.enter(2, "a").in);
    EXPECT_TRUE(all.enter(3, "a").in);
    EXPECT_EQ(all.enter(4, "a").leaves, 2u);
    all.now(3, phase::served);
    all.now(4, phase::served);
    EXPECT_FALSE(all.enter(5, "a").in) << "both are being served";
    EXPECT_EQ(all.enter(6, "b").leaves, 1u);
    all.left(3);
    EXPECT_EQ(all.enter(7, "a").leaves, std::nullopt) << "there is room again";
}

TEST_F(table, whoever_left_takes_no_place) {
    enter(1, 3);
    all.left(2);
    all.left(2);
    all.now(2, phase::served);
    EXPECT_EQ(all.enter(4, "").leaves, std::nullopt);
    EXPECT_EQ(all.give_one_up(), 1u);
    EXPECT_EQ(all.size(), 2u);
}

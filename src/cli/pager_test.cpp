#include "cli/pager.hpp"

#include <gtest/gtest.h>

using namespace persais::cli;

TEST(pager, first_lines_are_whole_and_the_rest_is_counted) {
    std::size_t left = 9;
    EXPECT_EQ(first_lines("a\nb\nc\n", 2, left), "a\nb\n");
    EXPECT_EQ(left, 1U);
    EXPECT_EQ(first_lines("a\nb\nc", 2, left), "a\nb\n");
    EXPECT_EQ(left, 1U);
    EXPECT_EQ(first_lines("a\nb", 2, left), "a\nb");
    EXPECT_EQ(left, 0U);
    EXPECT_EQ(first_lines("", 2, left), "");
    EXPECT_EQ(left, 0U);
}

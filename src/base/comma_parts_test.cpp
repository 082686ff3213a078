#include "base/comma_parts.hpp"

#include <gtest/gtest.h>

using namespace persais;

TEST(comma_parts, are_what_stands_between_the_commas) {
    using parts = std::vector<std::string_view>;
    EXPECT_EQ(comma_parts(" a, b c ,,d"), (parts{"a", "b c", "", "d"}));
    EXPECT_EQ(comma_parts(""), parts{""});
    EXPECT_EQ(comma_parts("a,"), (parts{"a", ""}));
}

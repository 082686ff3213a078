#include "base/comma_parts.hpp"

#include <gtest/gtest.h>

using namespace persais;

TEST(comma_parts, are_what_stands_between_the_commas) {
    using parts = std::vector<std::string_view>;
    EXPECT_EQ(comma_parts(" a, b c ,,d"), (parts{"a", "b c", "", "d"}));
    EXPECT_EQ(comma_parts(""), parts{""});
    EXPECT_EQ(comma_parts("a,"), (parts{"a", ""}));
}

TEST(comma_parts, are_at_least_one_and_stand_in_the_text_itself) {
    using parts = std::vector<std::string_view>;
    EXPECT_EQ(comma_parts(","), (parts{"", ""}));
    EXPECT_EQ(comma_parts(" \t, \n"), (parts{"", ""}));
    EXPECT_EQ(comma_parts("a;b c"), parts{"a;b c"});
    const std::string_view list = "one , two";
    for (auto part : comma_parts(list))
        EXPECT_TRUE(part.data() >= list.data() && part.data() + part.size() <= list.data() + list.size());
    EXPECT_EQ(comma_parts(std::string(10'000, ',')).size(), 10'001u);
}

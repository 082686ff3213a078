#include "cli/version.hpp"

#include <gtest/gtest.h>

namespace persais::cli {

TEST(version, names_the_commit_and_its_day) {
    EXPECT_EQ(full_version("1.2.3", "0123456789abcdef0123456789abcdef01234567", "2026-11-30"),
              "persais 1.2.3 (0123456789ab, 2026-11-30)");
    EXPECT_EQ(full_version("1.2.3", "0123456789ab", ""), "persais 1.2.3 (0123456789ab)");
}

TEST(version, of_a_build_that_knows_no_commit_is_the_number) {
    EXPECT_EQ(full_version("1.2.3", "", "2026-11-30"), "persais 1.2.3");
}

TEST(version, begins_with_the_number_of_this_build) {
    EXPECT_TRUE(full_version().starts_with("persais " + std::string(version())));
}

} // namespace persais::cli

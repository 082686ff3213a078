#include "base/descriptors.hpp"

#include <sys/resource.h>

#include <gtest/gtest.h>

using namespace persais;

namespace {

rlimit now() {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    return limit;
}

struct descriptors : ::testing::Test {
    rlimit before = now();
    std::uint64_t start = descriptors_at_start();
    void soft(rlim_t value) {
        rlimit limit{value, before.rlim_max};
        ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
    }
    void TearDown() override { soft(before.rlim_cur); }
};

} // namespace

TEST_F(descriptors, are_raised_as_far_as_is_allowed_and_wanted) {
    soft(64);
    EXPECT_EQ(raise_descriptors(100), 100u);
    EXPECT_EQ(now().rlim_cur, 100u);
    EXPECT_EQ(raise_descriptors(1UL << 40), before.rlim_max);
    EXPECT_EQ(now().rlim_max, before.rlim_max);
}

TEST_F(descriptors, are_never_lowered_and_what_they_were_at_the_start_stays_known) {
    soft(200);
    EXPECT_EQ(raise_descriptors(100), 200u);
    EXPECT_EQ(now().rlim_cur, 200u);
    EXPECT_EQ(descriptors_at_start(), start);
}

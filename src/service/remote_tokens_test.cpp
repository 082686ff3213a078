#include "service/remote_tokens.hpp"

#include <gtest/gtest.h>

using namespace persais;
using service::remote_tokens;

TEST(remote_tokens, that_are_lent_yield_to_the_one_that_people_gave_and_outlast_a_look_at_the_database) {
    const std::string at = "https://github.com/acme/team.git";
    remote_tokens all;
    all.lend(at, secret("an hour's"));
    EXPECT_EQ(all.of(at), secret("an hour's"));
    EXPECT_FALSE(all.replace({{at, {secret(), "github"}}})) << "nobody gave one";
    EXPECT_EQ(all.of(at), secret("an hour's"));
    EXPECT_TRUE(all.replace({{at, {secret("a person's")}}}));
    EXPECT_EQ(all.of(at), secret("a person's"));
    EXPECT_FALSE(all.replace({{at, {secret("a person's")}}}));
    all.replace({});
    EXPECT_EQ(all.of(at), secret("an hour's"));
}

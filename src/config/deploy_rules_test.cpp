#include "base/told.hpp"
#include "config/deploy_rules.hpp"

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::config;

TEST(deploy_rules, are_read_as_they_are_written) {
    auto read = read_deploy_rules(" Team/App  by=11, own=off approvals=2 ;\n * approvals=3;");
    EXPECT_FALSE(read) << "a list does not end with a comma";
    read = read_deploy_rules(" Team/App  by=11,22 own=off\tapprovals=2 ;\n * approvals=3;");
    ASSERT_TRUE(read) << read.error();
    ASSERT_EQ(read->size(), 2U);
    EXPECT_EQ(read->front(), (deploy_rule{"team/app", std::vector<std::int64_t>{11, 22}, false, 2}));
    EXPECT_EQ(read->back(), (deploy_rule{"*", {}, {}, 3}));
    EXPECT_EQ(read_deploy_rules("")->size(), 0U);
    EXPECT_EQ(read_deploy_rules("a own=on")->front().own, true);
}

TEST(deploy_rules, that_are_wrong_say_what_is) {
    const std::pair<const char*, const char*> wrong[] = {{"app by=", "'by=' names no people: by=11,22"},
                                                         {"app by=ann", "'by=ann' names no people: by=11,22"},
                                                         {"app by=-1", "'by=-1' names no people: by=11,22"},
                                                         {"own=off", "'own=off' is no repository"},
                                                         {"app; App", "there are two rules for 'app'"},
                                                         {"app approvals=11", "N from 1 to 10"},
                                                         {"app approvals=0", "N from 1 to 10"},
                                                         {"app own=no", "'own=no' is not by=11,22, own=on"},
                                                         {"app whoever", "'whoever' is not by=11,22"}};
    for (auto [text, why] : wrong) {
        auto read = read_deploy_rules(text);
        ASSERT_FALSE(read) << text;
        EXPECT_NE(read.error().find(why), std::string::npos) << read.error();
        EXPECT_TRUE(russian_of(read.error())) << read.error();
    }
}

#include "ops/health.hpp"

#include <gtest/gtest.h>

using persais::ops::health;
using how = health::state;

TEST(health, a_part_that_never_reported_is_down) {
    health all({"database", "disk"});
    all.set("database", how::up);
    EXPECT_FALSE(all.ready());
    EXPECT_EQ(all.json(), R"({"status":"down","checks":{"database":{"status":"ok"},)"
                          R"("disk":{"status":"down","message":"not started yet"}}})");
}

TEST(health, is_as_good_as_its_worst_part_and_degraded_is_ready) {
    health all({"database", "disk"});
    all.set("database", how::up);
    all.set("disk", how::degraded, "1 GB is left: make room.");
    EXPECT_EQ(all.overall(), how::degraded);
    EXPECT_TRUE(all.ready());
    EXPECT_EQ(all.json(), R"({"status":"degraded","checks":{"database":{"status":"ok"},)"
                          R"("disk":{"status":"degraded","message":"1 GB is left: make room."}}})");
    all.set("disk", how::up);
    EXPECT_EQ(all.overall(), how::up);
    all.set("database", how::down, "It does not answer.");
    EXPECT_FALSE(all.ready());
    EXPECT_EQ(all.of("database").sentence, "It does not answer.");
}

TEST(health, shows_its_parts_in_the_order_given) {
    health all({"z", "a"});
    auto text = all.json();
    EXPECT_LT(text.find("\"z\""), text.find("\"a\""));
}

TEST(health, tells_of_a_change_of_state_once_and_of_the_first_report) {
    health all({"database"});
    std::vector<std::string> told;
    all.changed = [&](std::string_view part, const health::report& was, const health::report& is) {
        told.push_back(std::string(part) + ": " + was.sentence + " -> " + is.sentence);
    };
    all.set("database", how::down, "a");
    all.set("database", how::down, "b"); // only the sentence changed
    all.set("database", how::up);
    all.set("database", how::up);
    EXPECT_EQ(told, (std::vector<std::string>{"database: not started yet -> a", "database: b -> "}));
}

TEST(health, what_is_told_sees_the_new_state) {
    health all({"database"});
    bool ready = false;
    all.changed = [&](std::string_view, const health::report&, const health::report&) { ready = all.ready(); };
    all.set("database", how::up);
    EXPECT_TRUE(ready);
}

TEST(health, an_unknown_part_is_a_mistake_of_ours) {
    health all({"database"});
    EXPECT_THROW(all.set("databse", how::up), std::invalid_argument);
    EXPECT_THROW(all.of("databse"), std::invalid_argument);
}

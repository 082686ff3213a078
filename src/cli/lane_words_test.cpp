#include "cli/lane_words.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

using namespace persais;
using namespace persais::cli;

namespace {

queue::lane lane(std::optional<task_id> has, std::vector<task_id> waiting, bool back = false) {
    return {.remote = "https://host/you/shop.git", .has = has, .back = back, .waiting = std::move(waiting)};
}

} // namespace

TEST(lane, says_which_task_lands_and_which_wait) {
    EXPECT_EQ(lane_words(lane(task_id{17}, {})), "Landing on you/shop: task 17 (deploy).");
    EXPECT_EQ(lane_words(lane(task_id{17}, {{18}, {19}})), "Landing on you/shop: task 17 (deploy), then 18, 19.");
    EXPECT_EQ(lane_words(lane(task_id{17}, {}, true)), "Landing on you/shop: task 17 (rollback).");
    EXPECT_EQ(lane_words(lane({}, {{18}})), "Landing on you/shop: nobody at this moment, then 18.");
}

TEST(status, has_the_queue_the_money_and_the_lanes) {
    queue::overview now{.running = 1, .queued = 2, .waiting = 0, .spent_today = 1.5};
    EXPECT_EQ(status_words({now, {}, {}, 20}),
              "Tasks: 1 running, 2 queued, 0 waiting.\nSpent today: $1.50 of $20.00.\n");
    EXPECT_TRUE(status_words({now, {lane(task_id{17}, {{18}})}, {}, 20})
                    .ends_with("Landing on you/shop: task 17 (deploy), then 18.\n"));
    auto o = status_json({now, {lane(task_id{17}, {{18}}), lane({}, {{3}})}, {}, 20});
    EXPECT_EQ(boost::json::serialize(o["lanes"]),
              R"([{"repository":"https://host/you/shop.git","task":"17","what":"deploy","waiting":["18"]},)"
              R"({"repository":"https://host/you/shop.git","task":"","what":"","waiting":["3"]}])");
    EXPECT_EQ(o["running"], 1);
    EXPECT_EQ(o["spent_today_usd"], 1.5);
}

TEST(status, has_what_waits_for_approvals) {
    status s{.now = {}, .lanes = {}, .approvals = {}, .day_budget_usd = 20};
    EXPECT_EQ(boost::json::serialize(status_json(s)["approvals"]), "[]");
    s.approvals.push_back({task_id{17}, "https://host/you/shop.git", {"11", "terminal"}, 3});
    EXPECT_TRUE(status_words(s).ends_with("Task 17 on you/shop: 2 of 3 approvals (person 11, terminal).\n"));
    EXPECT_EQ(boost::json::serialize(status_json(s)["approvals"]),
              R"([{"task":"17","repository":"https://host/you/shop.git","by":["11","terminal"],"needed":3}])");
}

TEST(status, has_the_newest_backup_and_that_one_failed) {
    status s{.now = {}, .lanes = {}, .approvals = {}, .day_budget_usd = 20};
    EXPECT_EQ(boost::json::serialize(status_json(s)["backup"]),
              R"({"name":"","age_seconds":-1,"bytes":0,"failed":""})");
    s.backup = {
        .name = "persais-20261130T191502Z-3f9a.age", .made = {}, .age = std::chrono::minutes(3), .bytes = 1'250'000};
    EXPECT_TRUE(status_words(s).ends_with("Backup: 3 min ago, 1.2 MB (persais-20261130T191502Z-3f9a.age).\n"))
        << status_words(s);
    s.backup.why = "The disk is full.";
    EXPECT_TRUE(status_words(s).ends_with("The newest backup failed: The disk is full.\n")) << status_words(s);
    EXPECT_EQ(
        boost::json::serialize(status_json(s)["backup"]),
        R"({"name":"persais-20261130T191502Z-3f9a.age","age_seconds":180,"bytes":1250000,"failed":"The disk is full."})");
}

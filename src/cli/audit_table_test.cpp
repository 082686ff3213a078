#include "cli/audit_table.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

using namespace persais;
using namespace persais::cli;

namespace {

queue::audited row(std::int64_t task, std::string what, std::string by, std::string remote = "/srv/shop.git") {
    return {.at = time_point(std::chrono::microseconds(1'780'000'000'123'456)),
            .task = task_id{task},
            .person = {},
            .remote = std::move(remote),
            .what = std::move(what),
            .by = std::move(by),
            .commit = std::string(40, 'c')};
}

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != text.npos;
}

} // namespace

TEST(audit, is_a_table_of_when_which_task_what_by_whom) {
    auto text = audit_table({row(17, "deployed", "terminal"), row(9, "deploy_asked", "123456")});
    EXPECT_EQ(text, "WHEN              TASK  WHAT              BY             COMMIT\n"
                    "2026-05-28 20:26  17    deployed          terminal       cccccccccccc\n"
                    "2026-05-28 20:26  9     deploy asked for  person 123456  cccccccccccc\n");
    EXPECT_FALSE(has(text, "REPOSITORY"));
    auto two = audit_table({row(17, "deployed", "terminal"), row(9, "rolled_back", "1", "https://h/you/other.git")});
    EXPECT_TRUE(has(two, "REPOSITORY")) << two;
    EXPECT_TRUE(has(two, "you/other")) << two;
    auto longest = audit_table({row(17, "rollback_unknown", std::string(300, '9'))});
    EXPECT_LT(longest.size(), 2 * 120U) << "a cell is cut: " << longest;
}

TEST(audit, has_a_word_for_each_thing_that_happens) {
    for (const auto* what : {"deploy_asked", "deployed", "not_deployed", "deploy_unknown", "rollback_asked",
                             "rolled_back", "not_rolled_back", "rollback_unknown", "approved"})
        EXPECT_FALSE(has(audit_words(row(1, what, "1")), "_")) << what;
    auto r = row(1, "rollback_asked", "1");
    r.anyway = true;
    EXPECT_EQ(audit_words(r), "rollback asked for, anyway");
    for (const auto* what : {"made_admin", "let_in", "kept_out", "put_out", "factor_set_up", "factor_reset",
                             "factor_wrong", "no_admin", "rule_set", "rule_gone"})
        EXPECT_FALSE(has(audit_words(row(1, what, "1")), "_")) << what;
    EXPECT_TRUE(has(audit_table({row(1, "rollback_asked", "health")}), "health watch"));
    EXPECT_EQ(audit_words(row(1, "flown", "1")), "flown") << "of a newer version";
}

TEST(audit, is_one_object_a_row_for_programs) {
    auto o = audit_json(row(17, "deployed", "terminal"));
    EXPECT_EQ(
        boost::json::serialize(o),
        R"({"event":"audit","at":"2026-05-28T20:26:40.123Z","task":"17","person":"","what":"deployed","by":"terminal","commit":")" +
            std::string(40, 'c') + R"(","anyway":false,"repository":"/srv/shop.git","detail":""})");
}

TEST(audit, says_what_became_of_a_repositorys_setting) {
    auto one = row(1, "repository_changed", "123456");
    one.task.reset();
    one.commit.clear();
    one.detail = "protect: deploy/**";
    EXPECT_EQ(audit_words(one), "repository changed: protect: deploy/**");
    EXPECT_EQ(audit_json(one).at("detail"), "protect: deploy/**");
    EXPECT_EQ(audit_json(one).at("task"), "");
}

TEST(audit, of_a_right_names_the_person_and_no_task) {
    auto right = row(0, "let_in", "7", "");
    right.task.reset();
    right.person = 123;
    right.commit.clear();
    auto text = audit_table({row(17, "deployed", "7"), right});
    EXPECT_TRUE(has(text, "–     person 123: let in  person 7\n")) << text;
    EXPECT_FALSE(has(text, "REPOSITORY")) << text;
    auto o = audit_json(right);
    EXPECT_EQ(o["task"], "");
    EXPECT_EQ(o["person"], "123");
}

TEST(audit, of_a_right_says_whether_a_person_or_a_setting_gave_it) {
    auto right = row(0, "made_admin", "123", "");
    right.task.reset();
    right.person = 123;
    EXPECT_EQ(audit_words(right), "person 123: made an admin by the one-time code");
    right.by = "TELEGRAM_ADMIN_IDS";
    EXPECT_EQ(audit_words(right), "person 123: made an admin");
    EXPECT_TRUE(has(audit_table({right}), "  TELEGRAM_ADMIN_IDS")) << audit_table({right});
    auto rule = row(0, "rule_set", "DEPLOY_RULES", "team/app");
    rule.task.reset();
    rule.detail = "by=11,12 approvals=2";
    EXPECT_EQ(audit_words(rule), "rule for team/app: by=11,12 approvals=2");
    EXPECT_EQ(audit_json(rule)["detail"], "by=11,12 approvals=2");
    rule.detail.clear();
    EXPECT_EQ(audit_words(rule), "rule for team/app") << "which leaves all as it is without one";
    rule.what = "rule_gone";
    EXPECT_EQ(audit_words(rule), "no rule for team/app");
}

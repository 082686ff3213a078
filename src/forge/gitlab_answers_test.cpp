#include "forge/gitlab_answers.hpp"
#include "forge/limits.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

using namespace persais;
using namespace persais::forge;
using namespace persais::forge::gitlab;
using namespace std::chrono_literals;
namespace json = boost::json;

namespace {

json::object object(const std::string& text) {
    return json::parse(text).as_object();
}
json::array list(const std::string& text) {
    return json::parse(text).as_array();
}
request read(const std::string& members) {
    return forge::gitlab::request_in(object("{\"iid\":7,\"state\":\"opened\",\"sha\":\"abc\"," + members + "}"));
}
const time_point noon{1796040000s}; // 2026-11-30T12:00:00Z

} // namespace

TEST(gitlab, a_request_is_open_closed_or_merged) {
    auto open = read(R"("web_url":"p","title":"Draft: T","draft":true,"detailed_merge_status":"draft_status")");
    EXPECT_EQ(open.number, 7);
    EXPECT_EQ(open.page, "p");
    EXPECT_EQ(open.head, "abc");
    EXPECT_EQ(open.title, "Draft: T");
    EXPECT_TRUE(open.draft);
    EXPECT_EQ(open.now, request::state::open);
    EXPECT_EQ(open.merged_as, "");
    auto closed = forge::gitlab::request_in(object(R"({"iid":7,"state":"closed"})"));
    EXPECT_EQ(closed.now, request::state::closed);
    auto locked =
        forge::gitlab::request_in(object(R"({"iid":7,"state":"locked","detailed_merge_status":"mergeable"})"));
    EXPECT_EQ(locked.now, request::state::open);
    EXPECT_EQ(forge::gitlab::readiness_of(locked), readiness::unknown) << "it is being merged in this moment";
}

TEST(gitlab, what_was_merged_is_the_newest_commit_that_came) {
    auto merged_as = [](const std::string& members) {
        return forge::gitlab::request_in(object(R"({"iid":7,"state":"merged","sha":"own",)" + members + "}")).merged_as;
    };
    EXPECT_EQ(merged_as(R"("merge_commit_sha":"merge","squash_commit_sha":"squash")"), "merge");
    EXPECT_EQ(merged_as(R"("merge_commit_sha":null,"squash_commit_sha":"squash")"), "squash");
    EXPECT_EQ(merged_as(R"("merge_commit_sha":null,"squash_commit_sha":null)"), "own") << "a fast-forward";
}

TEST(gitlab, each_word_of_its_status_decides_whether_it_is_asked_to_merge) {
    using enum readiness;
    for (auto [word, expected] : {std::pair{"mergeable", ready},
                                  {"unchecked", unknown},
                                  {"checking", unknown},
                                  {"preparing", unknown},
                                  {"approvals_syncing", unknown},
                                  {"cannot_be_merged_recheck", unknown},
                                  {"commits_status", unknown},
                                  {"not_open", unknown},
                                  {"conflict", conflict},
                                  {"broken_status", conflict},
                                  {"need_rebase", outdated},
                                  {"ci_must_pass", blocked},
                                  {"ci_still_running", blocked},
                                  {"discussions_not_resolved", blocked},
                                  {"draft_status", blocked},
                                  {"not_approved", blocked},
                                  {"requested_changes", blocked},
                                  {"merge_request_blocked", blocked},
                                  {"merge_time", blocked},
                                  {"status_checks_must_pass", blocked},
                                  {"jira_association_missing", blocked},
                                  {"security_policy_violations", blocked},
                                  {"security_policy_pipeline_check", blocked},
                                  {"locked_paths", blocked},
                                  {"locked_lfs_files", blocked},
                                  {"title_regex", blocked},
                                  {"something new", blocked}})
        EXPECT_EQ(forge::gitlab::readiness_of(read(fmt::format(R"("detailed_merge_status":"{}")", word))), expected)
            << word;
    EXPECT_EQ(forge::gitlab::readiness_of(read(R"("merge_status":"can_be_merged")")), ready) << "before 15.6";
    EXPECT_EQ(forge::gitlab::readiness_of(read(R"("merge_status":"cannot_be_merged")")), conflict);
    EXPECT_EQ(forge::gitlab::readiness_of(read(R"("merge_status":"unchecked")")), unknown);
}

TEST(gitlab, a_request_in_a_queue_or_without_the_right_is_not_asked_to_merge) {
    auto queued = read(R"("detailed_merge_status":"mergeable","merge_when_pipeline_succeeds":true)");
    EXPECT_EQ(queued.merge_info, in_a_queue);
    EXPECT_EQ(forge::gitlab::readiness_of(queued), readiness::blocked);
    EXPECT_EQ(read(R"("detailed_merge_status":"mergeable","user":{"can_merge":false})").merge_info, may_not_merge);
    EXPECT_EQ(read(R"("detailed_merge_status":"mergeable","user":{"can_merge":true})").merge_info, "mergeable");
    EXPECT_EQ(read(R"("detailed_merge_status":"not_approved","user":{"can_merge":false})").merge_info, "not_approved")
        << "the approval is waited for; the right may come meanwhile";
}

TEST(gitlab, a_forks_branch_of_the_same_name_is_another) {
    EXPECT_TRUE(is_of_the_project(object(R"({"source_project_id":3,"target_project_id":3})")));
    EXPECT_FALSE(is_of_the_project(object(R"({"source_project_id":4,"target_project_id":3})")));
}

TEST(gitlab, a_draft_is_one_by_its_title) {
    for (auto [title, expected] : {std::pair{"Draft: Mend", "Mend"},
                                   {"draft:Mend", "Mend"},
                                   {"[Draft] Mend", "Mend"},
                                   {"(Draft) WIP: Mend", "Mend"},
                                   {"Drafting: Mend", "Drafting: Mend"},
                                   {"Mend Draft: x", "Mend Draft: x"}})
        EXPECT_EQ(without_draft(title), expected);
}

TEST(gitlab, a_project_says_how_it_merges) {
    auto plain = how_it_merges(object(R"({"merge_method":"ff","squash_option":"default_on"})"));
    EXPECT_FALSE(plain.train);
    EXPECT_FALSE(plain.squash) << "where it is a choice, the approved commits stay as they are";
    auto strict = how_it_merges(object(R"({"squash_option":"always","merge_trains_enabled":true})"));
    EXPECT_TRUE(strict.train);
    EXPECT_TRUE(strict.squash);
}

TEST(gitlab, a_pipeline_that_has_to_pass_runs_waits_for_a_person_or_is_red) {
    using kind = obstacle::kind;
    auto of = [](const std::string& status, const std::string& failed = "[]") {
        auto pipeline = object(
            fmt::format(R"({{"status":"{}","web_url":"page","created_at":"2026-11-30T11:55:00.123Z"}})", status));
        return obstacle_of_pipeline(&pipeline, list(failed), noon);
    };
    EXPECT_EQ(obstacle_of_pipeline(nullptr, {}, noon).what, kind::checks) << "none has come yet";
    for (const auto* status : {"created", "waiting_for_resource", "preparing", "pending", "running", "scheduled"}) {
        EXPECT_EQ(of(status).what, kind::checks) << status;
        EXPECT_EQ(of(status).running, 5min) << status;
    }
    EXPECT_EQ(of("manual").what, kind::runs);
    EXPECT_EQ(of("manual").page, "page");
    for (const auto* status : {"failed", "canceled", "skipped"})
        EXPECT_EQ(of(status).what, kind::red) << status;
    EXPECT_EQ(of("canceled").subject, "a pipeline (canceled)");
    auto red = of("failed", R"([{"name":"lint","web_url":"job","allow_failure":false},
                                {"name":"style","allow_failure":true},{"name":"build\u001b[1m"}])");
    EXPECT_EQ(red.subject, "lint, build") << "what a terminal would obey is left out";
    EXPECT_EQ(red.page, "job");
    EXPECT_EQ(of("success").what, kind::checks) << "another one has to come";
}

TEST(gitlab, other_rules_are_told_in_words) {
    for (const auto* known : {"merge_request_blocked", "merge_time", "locked_paths", "locked_lfs_files", "title_regex",
                              "jira_association_missing", "security_policy_violations"})
        EXPECT_FALSE(rule_in_words(known).contains('_')) << known;
    EXPECT_EQ(rule_in_words("a_new_rule"), "a_new_rule");
    EXPECT_LE(rule_in_words(std::string(500, 'x')).size(), limits::forge_name_bytes + 10);
}

TEST(gitlab, whoever_wants_changes_is_named) {
    EXPECT_EQ(who_wants_changes(list(R"([{"user":{"username":"ann"},"state":"requested_changes"},
                                         {"user":{"username":"ben"},"state":"approved"},
                                         {"user":{"username":"cy"},"state":"requested_changes"}])")),
              "ann, cy");
    EXPECT_EQ(who_wants_changes({}), "");
}

TEST(gitlab, what_failed_in_a_train_is_not_put_there_again) {
    auto pipelines = [&](const std::string& newest) {
        return list(R"([{"ref":"topic","status":"failed"},{"ref":"refs/merge-requests/8/train","status":"failed"},)"
                    R"({"ref":"refs/merge-requests/7/train","status":")" +
                    newest + R"(","web_url":"page"},{"ref":"refs/merge-requests/7/train","status":"failed"}])");
    };
    EXPECT_EQ(failed_in_a_train(pipelines("failed"), 7), "page");
    EXPECT_EQ(failed_in_a_train(pipelines("running"), 7), "") << "somebody has put it there again";
    EXPECT_EQ(failed_in_a_train({}, 7), "");
}

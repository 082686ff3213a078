#include "forge/gitea_answers.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

using namespace persais;
using namespace persais::forge;
using namespace std::chrono_literals;
namespace json = boost::json;

namespace {

json::object object(const std::string& text) {
    return json::parse(text).as_object();
}
json::array list(const std::string& text) {
    return json::parse(text).as_array();
}
const time_point noon{1796040000s}; // 2026-11-30T12:00:00Z

} // namespace

TEST(gitea, a_request_is_open_closed_or_merged) {
    auto open = gitea::request_in(object(R"({"number":7,"html_url":"p","title":"WIP: T","draft":true,"state":"open",
        "mergeable":false,"merged":false,"merge_commit_sha":null,"head":{"sha":"abc"}})"));
    EXPECT_EQ(open.number, 7);
    EXPECT_EQ(open.page, "p");
    EXPECT_EQ(open.head, "abc");
    EXPECT_TRUE(open.draft);
    EXPECT_EQ(open.now, request::state::open);
    EXPECT_EQ(gitea::readiness_of(open), readiness::ready) << "`mergeable` says nothing about a draft";
    auto finding = gitea::request_in(object(R"({"number":7,"state":"open","mergeable":false})"));
    EXPECT_EQ(gitea::readiness_of(finding), readiness::unknown) << "it may be a conflict, or not known yet";
    EXPECT_EQ(gitea::request_in(object(R"({"number":7,"state":"closed","merged":false})")).now, request::state::closed);
    auto merged = gitea::request_in(object(R"({"number":7,"state":"closed","merged":true,"merge_commit_sha":"def"})"));
    EXPECT_EQ(merged.now, request::state::merged);
    EXPECT_EQ(merged.merged_as, "def");
}

TEST(gitea, its_own_words_say_whether_it_is_asked_to_merge) {
    using enum readiness;
    for (auto [word, expected] : {std::pair{gitea::is_ready, ready},
                                  {gitea::is_unknown, unknown},
                                  {gitea::is_blocked, blocked},
                                  {gitea::is_outdated, outdated},
                                  {gitea::may_not_merge, blocked},
                                  {std::string_view(), unknown}})
        EXPECT_EQ(gitea::readiness_of({.merge_info = std::string(word)}), expected) << word;
}

TEST(gitea, a_branch_that_went_away_or_is_a_forks_is_told_from_ours) {
    auto pull = [](const std::string& ref, int repository) {
        return object(fmt::format(
            R"({{"head":{{"label":"b","ref":"{}","repo_id":{}}},"base":{{"label":"main","ref":"main","repo_id":1}}}})",
            ref, repository));
    };
    EXPECT_TRUE(gitea::is_of(pull("b", 1), "b", "main"));
    EXPECT_TRUE(gitea::is_of(pull("refs/pull/7/head", 1), "b", "main")) << "its branch was removed after the merge";
    EXPECT_FALSE(gitea::is_of(pull("b", 2), "b", "main"));
    EXPECT_FALSE(gitea::is_of(pull("b", 1), "c", "main"));
    EXPECT_FALSE(gitea::is_of(pull("b", 1), "b", "next"));
    EXPECT_FALSE(gitea::is_of({}, "b", "main"));
}

TEST(gitea, a_branch_stands_on_its_base_when_nothing_came_between) {
    EXPECT_TRUE(gitea::stands_on_base(object(R"({"merge_base":"abc","base":{"sha":"abc"}})")));
    EXPECT_FALSE(gitea::stands_on_base(object(R"({"merge_base":"abc","base":{"sha":"def"}})")));
}

TEST(gitea, a_draft_is_one_by_its_title) {
    for (auto [title, expected] :
         {std::pair{"WIP: Mend", "Mend"}, {"[WIP] Mend", "Mend"}, {"wip:wip: Mend", "Mend"}, {"Wipe: x", "Wipe: x"}})
        EXPECT_EQ(gitea::without_draft(title), expected);
}

TEST(gitea, a_pattern_of_checks_fits_as_gitea_has_it) {
    for (auto [pattern, text, expected] : {std::tuple{"build", "build", true},
                                           {"build*", "build-linux", true},
                                           {"build*", "build/linux", false},
                                           {"build**", "build/linux", true},
                                           {"*", "", true},
                                           {"b?ild", "build", true},
                                           {"build", "builds", false},
                                           {"", "x", false},
                                           {"*/test", "ci/test", true}})
        EXPECT_EQ(gitea::fits(pattern, text), expected) << pattern << " " << text;
}

TEST(gitea, what_a_branch_requires_is_told_from_its_statuses_and_reviews) {
    using kind = obstacle::kind;
    auto rules = gitea::rules_in(object(R"({"protected":true,"required_approvals":1,"enable_status_check":true,
        "status_check_contexts":["build*","lint"],"user_can_merge":true})"));
    EXPECT_TRUE(rules.may_merge);
    auto of = [&](const std::string& statuses, const std::string& reviews = "[]") {
        return gitea::obstacle_in(rules, list(statuses), list(reviews), noon);
    };
    EXPECT_EQ(of("[]").what, kind::checks);
    EXPECT_EQ(of("[]").subject, "build*, lint");
    auto runs = of(R"([{"context":"build-x","status":"pending","created_at":"2026-11-30T11:56:00Z","target_url":"page"},
                       {"context":"lint","status":"success"},{"context":"other","status":"failure"}])");
    EXPECT_EQ(runs.what, kind::checks);
    EXPECT_EQ(runs.subject, "build-x");
    EXPECT_EQ(runs.running, 4min);
    EXPECT_EQ(runs.page, "page");
    auto red = of(R"([{"context":"build-x","status":"error"},{"context":"lint","status":"pending"}])");
    EXPECT_EQ(red.what, kind::red);
    EXPECT_EQ(red.subject, "build-x");
    const std::string green = R"([{"context":"build-x","status":"success"},{"context":"lint","status":"skipped"}])";
    EXPECT_EQ(of(green).what, kind::review);
    EXPECT_EQ(of(green, R"([{"user":{"login":"ann"},"state":"APPROVED","official":false}])").what, kind::review)
        << "whose word does not count";
    EXPECT_EQ(of(green, R"([{"user":{"login":"ann"},"state":"APPROVED","official":true}])").what, kind::none);
    EXPECT_EQ(of(green, R"([{"user":{"login":"ann"},"state":"APPROVED","official":true},
                            {"user":{"login":"ben"},"state":"REQUEST_CHANGES","official":true}])")
                  .subject,
              "ben");
    EXPECT_EQ(of(green, R"([{"user":{"login":"ann"},"state":"REQUEST_CHANGES","official":true,"dismissed":true},
                            {"user":{"login":"ann"},"state":"APPROVED","official":true}])")
                  .what,
              kind::none);
    rules.contexts.clear();
    EXPECT_EQ(of("[]").subject, "CI") << "each has to be good, and there has to be one";
    EXPECT_EQ(of(R"([{"context":"any","status":"pending"}])").subject, "any");
    rules.checks = false;
    EXPECT_EQ(of(R"([{"context":"any","status":"failure"}])").what, kind::review);
    EXPECT_EQ(gitea::obstacle_in(gitea::rules_in(object(R"({"protected":false})")), {}, {}, noon).what, kind::none);
    EXPECT_TRUE(gitea::rules_in({}).may_merge) << "a server that does not say is asked by merging";
    EXPECT_FALSE(gitea::rules_in(object(R"({"user_can_merge":false})")).may_merge);
}

TEST(gitea, the_best_way_to_merge_leaves_the_approved_commits_as_they_are) {
    EXPECT_EQ(gitea::ways_in(object(R"({"allow_squash_merge":true,"allow_merge_commits":true,"allow_rebase":true,
                                        "allow_fast_forward_only_merge":true})")),
              (std::vector<std::string>{"merge", "fast-forward-only", "rebase", "squash"}));
    EXPECT_TRUE(gitea::ways_in({}).empty());
}

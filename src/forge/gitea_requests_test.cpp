#include "forge/testing_requests.hpp"

using namespace persais;
using namespace persais::forge;

namespace {

struct gitea_requests : forge::testing::answered_requests {
    gitea_requests() : answered_requests(kind::gitea) {
        answers["GET " + base] = {.body = R"({"commit":{"id":"tip"}})"};
    }

    static inline const std::string repository = "/repos/acme/team", one = repository + "/pulls/7",
                                    base = repository + "/branches/main", merge_7 = "POST " + one + "/merge";
    static std::string list(int page) {
        return fmt::format("GET {}/pulls?state=all&sort=recentupdate&limit=50&page={}", repository, page);
    }
    static std::string pull(const std::string& members) {
        return R"({"number":7,"html_url":"p","title":"T","head":{"sha":"abc","label":"b","repo_id":1},)"
               R"("base":{"sha":"tip","label":"main","repo_id":1},"merge_base":"tip",)" +
               members + "}";
    }
};

const std::string head(40, 'c');

} // namespace

TEST_F(gitea_requests, are_found_in_the_list_because_no_call_finds_the_newest) {
    answers[list(1)] = {.body = R"([{"number":9,"state":"open","head":{"label":"other","repo_id":1},
                                     "base":{"label":"main","repo_id":1}}])"};
    answers[list(2)] = {.body = "[" + pull(R"("state":"closed","merged":true,"merge_commit_sha":"def")") + "," +
                                R"({"number":8,"state":"open","head":{"label":"b","repo_id":1},
                                     "base":{"label":"main","repo_id":1}}])"};
    auto found = got(all->of_branch("b", "main"));
    ASSERT_TRUE(found);
    ASSERT_EQ(found->size(), 2U);
    EXPECT_EQ(found->at(0).number, 8);
    EXPECT_EQ(found->at(1).merged_as, "def");
    EXPECT_EQ(lines.size(), 2U) << "and no further";
    EXPECT_EQ(http::header(fields[lines.back()], "Authorization"), "token word");
    answers[list(2)] = {.body = "[]"};
    EXPECT_TRUE(got(all->of_branch("b", "main"))->empty());
}

TEST_F(gitea_requests, are_opened_as_drafts_by_their_title_which_ends_one_too) {
    const auto open = "POST " + repository + "/pulls";
    answers[open] = {201, pull(R"("state":"open","draft":true)")};
    auto made = got(all->open({.branch = "b", .base = "main", .title = "T", .body = "B", .draft = true}));
    ASSERT_TRUE(made);
    EXPECT_EQ(sent(open), (boost::json::object{{"head", "b"}, {"base", "main"}, {"title", "WIP: T"}, {"body", "B"}}));
    answers["PATCH " + one] = {201, "{}"};
    EXPECT_TRUE(got(all->end_draft({.number = 7, .title = "WIP: T"})));
    EXPECT_EQ(sent("PATCH " + one), (boost::json::object{{"title", "T"}}));
    answers[open] = {409, R"({"message":"pull request already exists for these targets"})"};
    EXPECT_EQ(got(all->open({.branch = "b", .base = "main"})).error().what, trouble::kind::refused)
        << "then it is looked for";
}

TEST_F(gitea_requests, are_merged_at_the_commit_that_was_shown_and_by_no_other_right) {
    answers[merge_7] = {200, ""};
    answers["GET " + one] = {.body = pull(R"("state":"closed","merged":true,"merge_commit_sha":"def")")};
    EXPECT_EQ(got(all->merge({.number = 7, .head = head}, "merge")).value_or(""), "def");
    EXPECT_EQ(sent(merge_7), (boost::json::object{{"Do", "merge"}, {"head_commit_id", head}}))
        << "nothing is forced, and nothing scheduled: a scheduled merge takes whatever the branch has then";
    answers["GET " + one] = {.body = pull(R"("state":"open")")};
    EXPECT_EQ(got(all->merge({.number = 7, .head = head}, "merge")).error().what, trouble::kind::away);
}

TEST_F(gitea_requests, are_refused_in_giteas_ways) {
    using enum trouble::kind;
    for (auto [status, words, expected] :
         {std::tuple{405, "User not allowed to merge PR", denied},
          {405, "The PR is already merged", moved},
          {405, "There are requested changes", denied},
          {405, "The head branch is behind the base branch", outdated},
          {405, "Does not have enough approvals", refused},
          {405, "Please try again later", refused},
          {405, "squash is not allowed an allowed merge style for this repository", refused},
          {409, "head out of date", moved},
          {409, "merge push out of date", moved},
          {409, "PushRejected with remote message: no", refused},
          {423, "acme/team is archived", refused},
          {403, "token does not have at least one of required scope(s)", denied},
          {401, "invalid username, password or token", denied},
          {500, "", away},
          {502, "", away}}) {
        lines.clear();
        answers[merge_7] = {status, fmt::format(R"({{"message":"{}"}})", words)};
        auto no = got(all->merge({.number = 7, .head = head}, "merge"));
        ASSERT_FALSE(no);
        EXPECT_EQ(no.error().what, expected) << words;
        EXPECT_EQ(times(merge_7), 1) << words;
    }
}

TEST_F(gitea_requests, that_cannot_be_forwarded_are_not_asked_to_be) {
    answers["GET " + one] = {.body = R"({"number":7,"state":"open","merge_base":"old","base":{"sha":"tip"}})"};
    EXPECT_EQ(got(all->merge({.number = 7, .head = head}, "fast-forward-only")).error().what, trouble::kind::outdated);
    EXPECT_EQ(times(merge_7), 0) << "Gitea answers that with 500, as if it were away";
}

TEST_F(gitea_requests, say_what_keeps_them_when_they_are_read) {
    answers["GET " + one] = {.body = pull(R"("state":"open","mergeable":true)")};
    EXPECT_EQ(all->readiness_of(*got(all->read(7))), readiness::ready);
    answers["GET " + base] = {.body = R"({"commit":{"id":"tip"},"protected":true,"required_approvals":1,
        "enable_status_check":true,"status_check_contexts":["build"],"user_can_merge":true})"};
    const auto statuses = "GET " + repository + "/commits/abc/status?limit=50&page=";
    answers[statuses + "1"] = {.body = R"({"statuses":[{"context":"build","status":"success"}]})"};
    answers[statuses + "2"] = {.body = R"({"statuses":[]})"};
    answers["GET " + one + "/reviews?limit=50&page=1"] = {.body = "[]"};
    auto seen = got(all->read(7));
    EXPECT_EQ(all->readiness_of(*seen), readiness::blocked);
    EXPECT_EQ(got(all->obstacle_to(*seen, "main", time_point{}))->what, obstacle::kind::review);
    answers["GET " + base].body = R"({"commit":{"id":"tip"},"user_can_merge":false})";
    seen = got(all->read(7));
    EXPECT_EQ(all->readiness_of(*seen), readiness::blocked);
    EXPECT_EQ(got(all->obstacle_to(*seen, "main", time_point{})).error().what, trouble::kind::denied);
    answers["GET " + base] = {502, "{}"};
    EXPECT_EQ(got(all->read(7)).error().what, trouble::kind::away);
}

TEST_F(gitea_requests, know_the_tip_of_a_branch_and_the_ways_to_merge) {
    EXPECT_EQ(got(all->tip_of("main")).value_or(""), "tip");
    answers["GET " + repository] = {.body = R"({"allow_rebase":true,"allow_squash_merge":true})"};
    EXPECT_EQ(*got(all->ways_to_merge()), (std::vector<std::string>{"rebase", "squash"}));
    EXPECT_EQ(all->name(), "Gitea");
}

TEST_F(gitea_requests, are_closed_and_commented_on_once) {
    answers["GET " + one] = {.body = pull(R"("state":"open")")};
    answers["PATCH " + one] = {201, "{}"};
    EXPECT_TRUE(got(all->close(7)));
    EXPECT_TRUE(got(all->reopen(7)));
    EXPECT_EQ(times("PATCH " + one), 1);
    const auto comments = repository + "/issues/7/comments";
    answers["GET " + comments] = {.body = R"([{"body":"Fine."}])"};
    answers["POST " + comments] = {201, "{}"};
    EXPECT_TRUE(got(all->comment(7, "Deployed.", "persais-17")));
    answers["GET " + comments] = {.body = R"([{"body":"Deployed.\n\n<!-- persais-17 -->"}])"};
    EXPECT_TRUE(got(all->comment(7, "Deployed.", "persais-17")));
    EXPECT_EQ(times("POST " + comments), 1);
}

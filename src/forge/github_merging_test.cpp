#include "forge/testing_requests.hpp"

using namespace persais;
using namespace persais::forge;
using namespace persais::forge::testing;
using enum merging::state;

namespace {

const std::string head(40, 'c');

struct github_merging : forge_requests {
    const std::string begin = "PUT /repos/acme/team/pulls/7/merge-async",
                      look = "GET /repos/acme/team/pulls/7/merge-async/630b9d5e",
                      once = "PUT /repos/acme/team/pulls/7/merge", graphql = "POST /graphql";
    const request seven{.number = 7, .id = "PR_7", .head = head};

    static std::string result(std::string_view status, std::string_view more = {}) {
        return fmt::format(R"({{"status":"{}","details":{{"message":"Words."{}}}}})", status, more);
    }
    outcome<merging> begun() { return got(all->begin_merge(seven, "rebase")); }
    queue_place place(const std::string& node) {
        answers[graphql] = {200, R"({"data":{"node":)" + node + "}}"};
        return *got(all->place_in_queue(seven));
    }
};

} // namespace

TEST_F(github_merging, goes_on_while_nobody_waits_at_the_commit_that_was_shown) {
    answers[begin] = {202, result("pending", R"(,"uuid":"630b9d5e","merge_method":"rebase")")};
    auto it = begun();
    ASSERT_TRUE(it);
    EXPECT_EQ(it->now, under_way);
    EXPECT_EQ(sent(begin),
              (boost::json::object{{"sha", head}, {"merge_method", "rebase"}, {"merge_action", "default"}}));
    answers[look] = {200, result("pending", R"(,"uuid":"630b9d5e")")};
    EXPECT_EQ(got(all->merging_of(seven, it->id))->now, under_way);
    answers[look] = {200, result("merged", R"(,"sha":"def")")};
    EXPECT_EQ(got(all->merging_of(seven, it->id))->now, over) << "the request says what it was merged as";
    answers[look] = {200, result("failed")};
    auto no = got(all->merging_of(seven, it->id));
    EXPECT_EQ(no.error().what, trouble::kind::refused);
    EXPECT_EQ(no.error().sentence, "GitHub does not merge its pull request: Words.");
    answers[look] = {
        200,
        R"({"status":"failed","details":{"message":"Base branch was modified. Review and try the merge again."}})"};
    EXPECT_EQ(got(all->merging_of(seven, it->id)).error().what, trouble::kind::moved);
    answers[look] = {404, R"({"message":"Not Found"})"};
    EXPECT_EQ(got(all->merging_of(seven, it->id))->now, over) << "it is kept for a day";
    answers[look] = {502, ""};
    EXPECT_EQ(got(all->merging_of(seven, it->id)).error().what, trouble::kind::away);
}

TEST_F(github_merging, that_runs_already_is_followed_and_not_begun_again) {
    answers[begin] = {409, result("pending", R"(,"uuid":"630b9d5e")")};
    EXPECT_EQ(begun()->id, "630b9d5e");
    for (const auto* status : {"merged", "enqueued"}) {
        answers[begin] = {200, result(status)};
        EXPECT_EQ(begun()->now, over) << status;
    }
    answers[begin] = {400, result("failed")};
    EXPECT_EQ(begun().error().what, trouble::kind::refused);
}

TEST_F(github_merging, is_one_call_where_a_server_has_no_other) {
    answers[once] = {200, R"({"sha":"def","merged":true})"};
    auto it = begun();
    ASSERT_TRUE(it);
    EXPECT_EQ(it->now, merged);
    EXPECT_EQ(it->commit, "def");
    EXPECT_EQ(lines, (std::vector<std::string>{begin, once}));
    EXPECT_EQ(sent(once), (boost::json::object{{"sha", head}, {"merge_method", "rebase"}}));
}

// D18: whether it was begun is not known, so it is neither begun a second time nor in another way.
TEST_F(github_merging, is_not_tried_twice_whatever_the_answer) {
    for (int status : {429, 500, 502, 503, 401, 403, 422}) {
        lines.clear();
        answers[begin] = {status, R"({"message":"no"})"};
        EXPECT_FALSE(begun());
        EXPECT_EQ(lines, std::vector<std::string>{begin}) << status;
    }
}

TEST_F(github_merging, from_a_queue_says_where_the_request_is) {
    auto at = place(R"({"isMergeQueueEnabled":true,"isInMergeQueue":true,"mergeQueueEntry":{"position":2},
                        "timelineItems":{"nodes":[]}})");
    EXPECT_TRUE(at.required && at.in);
    EXPECT_EQ(at.position, 2);
    at = place(R"({"isMergeQueueEnabled":true,"isInMergeQueue":false,"mergeQueueEntry":null,
                   "timelineItems":{"nodes":[{"reason":"failed_checks"}]}})");
    EXPECT_FALSE(at.in);
    EXPECT_EQ(at.thrown, "failed_checks");
    answers[graphql] = {200, R"({"errors":[{"message":"Field 'isInMergeQueue' doesn't exist"}]})"};
    EXPECT_FALSE(got(all->place_in_queue(seven))->required) << "an older server";
    for (const auto& unseen :
         {written{200, R"({"errors":[{"message":"Something went wrong"}]})"}, written{200, R"({"data":{"node":null}})"},
          written{200, "<html>"}, written{403, R"({"message":"Resource not accessible"})"}}) {
        answers[graphql] = unseen;
        EXPECT_FALSE(got(all->place_in_queue(seven))) << unseen.body << " does not say that it is in none";
    }
    answers[graphql] = {200, R"({"errors":[{"type":"RATE_LIMITED","message":"API rate limit exceeded"}]})"};
    EXPECT_EQ(got(all->place_in_queue(seven)).error().what, trouble::kind::away);
}

TEST_F(github_merging, puts_what_was_shown_into_the_queue_and_takes_it_out) {
    answers[graphql] = {200, R"({"data":{"enqueuePullRequest":{"mergeQueueEntry":{"position":1}}}})"};
    EXPECT_TRUE(got(all->enqueue(seven)));
    EXPECT_EQ(sent(graphql)["variables"], boost::json::value({{"id", "PR_7"}, {"head", head}}));
    answers[graphql] = {200,
                        R"({"data":null,"errors":[{"type":"UNPROCESSABLE","message":"Merge queue is not enabled"}]})"};
    EXPECT_EQ(got(all->enqueue(seven)).error().what, trouble::kind::refused);
    answers[graphql] = {200, R"({"data":{"node":{"isMergeQueueEnabled":true,"isInMergeQueue":false}}})"};
    lines.clear();
    EXPECT_TRUE(got(all->leave_queue(seven)));
    EXPECT_EQ(lines.size(), 1U) << "it is in none";
}

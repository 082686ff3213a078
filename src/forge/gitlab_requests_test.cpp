#include "forge/testing_requests.hpp"

using namespace persais;
using namespace persais::forge;

namespace {

struct gitlab_requests : forge::testing::answered_requests {
    gitlab_requests() : answered_requests(kind::gitlab) {}

    outcome<obstacle> obstacle_named(const std::string& word) {
        return got(all->obstacle_to({.number = 7, .head = "abc", .merge_info = word}, "main", time_point{}));
    }
};

const std::string head(40, 'c'), project = "/projects/acme%2Fteam", one = project + "/merge_requests/7",
                                 merge_7 = "PUT " + one + "/merge",
                                 train_7 = project + "/merge_trains/merge_requests/7";

} // namespace

TEST_F(gitlab_requests, are_found_by_branch_without_those_of_forks) {
    answers["GET " + project +
            "/merge_requests?state=all&order_by=created_at&sort=desc&per_page=100&source_branch=mechanic%2F17-mend"
            "&target_branch=main"] = {.body = R"([
        {"iid":9,"state":"opened","source_project_id":4,"target_project_id":3},
        {"iid":8,"state":"opened","source_project_id":3,"target_project_id":3},
        {"iid":7,"state":"merged","source_project_id":3,"target_project_id":3,"merge_commit_sha":"def"}])"};
    auto found = got(all->of_branch("mechanic/17-mend", "main"));
    ASSERT_TRUE(found);
    ASSERT_EQ(found->size(), 2U);
    EXPECT_EQ(found->at(0).number, 8);
    EXPECT_EQ(found->at(1).merged_as, "def");
    EXPECT_EQ(http::header(fields[lines.back()], "PRIVATE-TOKEN"), "word");
    EXPECT_EQ(all->name(), "GitLab");
    EXPECT_FALSE(all->tells_deployments());
}

TEST_F(gitlab_requests, are_opened_as_drafts_by_their_title_which_ends_one_too) {
    const std::string open = "POST " + project + "/merge_requests";
    answers[open] = {201, R"({"iid":7,"state":"opened","sha":"abc","title":"Draft: T"})"};
    auto made = got(all->open({.branch = "b", .base = "main", .title = "T", .body = "B", .draft = true}));
    ASSERT_TRUE(made);
    EXPECT_EQ(made->head, "abc");
    EXPECT_EQ(sent(open),
              (boost::json::object{
                  {"source_branch", "b"}, {"target_branch", "main"}, {"title", "Draft: T"}, {"description", "B"}}));
    answers["PUT " + one] = {.body = R"({"iid":7})"};
    EXPECT_TRUE(got(all->end_draft(*made)));
    EXPECT_EQ(sent("PUT " + one), (boost::json::object{{"title", "T"}}));
    answers[open] = {409, R"({"message":["Another open merge request already exists for this source branch: !7"]})"};
    made = got(all->open({.branch = "b", .base = "main", .title = "T", .body = "B"}));
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().what, trouble::kind::refused) << "then it is looked for";
    EXPECT_EQ(sent(open).at("title"), "T");
    answers[open] = {201, "<html>"};
    EXPECT_EQ(got(all->open({.branch = "b", .base = "main"})).error().what, trouble::kind::away);
}

TEST_F(gitlab_requests, are_merged_at_the_commit_that_was_shown) {
    answers[merge_7] = {200, R"({"iid":7,"state":"merged","merge_commit_sha":"def"})"};
    auto merged = got(all->merge({.number = 7, .head = head}, "merge"));
    ASSERT_TRUE(merged);
    EXPECT_EQ(*merged, "def");
    EXPECT_EQ(sent(merge_7), (boost::json::object{{"sha", head}, {"squash", false}}));
    EXPECT_TRUE(got(all->merge({.number = 7, .head = head, .title = "T"}, "squash")));
    EXPECT_EQ(sent(merge_7),
              (boost::json::object{{"sha", head}, {"squash", true}, {"squash_commit_message", "T (!7)"}}));
    answers[merge_7] = {200, R"({"iid":7,"state":"locked"})"};
    EXPECT_EQ(got(all->merge({.number = 7, .head = head}, "merge")).error().what, trouble::kind::away)
        << "it is being merged: the next look sees what came of it";
}

TEST_F(gitlab_requests, are_refused_in_gitlabs_ways) {
    using enum trouble::kind;
    for (auto [status, expected] : {std::pair{401, denied},
                                    {403, denied},
                                    {405, refused},
                                    {406, refused},
                                    {409, moved},
                                    {422, refused},
                                    {429, away},
                                    {500, away},
                                    {502, away}}) {
        lines.clear();
        answers[merge_7] = {status, R"({"message":"no"})"};
        auto no = got(all->merge({.number = 7, .head = head}, "merge"));
        ASSERT_FALSE(no);
        EXPECT_EQ(no.error().what, expected) << status;
        EXPECT_EQ(lines.size(), 1U) << "whether it was carried out is not known, so it is not sent a second time here";
    }
    answers[merge_7] = {401, R"({"message":"401 Unauthorized"})"};
    EXPECT_TRUE(got(all->merge({.number = 7, .head = head}, "merge")).error().sentence.contains("role Developer"))
        << "the token was good a moment ago: it is its account that may not merge";
}

TEST_F(gitlab_requests, are_put_into_a_train_where_the_project_has_them) {
    answers["GET " + project] = {.body = R"({"merge_trains_enabled":true,"squash_option":"always"})"};
    auto ways = got(all->ways_to_merge());
    ASSERT_TRUE(ways);
    EXPECT_EQ(*ways, std::vector<std::string>{"train, squash"});
    answers["GET " + one + "/pipelines?per_page=100"] = {.body = "[]"};
    answers["POST " + train_7] = {201, "[]"};
    answers["GET " + one] = {.body = R"({"iid":7,"state":"opened"})"};
    answers["GET " + train_7] = {.body = R"({"id":1,"status":"fresh"})"};
    auto put = got(all->merge({.number = 7, .page = "p", .head = head}, ways->front()));
    ASSERT_FALSE(put);
    EXPECT_EQ(put.error().what, trouble::kind::queued);
    EXPECT_EQ(sent("POST " + train_7), (boost::json::object{{"sha", head}, {"squash", true}}));
    EXPECT_EQ(times(merge_7), 0) << "it would pass the train by";
    answers["GET " + train_7] = {404, "{}"};
    EXPECT_EQ(got(all->merge({.number = 7, .head = head}, "train")).error().what, trouble::kind::refused)
        << "GitLab accepted it, and it is not there";
    answers["GET " + one] = {.body = R"({"iid":7,"state":"merged","merge_commit_sha":"def"})"};
    EXPECT_EQ(got(all->merge({.number = 7, .head = head}, "train")).value_or(""), "def") << "it passed the train by";
    lines.clear();
    answers["GET " + one + "/pipelines?per_page=100"] = {
        .body = R"([{"ref":"refs/merge-requests/7/train","status":"failed","web_url":"page"}])"};
    auto again = got(all->merge({.number = 7, .head = head}, "train"));
    EXPECT_EQ(again.error().what, trouble::kind::denied);
    EXPECT_TRUE(again.error().sentence.contains("page"));
    EXPECT_EQ(times("POST " + train_7), 0);
}

TEST_F(gitlab_requests, say_what_keeps_them) {
    using enum obstacle::kind;
    answers["GET " + one] = {.body = R"({"iid":7,"state":"opened","head_pipeline":{"id":5,"status":"failed"}})"};
    answers["GET " + project + "/pipelines/5/jobs?scope[]=failed&per_page=100"] = {.body = R"([{"name":"lint"}])"};
    EXPECT_EQ(obstacle_named("ci_must_pass")->what, red);
    EXPECT_EQ(obstacle_named("ci_must_pass")->subject, "lint");
    answers["GET " + one] = {.body = R"({"iid":7,"state":"opened","head_pipeline":null})"};
    EXPECT_EQ(obstacle_named("ci_still_running")->what, checks);
    answers["GET " + one + "/reviewers"] = {.body = R"([{"user":{"username":"ann"},"state":"requested_changes"}])"};
    EXPECT_EQ(obstacle_named("requested_changes")->subject, "ann");
    answers.erase("GET " + one + "/reviewers");
    EXPECT_EQ(obstacle_named("requested_changes")->subject, "A reviewer") << "a token may not see who";
    EXPECT_EQ(obstacle_named("not_approved")->what, review);
    EXPECT_EQ(obstacle_named("discussions_not_resolved")->what, discussions);
    EXPECT_EQ(obstacle_named("status_checks_must_pass")->what, checks);
    EXPECT_EQ(obstacle_named("title_regex")->what, policy);
    EXPECT_EQ(obstacle_named("persais:queue")->what, queue);
    auto no_right = obstacle_named("persais:right");
    ASSERT_FALSE(no_right);
    EXPECT_EQ(no_right.error().what, trouble::kind::denied) << "waiting would not help";
}

TEST_F(gitlab_requests, know_the_tip_of_a_branch_and_one_way_to_merge) {
    answers["GET " + project + "/repository/branches/release%2F1"] = {.body = R"({"commit":{"id":"def"}})"};
    EXPECT_EQ(got(all->tip_of("release/1")).value_or(""), "def");
    for (auto [option, way] :
         {std::pair{"never", "merge"}, {"default_off", "merge"}, {"default_on", "merge"}, {"always", "squash"}}) {
        answers["GET " + project] = {.body = fmt::format(R"({{"squash_option":"{}"}})", option)};
        EXPECT_EQ(got(all->ways_to_merge()).value_or(std::vector<std::string>{}), std::vector<std::string>{way})
            << option;
    }
    EXPECT_EQ(got(all->read(8)).error().what, trouble::kind::denied);
}

TEST_F(gitlab_requests, know_their_place_in_the_train) {
    answers["GET " + project] = {.body = R"({"merge_trains_enabled":false})"};
    EXPECT_FALSE(got(all->place_in_queue({.number = 7}))->required);
    answers["GET " + project] = {.body = R"({"merge_trains_enabled":true})"};
    answers["GET " + one + "/pipelines?per_page=100"] = {.body = "[]"};
    auto place = got(all->place_in_queue({.number = 7}));
    EXPECT_TRUE(place->required);
    EXPECT_FALSE(place->in);
    EXPECT_EQ(place->thrown, "");
    answers["GET " + train_7] = {.body = R"({"status":"fresh"})"};
    EXPECT_TRUE(got(all->place_in_queue({.number = 7}))->in);
    for (int status : {403, 429, 500, 502}) {
        answers["GET " + train_7] = {status, "{}"};
        EXPECT_FALSE(got(all->place_in_queue({.number = 7}))) << status << " does not say that it is in none";
    }
    answers["GET " + train_7] = {.body = R"({"status":"merged"})"};
    answers["GET " + one + "/pipelines?per_page=100"] = {
        .body = R"([{"ref":"refs/merge-requests/7/train","status":"failed","web_url":"page"}])"};
    place = got(all->place_in_queue({.number = 7}));
    EXPECT_FALSE(place->in);
    EXPECT_TRUE(place->thrown.contains("page"));
    answers["GET " + one + "/pipelines?per_page=100"] = {.body = "[]"};
    answers["POST " + train_7] = {201, "[]"};
    answers["GET " + one] = {.body = R"({"iid":7,"state":"opened"})"};
    EXPECT_TRUE(got(all->enqueue({.number = 7, .head = head})));
    EXPECT_EQ(times("POST " + train_7), 1);
}

TEST_F(gitlab_requests, leave_the_queue_that_would_merge_them_later) {
    const auto cancel = "POST " + one + "/cancel_merge_when_pipeline_succeeds";
    answers[cancel] = {201, R"({"iid":7})"};
    EXPECT_TRUE(got(all->leave_queue({.number = 7})));
    EXPECT_EQ(times(cancel), 1);
    answers[cancel] = {406, R"({"message":"Can't cancel the automatic merge"})"};
    answers["GET " + one] = {.body = R"({"iid":7,"state":"opened","merge_when_pipeline_succeeds":false})"};
    EXPECT_TRUE(got(all->leave_queue({.number = 7}))) << "it is in none";
    answers[cancel] = {401, R"({"message":"401 Unauthorized"})"};
    EXPECT_TRUE(got(all->leave_queue({.number = 7}))) << "whatever the token may not";
    answers["GET " + one] = {.body = R"({"iid":7,"state":"opened","merge_when_pipeline_succeeds":true})"};
    EXPECT_FALSE(got(all->leave_queue({.number = 7}))) << "it would be merged after all";
    answers["GET " + one] = {.body = R"({"iid":7,"state":"locked","merge_when_pipeline_succeeds":true})"};
    EXPECT_EQ(got(all->leave_queue({.number = 7})).error().what, trouble::kind::away)
        << "it is being merged: what came of that is seen later";
    lines.clear();
    EXPECT_FALSE(got(all->leave_queue({.number = 7, .merge_info = "persais:merging"})));
    EXPECT_TRUE(lines.empty());
    answers["GET " + one] = {.body = R"({"iid":7,"state":"merged"})"};
    EXPECT_TRUE(got(all->leave_queue({.number = 7})));
}

TEST_F(gitlab_requests, are_closed_and_reopened_when_they_are_not_so_already) {
    answers["GET " + one] = {.body = R"({"iid":7,"state":"opened"})"};
    answers["PUT " + one] = {.body = R"({"iid":7})"};
    EXPECT_TRUE(got(all->close(7)));
    EXPECT_EQ(sent("PUT " + one), (boost::json::object{{"state_event", "close"}}));
    EXPECT_TRUE(got(all->reopen(7)));
    EXPECT_EQ(times("PUT " + one), 1);
    answers["GET " + one] = {.body = R"({"iid":7,"state":"merged"})"};
    EXPECT_TRUE(got(all->close(7)));
    EXPECT_TRUE(got(all->reopen(7)));
    EXPECT_EQ(times("PUT " + one), 1) << "what is merged is neither";
}

TEST_F(gitlab_requests, are_commented_on_once) {
    const auto notes = one + "/notes", list = "GET " + notes + "?sort=desc&per_page=100&page=1";
    answers[list] = {.body = R"([{"body":"Fine."}])"};
    answers["GET " + notes + "?sort=desc&per_page=100&page=2"] = {.body = "[]"};
    answers["POST " + notes] = {201, R"({"id":1})"};
    EXPECT_TRUE(got(all->comment(7, "Deployed.", "persais-17")));
    EXPECT_EQ(sent("POST " + notes), (boost::json::object{{"body", "Deployed.\n\n<!-- persais-17 -->"}}));
    answers[list] = {.body = R"([{"body":"Deployed.\n\n<!-- persais-17 -->"}])"};
    EXPECT_TRUE(got(all->comment(7, "Deployed.", "persais-17")));
    EXPECT_EQ(times("POST " + notes), 1);
}

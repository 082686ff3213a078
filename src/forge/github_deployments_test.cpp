#include "forge/github_deployments.hpp"
#include "forge/testing_requests.hpp"

using namespace persais;
using namespace persais::forge;
using namespace persais::forge::testing;
using enum deployment_seen::state;
namespace json = boost::json;

namespace {

const std::string commit(40, 'c'), other(40, 'e');

json::array list(const std::string& text) {
    return json::parse(text).as_array();
}
deployment_seen deployed(const std::string& statuses) {
    return deployment_in(json::parse(R"({"id":5,"sha":"abc","environment":"production"})").as_object(), list(statuses));
}
deployment_seen ran(const std::string& runs, const std::string& suites = "[]") {
    return runs_in(list(runs), list(suites), "main");
}

struct deployments : forge_requests {
    std::string of(const std::string& filter) {
        return fmt::format("GET /repos/acme/team/deployments?{}environment=live%2Feu&per_page=1", filter);
    }
    const std::string ours = of("sha=" + commit + "&"), newest = of("");
    void says(int id, const std::string& state) {
        answers[fmt::format("GET /repos/acme/team/deployments/{}/statuses?per_page=100", id)] = {
            .body = fmt::format(R"([{{"state":"{}"}}])", state)};
    }
    outcome<deployment_seen> look() { return got(all->deployment_of({commit, "main", "live/eu"})); }
};

} // namespace

TEST(github_deployment, is_what_its_newest_status_says) {
    EXPECT_EQ(deployed("[]").how, under_way) << "it was asked for, and nobody has said anything yet";
    for (auto [word, expected] : {std::pair{"success", well},
                                  {"failure", unwell},
                                  {"error", unwell},
                                  {"pending", under_way},
                                  {"queued", under_way},
                                  {"in_progress", under_way}})
        EXPECT_EQ(deployed(fmt::format(R"([{{"state":"{}"}},{{"state":"in_progress"}}])", word)).how, expected) << word;
    auto seen = deployed(R"([{"state":"inactive"},{"state":"success","log_url":"https://ci.example/1"}])");
    EXPECT_EQ(seen.how, well) << "a later one took its place";
    EXPECT_EQ(seen.commit, "abc");
    EXPECT_EQ(seen.subject, "production");
}

TEST(github_runs, are_well_when_all_of_them_are) {
    EXPECT_EQ(ran("[]").how, nothing);
    EXPECT_EQ(ran(R"([{"name":"build","status":"completed","conclusion":"success"},
                      {"name":"docs","status":"completed","conclusion":"skipped"}])")
                  .how,
              well);
    auto open = ran(R"([{"name":"build","status":"completed","conclusion":"success"},
                        {"name":"ship","status":"queued","html_url":"https://ci.example/2"}])");
    EXPECT_EQ(open.how, under_way);
    EXPECT_EQ(open.subject, "ship");
    EXPECT_EQ(open.page, "https://ci.example/2");
    auto failed = ran(R"([{"name":"ship","status":"in_progress"},
                          {"name":"build","status":"completed","conclusion":"timed_out"}])");
    EXPECT_EQ(failed.how, unwell) << "what failed decides, whatever still runs";
    EXPECT_EQ(failed.subject, "build");
    EXPECT_EQ(ran(R"([{"name":"ship","status":"completed","conclusion":"success"},
                      {"name":"ship","status":"completed","conclusion":"failure"}])")
                  .how,
              well)
        << "it was run again";
    EXPECT_EQ(ran(R"([{"name":"ship","status":"completed","conclusion":"cancelled"}])").how, cancelled)
        << "which says nothing about the commit";
    EXPECT_EQ(ran(R"([{"name":"ship","status":"completed","conclusion":"cancelled"},
                      {"name":"build","status":"completed","conclusion":"success"}])")
                  .how,
              cancelled);
    EXPECT_EQ(ran(R"([{"name":"ship","status":"completed","conclusion":"cancelled"},
                      {"name":"build","status":"queued"}])")
                  .how,
              under_way);
}

TEST(github_runs, count_suites_of_other_apps_that_say_something_about_the_branch) {
    auto suite = [](std::string_view slug, std::string_view branch, int runs) {
        return fmt::format(R"([{{"app":{{"slug":"{}","name":"CI"}},"head_branch":"{}","status":"completed",
                              "conclusion":"failure","latest_check_runs_count":{}}}])",
                           slug, branch, runs);
    };
    EXPECT_EQ(ran("[]", suite("other-ci", "main", 1)).how, unwell);
    EXPECT_EQ(ran("[]", suite("other-ci", "main", 0)).how, nothing) << "each app with the right to has one";
    EXPECT_EQ(ran("[]", suite("other-ci", "topic", 1)).how, nothing);
    EXPECT_EQ(ran("[]", suite("github-actions", "main", 1)).how, nothing) << "its runs are listed already";
}

TEST_F(deployments, of_the_commit_come_first_and_then_a_later_one_that_went_well) {
    answers[ours] = answers[newest] = {.body = "[]"};
    EXPECT_TRUE(all->tells_deployments());
    EXPECT_EQ(look()->how, nothing);
    answers[newest] = {.body = fmt::format(R"([{{"id":6,"sha":"{}","environment":"live/eu"}}])", other)};
    says(6, "in_progress");
    EXPECT_EQ(look()->how, nothing);
    says(6, "success");
    EXPECT_EQ(look()->commit, other) << "whether it has ours behind it, others find out";
    answers[ours] = {.body = fmt::format(R"([{{"id":5,"sha":"{}","environment":"live/eu"}}])", commit)};
    says(5, "success");
    EXPECT_EQ(look()->commit, commit);
    answers[ours] = {403,
                     R"({"message":"Resource not accessible by personal access token"})",
                     {{"X-Accepted-GitHub-Permissions", "deployments=read"}}};
    EXPECT_EQ(look().error().sentence,
              "GitHub does not let this token show its deployments: Resource not accessible by "
              "personal access token. It needs: deployments=read.");
}

TEST_F(deployments, are_not_sent_again_while_they_are_the_same) {
    answers[ours] = {.body = fmt::format(R"([{{"id":5,"sha":"{}","environment":"live/eu"}}])", commit),
                     .fields = {{"ETag", "\"one\""}}};
    says(5, "success");
    EXPECT_EQ(look()->how, well);
    EXPECT_EQ(http::header(fields[ours], "If-None-Match"), "");
    answers[ours] = {304, ""};
    EXPECT_EQ(look()->how, well) << "as it was";
    EXPECT_EQ(http::header(fields[ours], "If-None-Match"), "\"one\"");
}

TEST_F(deployments, without_an_environment_are_the_runs_of_the_commit_on_its_branch) {
    const auto runs =
        fmt::format("GET /repos/acme/team/actions/runs?head_sha={}&branch=release%2F1&per_page=100", commit);
    answers[runs] = {
        .body = R"({"total_count":1,"workflow_runs":[{"name":"ship","status":"completed","conclusion":"success"}]})"};
    answers[fmt::format("GET /repos/acme/team/commits/{}/check-suites?per_page=100", commit)] = {
        .body = R"({"total_count":0,"check_suites":[]})"};
    EXPECT_EQ(got(all->deployment_of({commit, "release/1", ""}))->how, well);
    answers[runs] = {502, ""};
    EXPECT_EQ(got(all->deployment_of({commit, "release/1", ""})).error().what, trouble::kind::away);
}

#include "forge/github_answers.hpp"
#include "forge/limits.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

using namespace persais;
using namespace persais::forge;
using namespace std::chrono_literals;
namespace json = boost::json;

namespace {

json_api::reply reply(int status, const std::string& body, http::headers fields = {}) {
    return {.status = status, .fields = std::move(fields), .body = json::parse(body)};
}
json::array list(const std::string& text) {
    return json::parse(text).as_array();
}
std::string said(int status, const std::string& body) {
    return trouble_in(reply(status, body), "merge its pull request").sentence;
}
const time_point noon = *time_in("2026-11-30T12:00:00Z");

} // namespace

TEST(github, a_request_is_open_closed_or_merged) {
    auto open = request_in(json::parse(R"({"number":7,"html_url":"p","node_id":"n","state":"open","draft":true,
        "head":{"sha":"abc"},"merged_at":null,"merge_commit_sha":"test-merge","mergeable_state":"blocked"})")
                               .as_object());
    EXPECT_EQ(open.number, 7);
    EXPECT_EQ(open.head, "abc");
    EXPECT_TRUE(open.draft);
    EXPECT_EQ(open.now, request::state::open);
    EXPECT_EQ(open.merged_as, "") << "before the merge that commit is only GitHub's trial";
    auto closed = request_in(json::parse(R"({"number":7,"state":"closed","merged_at":null})").as_object());
    EXPECT_EQ(closed.now, request::state::closed);
    auto merged = request_in(
        json::parse(R"({"number":7,"state":"closed","merged_at":"2026-11-30T12:00:00Z","merge_commit_sha":"def"})")
            .as_object());
    EXPECT_EQ(merged.now, request::state::merged) << "a list has no member `merged`";
    EXPECT_EQ(merged.merged_as, "def");
}

TEST(github, what_it_says_of_a_request_decides_whether_it_is_asked_to_merge) {
    using enum readiness;
    for (auto [word, expected] : {std::pair{"clean", ready},
                                  {"unstable", ready},
                                  {"has_hooks", ready},
                                  {"dirty", conflict},
                                  {"behind", outdated},
                                  {"blocked", blocked},
                                  {"unknown", unknown},
                                  {"", unknown},
                                  {"something new", unknown}})
        EXPECT_EQ(readiness_of({.merge_info = word}), expected) << word;
}

TEST(github, how_long_it_wants_to_be_left_alone_is_told) {
    const std::string limited = R"({"message":"API rate limit exceeded for user ID 1."})";
    auto pause = [&](http::headers fields) { return trouble_in(reply(403, limited, std::move(fields)), "x"); };
    auto primary = pause({{"X-RateLimit-Remaining", "0"},
                          {"X-RateLimit-Reset", "1796040300"},
                          {"Date", "Mon, 30 Nov 2026 12:00:00 GMT"}});
    EXPECT_EQ(primary.retry_after, 301s) << "by GitHub's own clock";
    EXPECT_EQ(primary.sentence, "GitHub takes no more requests of this token for 6 min; then it is asked again.");
    EXPECT_EQ(pause({{"Retry-After", "7"}, {"X-RateLimit-Remaining", "0"}}).retry_after, 7s) << "the secondary one";
    EXPECT_EQ(pause({{"X-RateLimit-Remaining", "0"}}).retry_after, limits::forge_retry_default);
    EXPECT_EQ(
        pause({{"X-RateLimit-Remaining", "0"}, {"X-RateLimit-Reset", "1796040300"}, {"Date", "soon"}}).retry_after,
        limits::forge_retry_default);
    EXPECT_EQ(
        pause({{"X-RateLimit-Remaining", "0"}, {"X-RateLimit-Reset", "1"}, {"Date", "Mon, 30 Nov 2026 12:00:00 GMT"}})
            .retry_after,
        1s);
    auto graphql = trouble_in(reply(200, R"({"errors":[{"type":"RATE_LIMITED","message":"no"}]})"), "x");
    EXPECT_EQ(graphql.what, trouble::kind::away);
}

TEST(github, what_a_token_lacks_is_told) {
    auto denied = [](int status, http::headers fields) {
        return trouble_in(reply(status, R"({"message":"No."})", std::move(fields)), "merge").sentence;
    };
    EXPECT_EQ(denied(403, {{"X-Accepted-GitHub-Permissions", "pull_requests=write; contents=write"}}),
              "GitHub does not let this token merge: No. It needs: pull_requests=write; contents=write.");
    EXPECT_EQ(denied(403, {{"X-OAuth-Scopes", "read:org"}, {"X-Accepted-OAuth-Scopes", "repo"}}),
              "GitHub does not let this token merge: No. It has the scopes: read:org; this takes one of: repo.");
    EXPECT_EQ(denied(404, {{"x-oauth-scopes", ""}, {"X-Accepted-OAuth-Scopes", "repo"}}),
              "GitHub does not let this token merge: No. It has the scopes: none; this takes one of: repo.")
        << "what a classic token may not see is not there for it";
    EXPECT_TRUE(
        denied(404, {{"X-OAuth-Scopes", "repo, workflow"}, {"X-Accepted-OAuth-Scopes", "repo"}}).contains("renamed"));
    EXPECT_EQ(denied(403, {{"X-GitHub-SSO", "required; url=https://github.example/sso"}}),
              "GitHub does not let this token merge: No. Its owner has to authorize it for the organisation: "
              "https://github.example/sso");
    EXPECT_TRUE(denied(403, {}).contains("`Pull requests` and `Contents`"));
    EXPECT_EQ(said(403, R"({"message":"Repository was archived so is read-only."})"),
              "GitHub has the repository in its archive: nothing in it can be changed.");
}

TEST(github, a_queue_alone_is_no_missing_review) {
    gate of;
    require_by_rules(of, list(R"([{"type":"merge_queue","parameters":{}}])"));
    EXPECT_EQ(obstacle_in(of, {}, {}, "", noon).what, obstacle::kind::review) << "how many it takes is not known";
    of.approvals = 1;
    EXPECT_EQ(obstacle_in(of, {}, {}, "", noon).what, obstacle::kind::review);
    EXPECT_EQ(obstacle_in(of, {}, {.approvals = 1, .against = {}}, "", noon).what, obstacle::kind::none);
}

TEST(github, why_it_refuses_is_told_in_its_words) {
    using enum trouble::kind;
    EXPECT_EQ(said(422, R"({"message":"Validation Failed","errors":[{"resource":"PullRequest","code":"custom",
        "message":"No commits between main and topic"}]})"),
              "GitHub does not merge its pull request (422): Validation Failed: No commits between main and topic.");
    EXPECT_EQ(said(422, R"({"message":"Unprocessable Entity","errors":["Can not approve"]})"),
              "GitHub does not merge its pull request (422): Unprocessable Entity: Can not approve.");
    auto denied_one = trouble_in(reply(403, R"({"message":"Resource not accessible by personal access token"})"), "x");
    EXPECT_EQ(denied_one.what, denied);
    EXPECT_TRUE(denied_one.sentence.contains("Resource not accessible")) << denied_one.sentence;
    EXPECT_EQ(trouble_in(reply(404, R"({"message":"Not Found"})"), "x").what, denied);
    EXPECT_EQ(trouble_in(reply(405, R"({"message":"Pull Request is not mergeable"})"), "x").what, refused);
    EXPECT_EQ(
        trouble_in(reply(409, R"({"message":"Head branch was modified. Review and try the merge again."})"), "x").what,
        moved);
    EXPECT_EQ(
        trouble_in(reply(405, R"({"message":"Base branch was modified. Review and try the merge again."})"), "x").what,
        moved)
        << "the same status as what can never be merged";
    EXPECT_LE(said(422, R"({"message":")" + std::string(5000, 'x') + "\"}").size(), limits::forge_words_bytes + 100);
    EXPECT_FALSE(said(422, R"({"message":"a\u001b[31mb"})").contains('\x1b')) << "it goes to a terminal";
}

TEST(github, what_may_pass_is_away_for_as_long_as_it_says) {
    using enum trouble::kind;
    auto away_for = [](int status, http::headers fields, const char* message = "x") {
        auto t = trouble_in(reply(status, std::string(R"({"message":")") + message + "\"}", std::move(fields)), "x");
        EXPECT_EQ(t.what, away) << status << message;
        return t.retry_after;
    };
    EXPECT_EQ(away_for(502, {}), std::nullopt);
    EXPECT_EQ(away_for(503, {{"Retry-After", "30"}}), 30s);
    EXPECT_EQ(away_for(429, {}), limits::forge_retry_default);
    EXPECT_EQ(away_for(403, {{"Retry-After", "7"}}), 7s) << "a secondary limit";
    EXPECT_EQ(away_for(403, {{"X-RateLimit-Remaining", "0"}}), limits::forge_retry_default);
    EXPECT_EQ(away_for(403, {}, "You have exceeded a secondary rate limit"), limits::forge_retry_default);
    EXPECT_EQ(away_for(503, {{"Retry-After", "999999999"}}), limits::forge_retry_most);
    EXPECT_EQ(away_for(503, {{"Retry-After", "Wed, 21 Oct 2026 07:28:00 GMT"}}), std::nullopt);
    EXPECT_EQ(trouble_of({refusal::kind::unreached, "no way", 0}).what, away);
    EXPECT_EQ(trouble_of({refusal::kind::wrong_token, "", 401}).what, denied);
}

TEST(github, of_each_check_the_newest_counts_whatever_kind_it_is) {
    auto all = checks_in(list(R"([{"name":"build","conclusion":"failure","html_url":"new"},
                                  {"name":"build","conclusion":"success","html_url":"old"},
                                  {"name":"lint","status":"in_progress","conclusion":null,"started_at":"2026-11-30T11:56:00Z"},
                                  {"name":"docs","conclusion":"skipped"},{"name":"odd","conclusion":"startup_failure"}])"),
                         list(R"([{"context":"deploy","state":"pending"},{"context":"style","state":"error"},
                                  {"context":"size","state":"success"}])"));
    std::map<std::string, check_seen::state> seen;
    for (auto& each : all)
        seen[each.name] = each.how;
    using enum check_seen::state;
    EXPECT_EQ(seen, (std::map<std::string, check_seen::state>{{"build", red},
                                                              {"lint", running},
                                                              {"docs", green},
                                                              {"odd", red},
                                                              {"deploy", running},
                                                              {"style", red},
                                                              {"size", green}}));
}

TEST(github, a_branch_and_its_rules_say_what_is_required) {
    gate g;
    require_by_branch(g,
                      json::parse(R"({"protection":{"required_status_checks":{"contexts":["build"]}}})").as_object());
    require_by_branch(g, json::parse(R"({"protection":{"enabled":false}})").as_object());
    require_by_rules(g, list(R"([{"type":"required_status_checks","parameters":{"required_status_checks":
        [{"context":"build"},{"context":"lint","integration_id":5}]}},
        {"type":"pull_request","parameters":{"required_approving_review_count":2}},{"type":"deletion"},"?"])"));
    EXPECT_EQ(g.required, (std::vector<std::string>{"build", "lint"}));
    EXPECT_EQ(g.approvals, 2);
}

TEST(github, of_each_reviewer_the_newest_word_counts) {
    auto seen = reviews_in(list(R"([{"user":{"login":"ann"},"state":"CHANGES_REQUESTED"},
        {"user":{"login":"ann"},"state":"APPROVED"},{"user":{"login":"ann"},"state":"COMMENTED"},
        {"user":{"login":"ben"},"state":"APPROVED"},{"user":{"login":"ben"},"state":"DISMISSED"},{"user":null}])"));
    EXPECT_EQ(seen.approvals, 1);
    EXPECT_EQ(seen.against, "");
    EXPECT_EQ(reviews_in(list(R"([{"user":{"login":"eve"},"state":"CHANGES_REQUESTED"}])")).against, "eve");
}

TEST(github, the_first_thing_that_a_person_can_do_something_about_is_told) {
    using state = check_seen::state;
    using enum obstacle::kind;
    gate g{{"build", "lint"}, 1};
    check_seen build{"build", state::running, "https://ci/1", noon - 4min}, lint{"lint", state::green, ""};
    auto why = obstacle_in(g, {build, lint}, {}, "", noon);
    EXPECT_EQ(why.what, checks);
    EXPECT_EQ(why.subject, "build");
    EXPECT_EQ(why.page, "https://ci/1");
    EXPECT_EQ(why.running, 4min);
    EXPECT_EQ(obstacle_in(g, {lint}, {}, "", noon).subject, "build") << "it has not come yet";
    EXPECT_EQ(obstacle_in(g, {}, {}, "https://runs/1", noon).what, runs) << "it cannot come before somebody lets it";
    EXPECT_EQ(obstacle_in(g, {}, {}, "https://runs/1", noon).page, "https://runs/1");
    lint.how = state::red;
    EXPECT_EQ(obstacle_in(g, {build, lint}, {}, "https://runs/1", noon).what, red);
    EXPECT_EQ(obstacle_in(g, {build, lint}, {}, "", noon).subject, "lint");
    build.how = lint.how = state::green;
    EXPECT_EQ(obstacle_in(g, {build, lint}, {}, "", noon).what, review);
    EXPECT_EQ(obstacle_in(g, {build, lint}, {0, "eve"}, "", noon).what, changes_wanted);
    EXPECT_EQ(obstacle_in(g, {build, lint, {"extra", state::red, ""}}, {}, "", noon).what, review)
        << "what is not required keeps nothing back";
}

TEST(github, a_time_is_read_as_it_is_written) {
    EXPECT_EQ(noon.time_since_epoch(), 1796040000s);
    EXPECT_FALSE(time_in("yesterday"));
    EXPECT_FALSE(time_in(""));
}

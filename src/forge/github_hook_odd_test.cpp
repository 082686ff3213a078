// Calls that a webhook may bring and that nobody counts on: of other events, of other shapes, with other signatures.
#include "forge/written.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

using namespace persais;
using namespace persais::forge;

namespace {

const std::string at_noon = R"("2026-11-30T12:00:00Z")";

http::headers of_event(std::string event) {
    return {{"X-GitHub-Event", std::move(event)}, {"X-GitHub-Delivery", "d-1"}};
}

/// What a call with these members asks for; fails where it is no call.
std::optional<written> heard(std::string event, const std::string& members) {
    auto came = github_call(of_event(std::move(event)), R"({"repository":{"full_name":"acme/team"},)" + members + "}");
    EXPECT_TRUE(came) << members;
    return came ? came->what : std::nullopt;
}

std::optional<written> comment_with(const std::string& id, const std::string& number, const std::string& at = at_noon) {
    return heard("issue_comment",
                 fmt::format(R"("action":"created","issue":{{"number":{}}},"comment":{{"id":{},"created_at":{}}})",
                             number, id, at));
}

http::headers signed_with(std::string text) {
    return {{"X-Hub-Signature-256", std::move(text)}};
}

const std::string right_digits = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

} // namespace

TEST(signed_by_github, in_no_other_form) {
    const secret key("It's a Secret to Everybody");
    auto upper = right_digits;
    for (auto& c : upper)
        if (c >= 'a' && c <= 'f') c = static_cast<char>(c - 'a' + 'A');
    auto one_off = right_digits;
    one_off.back() = '8';
    for (const auto& text :
         {right_digits, "sha1=" + right_digits, "SHA256=" + right_digits, "sha256:" + right_digits,
          "sha256= " + right_digits, "sha256=" + right_digits + "00", "sha256=" + right_digits + "\n",
          "sha256=" + upper, "sha256=" + one_off, "sha256=" + std::string(64, '0'), std::string("sha256="),
          "sha256=" + right_digits + ",sha256=" + right_digits, std::string(71, 'x'),
          "sha256=" + std::string(63, 'a') + std::string(1, '\0')})
        EXPECT_FALSE(signed_by_github(key, "Hello, World!", signed_with(text))) << text;
    EXPECT_TRUE(signed_by_github(key, "Hello, World!", signed_with("sha256=" + right_digits)));
    EXPECT_TRUE(signed_by_github(key, "Hello, World!", {{"x-hub-signature-256", "sha256=" + right_digits}}))
        << "names of fields have no case";
    EXPECT_FALSE(signed_by_github(key, "Hello, World!", {{"X-Hub-Signature", "sha256=" + right_digits}}))
        << "the field of old, which was SHA-1";
    EXPECT_FALSE(signed_by_github(key, "", signed_with("sha256=" + right_digits)));
    EXPECT_FALSE(signed_by_github(key, std::string("Hello, World!\0", 14), signed_with("sha256=" + right_digits)));
}

TEST(has_github_signature, tells_by_the_form_alone_whether_a_body_is_worth_reading) {
    EXPECT_TRUE(has_github_signature(signed_with("sha256=" + std::string(64, 'z')))) << "the bytes decide later";
    for (const auto& text : {std::string(), std::string("sha256="), "sha256=" + right_digits + "0",
                             "sha256=" + right_digits.substr(1), "sha512" + std::string(65, '0'), right_digits})
        EXPECT_FALSE(has_github_signature(signed_with(text))) << text;
    EXPECT_FALSE(has_github_signature({}));
}

TEST(github_call, asks_for_nothing_by_other_actions_and_events) {
    const std::string issue = R"("issue":{"number":3,"title":"t","body":"@persais do","created_at":)" + at_noon + "}";
    const std::string review =
        R"("pull_request":{"number":4},"review":{"id":9,"body":"b","submitted_at":)" + at_noon + "}";
    const std::string suite =
        R"("check_suite":{"head_sha":"c0ffee","head_branch":"b","conclusion":"failure","updated_at":)" + at_noon + "}";
    struct {
        std::string event, action, rest;
        bool asks;
    } const all[] = {
        {"issues", "opened", issue, true},
        {"issues", "edited", issue, false},
        {"issues", "closed", issue, false},
        {"issues", "transferred", issue, false},
        {"issues", "OPENED", issue, false},
        {"issues", "", issue, false},
        {"Issues", "opened", issue, false},
        {"", "opened", issue, false},
        {"issue_comment", "created", issue, false},
        {"pull_request", "opened", R"("pull_request":{"number":4,"body":"@persais do"})", false},
        {"pull_request_review", "submitted", review, true},
        {"pull_request_review", "edited", review, false},
        {"pull_request_review", "dismissed", review, false},
        {"pull_request_review_comment", "created", R"("pull_request":{"number":4},"comment":{"id":5})", false},
        {"pull_request_review_thread", "resolved", R"("pull_request":{"number":4})", false},
        {"check_suite", "completed", suite, true},
        {"check_suite", "requested", suite, false},
        {"check_suite", "rerequested", suite, false},
        {"check_run", "completed", R"("check_run":{"conclusion":"failure","head_sha":"c0ffee"})", false},
        {"workflow_run", "completed", R"("workflow_run":{"conclusion":"failure","head_sha":"c0ffee"})", false},
        {"push", "", R"("ref":"refs/heads/main","head_commit":{"message":"@persais do"})", false},
        {"commit_comment", "created", R"("comment":{"id":5,"body":"@persais do"})", false},
        {"discussion_comment", "created", R"("comment":{"id":5,"body":"@persais do"})", false},
    };
    for (const auto& each : all)
        EXPECT_EQ(heard(each.event, fmt::format(R"("action":"{}",)", each.action) + each.rest).has_value(), each.asks)
            << each.event << " " << each.action;
}

TEST(github_call, of_an_issue_and_of_a_review) {
    auto issue = heard("issues", R"("action":"opened","issue":{"number":3,"title":"Sum","body":null,"created_at":)" +
                                     at_noon + R"(,"user":{"login":"ann","type":"User"}})");
    ASSERT_TRUE(issue);
    EXPECT_EQ((std::tuple(issue->what, issue->id, issue->number, issue->text, issue->by_bot)),
              (std::tuple(written::kind::issue, "3", 3, "Sum\n", false)))
        << "an issue without words has no body";
    auto review = heard("pull_request_review", R"("action":"submitted","pull_request":{"number":4},)"
                                               R"("review":{"id":9,"body":"Nearly","submitted_at":)" +
                                                   at_noon + R"(,"user":{"login":"x[bot]","type":"Bot"}})");
    ASSERT_TRUE(review);
    EXPECT_EQ((std::tuple(review->what, review->id, review->number, review->at, review->by_bot)),
              (std::tuple(written::kind::review, "9", 4, "2026-11-30T12:00:00Z", true)));
}

TEST(github_call, with_numbers_that_are_none_asks_for_nothing) {
    ASSERT_TRUE(comment_with("345", "12"));
    EXPECT_EQ(comment_with("9007199254740993", "2147483647")->id, "9007199254740993") << "more than a double holds";
    for (auto number : {"0", "-12", "12.0", "1e1", "\"12\"", "null", "true", "[12]", "2147483648", "4294967308",
                        "9223372036854775807", "18446744073709551615", "1e400"})
        EXPECT_FALSE(comment_with("345", number)) << number;
    for (auto id : {"0", "-5", "5.5", "\"5\"", "null", "{}", "18446744073709551615", "1e30"})
        EXPECT_FALSE(comment_with(id, "12")) << id;
    for (auto at : {"null", "\"\"", "1764504000", "[]", "\"yesterday\"", "\"2026-13-01T00:00:00Z\""})
        EXPECT_FALSE(comment_with("345", "12", at)) << at;
}

TEST(github_call, with_members_of_another_kind_asks_for_nothing) {
    for (auto members : {
             R"("action":"created","issue":null,"comment":{"id":1})",
             R"("action":"created","issue":{"number":3},"comment":null)",
             R"("action":"created","issue":[{"number":3}],"comment":[])",
             R"("action":["created"],"issue":{"number":3},"comment":{"id":1,"created_at":"x"})",
             R"("action":null,"issue":{"number":3},"comment":{"id":1,"created_at":"x"})",
             R"("issue":{"number":3},"comment":{"id":1,"created_at":"x"})",
         })
        EXPECT_FALSE(heard("issue_comment", members)) << members;
    auto odd =
        heard("issue_comment", R"("action":"created","issue":{"number":3},"comment":{"id":1,"body":["@persais"],)"
                               R"("user":"ann","created_at":)" +
                                   at_noon + "}");
    ASSERT_TRUE(odd);
    EXPECT_EQ((std::pair(odd->text, odd->by_bot)), (std::pair(std::string(), false))) << "which names nobody";
}

TEST(github_call, of_a_status_names_a_branch_and_a_commit) {
    auto status = [](std::string state, std::string branches, std::string sha = R"("c0ffee")") {
        return heard("status", fmt::format(R"("state":"{}","branches":{},"sha":{},"updated_at":{})", state, branches,
                                           sha, at_noon));
    };
    const std::string ours = R"([{"name":"mechanic/7-x"}])";
    auto came = status("failure", ours);
    ASSERT_TRUE(came);
    EXPECT_EQ((std::tuple(came->what, came->id, came->number)), (std::tuple(written::kind::red, "c0ffee", 0)));
    for (auto state : {"success", "pending", "", "FAILURE"})
        EXPECT_FALSE(status(state, ours)) << state;
    for (auto branches : {"[]", "null", "[null]", R"(["mechanic/7-x"])", R"({"name":"mechanic/7-x"})", "[[]]"})
        EXPECT_FALSE(status("failure", branches)) << branches;
    EXPECT_FALSE(status("failure", ours, "null"));
    EXPECT_FALSE(status("failure", R"([{"name":null}])")) << "a red of no branch cannot be found again";
}

TEST(github_call, that_no_forge_would_send) {
    auto deep = [](int levels) {
        return R"({"repository":{"full_name":"a/b"},"x":)" + std::string(levels, '[') + std::string(levels, ']') + "}";
    };
    EXPECT_TRUE(github_call(of_event("ping"), deep(20)));
    EXPECT_FALSE(github_call(of_event("ping"), deep(10'000))) << "and the stack is whole";
    const std::string whole = R"({"repository":{"full_name":"a/b"}})";
    for (std::size_t bytes = 0; bytes < whole.size(); ++bytes)
        EXPECT_FALSE(github_call(of_event("ping"), whole.substr(0, bytes))) << bytes;
    EXPECT_FALSE(github_call(of_event("ping"), whole + whole)) << "two of them";
    for (auto repository : {"null", "[]", R"("a/b")", R"({"full_name":7})", R"({"name":"b"})"})
        EXPECT_FALSE(github_call(of_event("ping"), fmt::format(R"({{"repository":{}}})", repository))) << repository;
    EXPECT_FALSE(github_call({{"X-GitHub-Event", "ping"}, {"X-GitHub-Delivery", ""}}, whole));
    EXPECT_FALSE(github_call(of_event("ping"), "{\"repository\":{\"full_name\":\"a\xff/b\"}}")) << "it is not UTF-8";
}

#include "forge/written.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

using namespace persais;
using namespace persais::forge;

namespace {

http::headers fields(std::string event, std::string signature = "") {
    return {{"X-GitHub-Event", std::move(event)}, {"X-GitHub-Delivery", "d-1"}, {"X-Hub-Signature-256", signature}};
}

std::optional<hook_call> call(std::string event, const std::string& body) {
    return github_call(fields(std::move(event)),
                       R"({"repository":{"full_name":"acme/team"},"sender":{"login":"ann"},)" + body + "}");
}

constexpr auto comment = R"("action":"{}","issue":{{"number":12}},"comment":{{"id":345,"body":"@persais do",
    "created_at":"2026-11-30T12:00:00Z","user":{{"login":"ann","type":"{}"}}}})";

} // namespace

// The example of GitHub's page "Validating webhook deliveries".
TEST(signed_by_github, as_the_vendor_computes_it) {
    const secret key("It's a Secret to Everybody");
    const std::string right = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    EXPECT_TRUE(signed_by_github(key, "Hello, World!", fields("ping", right)));
    EXPECT_FALSE(signed_by_github(key, "Hello, World", fields("ping", right)));
    EXPECT_FALSE(signed_by_github(secret("another"), "Hello, World!", fields("ping", right)));
    EXPECT_FALSE(signed_by_github(secret(), "Hello, World!", fields("ping", right)));
    EXPECT_FALSE(signed_by_github(key, "Hello, World!", fields("ping", right.substr(0, 70))));
    EXPECT_FALSE(signed_by_github(key, "Hello, World!", fields("ping", "")));
    EXPECT_FALSE(signed_by_github(key, "Hello, World!", {}));
    EXPECT_TRUE(has_github_signature(fields("ping", right)));
    EXPECT_FALSE(has_github_signature(fields("ping", "sha1=0123")));
}

TEST(github_call, of_a_comment) {
    auto came = call("issue_comment", fmt::format(comment, "created", "User"));
    ASSERT_TRUE(came && came->what);
    EXPECT_EQ((std::tuple(came->delivery, came->repository)), (std::tuple("d-1", "acme/team")));
    const auto& what = *came->what;
    EXPECT_EQ((std::tuple(what.what, what.id, what.number, what.text, what.by_bot)),
              (std::tuple(written::kind::comment, "345", 12, "@persais do", false)));
    EXPECT_TRUE(call("issue_comment", fmt::format(comment, "created", "Bot"))->what->by_bot);
    for (auto action : {"edited", "deleted"})
        EXPECT_FALSE(call("issue_comment", fmt::format(comment, action, "User"))->what) << action;
}

TEST(github_call, of_what_is_red) {
    auto suite = [](std::string conclusion, std::string branch = R"("mechanic/7-x")") {
        return call("check_suite",
                    fmt::format(R"("action":"completed","check_suite":{{"head_sha":"c0ffee","head_branch":{},)"
                                R"("conclusion":"{}","updated_at":"2026-11-30T12:00:00Z"}})",
                                branch, conclusion))
            ->what;
    };
    ASSERT_TRUE(suite("failure"));
    EXPECT_EQ((std::tuple(suite("failure")->id, suite("failure")->branch)), (std::tuple("c0ffee", "mechanic/7-x")));
    EXPECT_TRUE(suite("timed_out"));
    for (auto word : {"success", "cancelled", "neutral", "skipped", "stale", "action_required"})
        EXPECT_FALSE(suite(word)) << word;
    EXPECT_FALSE(suite("failure", "null")) << "of a fork";
    auto status = call("status", R"("sha":"c0ffee","state":"error","branches":[{"name":"mechanic/7-x"}],)"
                                 R"("updated_at":"2026-11-30T12:00:00Z")");
    EXPECT_EQ(status->what->branch, "mechanic/7-x");
}

TEST(github_call, that_is_none) {
    EXPECT_FALSE(github_call(fields("ping"), "payload=%7B%7D"));
    EXPECT_FALSE(github_call(fields("ping"), "[]"));
    EXPECT_FALSE(github_call(fields("ping"), R"({"repository":{}})"));
    EXPECT_FALSE(github_call({{"X-GitHub-Event", "ping"}}, R"({"repository":{"full_name":"a/b"}})"));
    EXPECT_FALSE(call("ping", R"("zen":"")")->what);
    EXPECT_FALSE(
        call("issue_comment", R"("action":"created","issue":{"number":0},"comment":{"id":1,"created_at":"x"})")->what);
    EXPECT_FALSE(call("issues", R"("action":"opened","issue":[])")->what);
}

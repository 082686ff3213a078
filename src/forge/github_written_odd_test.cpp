// What is written at a repository of GitHub, when its answers are not those of a good day.
#include "forge/testing_requests.hpp"
#include "forge/written.hpp"

using namespace persais;
using namespace persais::forge;

namespace {

const std::string noon = "2026-11-30T12:00:00Z", noon_encoded = "2026-11-30T12%3A00%3A00Z";

struct odd_answers : persais::forge::testing::forge_requests {
    using written = forge::written;
    std::unique_ptr<conversations> there =
        make_conversations({.kind = kind::github, .web = "", .api = root, .path = "acme/team"}, secret("word"),
                           [this](http::fetch_spec ask) { return web->fetch(std::move(ask), 1'000'000); });

    void TearDown() override {
        there.reset();
        persais::forge::testing::forge_requests::TearDown();
    }
    static std::string line(const std::string& path) { return "GET /repos/acme/team" + path; }
    static std::string list_line(std::string list) {
        return line("/" + list + (list == "issues" ? "?state=all&" : "?") +
                    "sort=updated&direction=asc&since=" + noon_encoded + "&per_page=100");
    }
    void says(const std::string& path, std::string body, int status = 200, http::headers more = {}) {
        answers[line(path)] = {status, std::move(body), std::move(more)};
    }
    /// Nothing is new, and no request is open.
    void is_quiet() {
        for (auto list : {"issues", "issues/comments", "pulls/comments"})
            answers[list_line(list)] = {200, "[]"};
        says("/pulls?state=open&per_page=100", "[]");
    }
    outcome<std::vector<written>> newer(looked& from) { return got(there->newer(from, "mechanic/")); }
    std::string heard(looked from = {noon}) {
        auto came = newer(from);
        if (!came) return came.error().sentence;
        std::string all;
        for (const auto& each : *came)
            all += fmt::format("{} {} {}; ", to_string(each.what), each.id, each.number);
        return all;
    }
    outcome<std::optional<words>> read(written::kind what, std::string id, int number = 12, std::string branch = "") {
        return got(there->read(
            {.what = what, .id = std::move(id), .number = number, .branch = std::move(branch), .at = noon}));
    }
};

std::string pull_of(std::string state, std::string head_repository, std::string sha = "c0ffee") {
    return fmt::format(R"({{"number":20,"state":"{}","title":"Mend it","html_url":"p","updated_at":"{}",
        "head":{{"ref":"mechanic/7-x","sha":"{}","repo":{}}},"base":{{"repo":{{"id":1}}}}}})",
                       state, noon, sha, head_repository);
}

} // namespace

TEST_F(odd_answers, pause_as_long_as_a_rate_limit_says_and_leave_the_look_where_it_was) {
    is_quiet();
    struct {
        int status;
        http::headers fields;
        std::optional<std::chrono::seconds> pause;
    } const all[] = {
        {429, {{"Retry-After", "77"}}, std::chrono::seconds(77)},
        {403, {{"Retry-After", "60"}}, std::chrono::seconds(60)},
        {403,
         {{"X-RateLimit-Remaining", "0"},
          {"X-RateLimit-Reset", "1796040100"},
          {"Date", "Mon, 30 Nov 2026 12:00:00 GMT"}},
         std::chrono::seconds(101)},
        {502, {}, std::nullopt},
        {503, {{"Retry-After", "5"}}, std::chrono::seconds(5)},
    };
    for (auto list : {"issues", "issues/comments", "pulls/comments"})
        for (const auto& each : all) {
            is_quiet();
            answers[list_line(list)] = {each.status, R"({"message":"API rate limit exceeded"})", each.fields};
            looked from{noon};
            auto came = newer(from);
            ASSERT_FALSE(came) << list << each.status;
            EXPECT_EQ(came.error().what, trouble::kind::away) << list << each.status;
            if (each.pause) EXPECT_EQ(came.error().retry_after, each.pause) << list << each.status;
            EXPECT_EQ(from.since, noon) << "what was not seen is looked for again";
        }
}

TEST_F(odd_answers, tell_a_right_that_is_lacking_from_a_forge_that_is_away) {
    is_quiet();
    for (int status : {403, 404}) {
        answers[list_line("issues/comments")] = {status, R"({"message":"Resource not accessible"})"};
        looked from{noon};
        auto came = newer(from);
        ASSERT_FALSE(came) << status;
        EXPECT_EQ(came.error().what, trouble::kind::denied) << status;
    }
    is_quiet();
    answers[line("/issues/comments/5")] = {401, R"({"message":"Bad credentials"})"};
    EXPECT_EQ(read(written::kind::comment, "5").error().what, trouble::kind::denied);
}

TEST_F(odd_answers, cost_nothing_when_nothing_has_changed) {
    is_quiet();
    answers[list_line("issues")] = {
        200,
        fmt::format(R"([{{"number":2,"title":"t","created_at":"{0}","updated_at":"{0}"}}])", noon),
        {{"ETag", "W/\"7\""}}};
    EXPECT_EQ(heard(), "issue 2 2; ");
    answers[list_line("issues")] = {304, "", {{"ETag", "W/\"7\""}}};
    EXPECT_EQ(heard(), "issue 2 2; ") << "the answer of before is still true";
    EXPECT_EQ(http::header(fields.at(list_line("issues")), "If-None-Match"), "W/\"7\"");
    EXPECT_EQ(http::header(fields.at(list_line("issues/comments")), "If-None-Match"), "") << "it had no tag";
    answers[list_line("issues")] = {200, "[]", {{"ETag", "W/\"8\""}}};
    EXPECT_EQ(heard(), "");
}

TEST_F(odd_answers, pass_over_what_cannot_be_found_again) {
    is_quiet();
    const auto at = fmt::format(R"("created_at":"{0}","updated_at":"{0}")", noon);
    const auto place = R"("issue_url":"https://h/repos/acme/team/issues/2")";
    answers[list_line("issues")] = {200, "[null, 7, [], {}, {\"number\":3}, {\"number\":4294967298," + at +
                                             "}, {\"number\":-1," + at + "}, {\"number\":\"8\"," + at +
                                             "}, {\"number\":9,\"created_at\":\"yesterday\"}, {\"number\":5," + at +
                                             "}]"};
    answers[list_line("issues/comments")] = {
        200, fmt::format(R"([{{"id":1,{0}}}, {{"id":2,"issue_url":7,{0}}}, {{{1},{0}}}, {{"id":-3,{1},{0}}},
            {{"id":4,"issue_url":"https://h/issues/",{0}}}, {{"id":6,{1},{0},"body":null,"user":null}}])",
                         at, place)};
    answers[list_line("pulls/comments")] = {
        200, fmt::format(R"([{{"id":7,"pull_request_review_id":null,"pull_request_url":"https://h/pulls/20",{0}}},
            {{"id":8,"pull_request_review_id":9,{0}}},
            {{"id":8,"pull_request_review_id":10,"pull_request_url":"https://h/pulls/20",{0}}}])",
                         at)};
    EXPECT_EQ(heard(), "issue 5 5; comment 6 2; review 10 20; ") << "one odd thing keeps none of the others back";
}

TEST_F(odd_answers, of_another_shape_are_no_news) {
    for (auto body : {"", "null", "{}", "\"[]\"", "<html>", "[", "7"}) {
        is_quiet();
        answers[list_line("issues")] = {200, body};
        EXPECT_EQ(heard(), "") << body;
    }
    is_quiet();
    for (auto body : {"{}", "[null,{},{\"head\":null},{\"head\":{\"ref\":\"mechanic/7-x\"}}]"}) {
        says("/pulls?state=open&per_page=100", body);
        EXPECT_EQ(heard(), "") << body;
    }
}

TEST_F(odd_answers, of_a_red_check_count_for_requests_of_this_repository_alone) {
    is_quiet();
    says("/commits/c0ffee/check-runs?per_page=100",
         R"({"check_runs":[{"name":"build","status":"completed","conclusion":"failure"}]})");
    says("/commits/c0ffee/status?per_page=100", R"({"statuses":[]})");
    says("/pulls?state=open&per_page=100", "[" + pull_of("open", R"({"id":1})") + "]");
    EXPECT_EQ(heard(), "red c0ffee 0; ");
    for (auto repository : {R"({"id":2})", "null", "{}"}) {
        says("/pulls?state=open&per_page=100", "[" + pull_of("open", repository) + "]");
        EXPECT_EQ(heard(), "") << "a fork may name its branch as it likes: " << repository;
    }
}

TEST_F(odd_answers, of_what_is_gone_are_no_words) {
    for (int status : {404, 410})
        for (auto [what, path] : {std::pair(written::kind::comment, "/issues/comments/5"),
                                  {written::kind::review, "/pulls/12/reviews/5"},
                                  {written::kind::issue, "/issues/12"}}) {
            says(path, R"({"message":"gone"})", status);
            auto came = read(what, "5");
            ASSERT_TRUE(came) << path << status;
            EXPECT_FALSE(*came) << path << status;
        }
    says("/issues/comments/5", R"({"body":"do","user":{"login":"ann","type":"User"}})");
    says("/issues/12", "{}", 410);
    EXPECT_FALSE(*read(written::kind::comment, "5")) << "the issue was deleted, and its comments are answered yet";
    says("/issues/12", R"({"number":12,"pull_request":{}})");
    EXPECT_FALSE(*read(written::kind::issue, "12")) << "a request is no issue";
    EXPECT_FALSE(*read(written::kind::comment, "5")) << "its request cannot be seen";
}

TEST_F(odd_answers, of_ghosts_and_bots_have_no_author_who_could_ask) {
    says("/issues/12", R"({"number":12,"state":"open","title":"Sum"})");
    says("/issues/comments/5", R"({"body":"do","user":null})");
    EXPECT_EQ((*read(written::kind::comment, "5"))->author, "") << "the account was deleted";
    says("/issues/comments/5", R"({"body":"do","user":{"login":"renovate[bot]","type":"Bot"}})");
    EXPECT_TRUE((*read(written::kind::comment, "5"))->by_bot);
    for (auto permission : {R"({"permission":null})", R"({"permission":["admin"]})", "{}", R"({"permission":"ADMIN"})",
                            R"({"role_name":"admin"})", R"({"permission":""})"}) {
        says("/collaborators/ann/permission", permission);
        EXPECT_EQ(got(there->may_write("ann")), false) << permission;
    }
    got(there->may_write("a/../b?c"));
    EXPECT_EQ(lines.back(), line("/collaborators/a%2F..%2Fb%3Fc/permission")) << "a name leads to no other place";
}

TEST_F(odd_answers, of_a_red_branch_are_of_its_newest_commit_while_its_request_is_open) {
    const std::string open = "/pulls?state=open&head=acme%3Amechanic%2F7-x";
    auto look = [&](std::string commit = "c0ffee") { return read(written::kind::red, commit, 0, "mechanic/7-x"); };
    for (auto none : {"[]", "{}", "[null]", "null"}) {
        says(open, none);
        auto came = look();
        ASSERT_TRUE(came) << none;
        EXPECT_FALSE(*came) << none;
    }
    says(open, "[" + pull_of("open", R"({"id":1})", "decade") + "]");
    EXPECT_FALSE(*look()) << "another commit was pushed meanwhile";
    says(open, "[" + pull_of("open", R"({"id":1})") + "]");
    says("/commits/c0ffee/status?per_page=100", R"({"statuses":[{"context":"lint","state":"error"}]})");
    says("/commits/c0ffee/check-runs?per_page=100", R"({"check_runs":[
        {"name":"build","status":"completed","conclusion":"failure","html_url":"https://ci/1"},
        {"name":"old","status":"completed","conclusion":"cancelled"},
        {"name":"slow","status":"in_progress","conclusion":null}]})");
    auto came = look();
    ASSERT_TRUE(came && *came);
    auto red = (*came)->red;
    std::ranges::sort(red);
    EXPECT_EQ(red, (std::vector<std::string>{"build (https://ci/1)", "lint"}));
    EXPECT_TRUE((*came)->running) << "mending begins when all have ended";
    says("/commits/c0ffee/check-runs?per_page=100", "{}", 502);
    EXPECT_FALSE(look()) << "which is not green";
}

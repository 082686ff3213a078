#include "forge/testing_requests.hpp"
#include "forge/written.hpp"

using namespace persais;
using namespace persais::forge;

namespace {

struct written_at_github : persais::forge::testing::forge_requests {
    using written = forge::written;
    std::unique_ptr<conversations> there =
        make_conversations({.kind = kind::github, .web = "", .api = root, .path = "acme/team"}, secret("word"),
                           [this](http::fetch_spec ask) { return web->fetch(std::move(ask), 1'000'000); });
    static inline const std::string at = "/repos/acme/team";

    void TearDown() override {
        there.reset();
        persais::forge::testing::forge_requests::TearDown();
    }
    void says(const std::string& path, std::string body, http::headers more = {}) {
        answers["GET " + at + path] = {200, std::move(body), std::move(more)};
    }
    void lists(const std::string& since, std::string issues, std::string comments = "[]", std::string reviews = "[]") {
        auto rest = "direction=asc&since=" + since + "&per_page=100";
        says("/issues?state=all&sort=updated&" + rest, std::move(issues));
        says("/issues/comments?sort=updated&" + rest, std::move(comments));
        says("/pulls/comments?sort=updated&" + rest, std::move(reviews));
    }
    std::optional<words> read(written what) {
        auto came = got(there->read(std::move(what)));
        EXPECT_TRUE(came.has_value()) << (came ? "" : came.error().sentence);
        return came ? *came : std::nullopt;
    }
};

const std::string pull = R"({"number":20,"state":"open","title":"Mend it","body":"","html_url":"p",
    "head":{"ref":"mechanic/7-x","sha":"c0ffee","repo":{"id":1}},"base":{"repo":{"id":1}},"updated_at":"2026-11-30T12:00:00Z"})";

} // namespace

TEST_F(written_at_github, a_comment_as_it_stands_now_and_where_it_is) {
    says("/issues/comments/5", R"({"body":"do","user":{"login":"ann","type":"User"}})");
    says("/issues/12", R"({"number":12,"state":"open","title":"Sum","body":null,"html_url":"i"})");
    written comment{.what = written::kind::comment, .id = "5", .number = 12, .at = ""};
    auto said = read(comment);
    ASSERT_TRUE(said);
    EXPECT_EQ((std::tuple(said->author, said->text, said->where.title, said->where.body, said->where.is_request)),
              (std::tuple("ann", "do", "Sum", "", false)));
    comment.id = "6";
    EXPECT_FALSE(read(comment)) << "it was deleted";
    answers["GET " + at + "/issues/comments/6"] = {502, "{}"};
    EXPECT_EQ(got(there->read(comment)).error().what, trouble::kind::away);
}

TEST_F(written_at_github, a_review_with_its_lines_unless_it_only_answers) {
    says("/issues/20", R"({"number":20,"pull_request":{}})");
    says("/pulls/20", pull);
    auto review = [&](std::string head, std::string comments) {
        says("/pulls/20/reviews/9", "{" + head + R"(,"user":{"login":"bob","type":"User"}})");
        says("/pulls/20/reviews/9/comments?per_page=100&page=1", std::move(comments));
        return read({.what = written::kind::review, .id = "9", .number = 20, .at = ""});
    };
    auto said = review(R"("state":"COMMENTED","body":"Nearly")",
                       R"([{"path":"a.c","line":3,"body":"here"},{"path":"b.c","body":"and"}])");
    ASSERT_TRUE(said);
    EXPECT_EQ(said->text, "Nearly\n\na.c:3: here\n\nb.c: and");
    EXPECT_FALSE(said->answers);
    EXPECT_EQ((std::tuple(said->where.branch, said->where.head)), (std::tuple("mechanic/7-x", "c0ffee")));
    EXPECT_FALSE(review(R"("state":"COMMENTED","body":"")", R"([{"path":"a.c","body":"new"}])")->answers);
    EXPECT_TRUE(
        review(R"("state":"COMMENTED","body":"")", R"([{"path":"a.c","body":"re","in_reply_to_id":4}])")->answers);
    EXPECT_TRUE(review(R"("state":"APPROVED","body":"Fine")", "[]")->answers);
}

TEST_F(written_at_github, who_may_push_by_the_forges_word) {
    for (auto [word, may] : {std::pair("admin", true), {"write", true}, {"read", false}, {"none", false}}) {
        says("/collaborators/ann/permission", fmt::format(R"({{"permission":"{}"}})", word));
        EXPECT_EQ(got(there->may_write("ann")).value(), may) << word;
    }
    EXPECT_FALSE(got(there->may_write("nobody")).value());
    answers["GET " + at + "/collaborators/ann/permission"] = {403, R"({"message":"no"})"};
    EXPECT_FALSE(got(there->may_write("ann")).has_value()) << "not known is not no";
}

TEST_F(written_at_github, what_is_new_since_the_last_look_and_it_is_asked_with_etags) {
    const std::string first = "2026-11-30T12:00:00Z";
    lists(
        "2026-11-30T12%3A00%3A00Z",
        R"([{"number":1,"title":"old","created_at":"2026-11-01T00:00:00Z","updated_at":"2026-11-30T12:10:00Z"},
              {"number":2,"title":"new","body":"b","created_at":"2026-11-30T12:01:00Z","updated_at":"2026-11-30T12:09:00Z"},
              {"number":3,"title":"a request","pull_request":{},"created_at":"2026-11-30T12:01:00Z","updated_at":"x"}])",
        R"([{"id":5,"body":"c","issue_url":"https://h/repos/acme/team/issues/2","created_at":"2026-11-30T12:02:00Z"}])",
        R"([{"id":6,"pull_request_review_id":9,"pull_request_url":"https://h/pulls/20","created_at":"2026-11-30T12:03:00Z"}])");
    says("/pulls?state=open&per_page=100", "[" + pull + "]", {{"ETag", "\"1\""}});
    auto checks = [&](std::string how) {
        says("/commits/c0ffee/check-runs?per_page=100",
             fmt::format(R"({{"check_runs":[{{"name":"build","status":"completed","conclusion":"{}"}}]}})", how));
    };
    says("/commits/c0ffee/status?per_page=100", R"({"statuses":[]})");
    checks("failure");
    looked from{first};
    auto came = got(there->newer(from, "mechanic/"));
    ASSERT_TRUE(came) << came.error().sentence;
    std::string seen;
    for (const auto& each : *came)
        seen += fmt::format("{} {} {}; ", to_string(each.what), each.id, each.number);
    EXPECT_EQ(seen, "issue 2 2; comment 5 2; review 9 20; red c0ffee 0; ");
    from.since = first;
    checks("cancelled");
    came = got(there->newer(from, "mechanic/"));
    EXPECT_EQ(came->size(), 3U) << "somebody stopped it";
    EXPECT_EQ(http::header(fields.at("GET " + at + "/pulls?state=open&per_page=100"), "If-None-Match"), "\"1\"");
    from.since = first;
    checks("failure");
    EXPECT_EQ(got(there->newer(from, "bots/"))->size(), 3U) << "it is not ours";
}

TEST_F(written_at_github, a_look_begins_a_little_before_the_newest_of_the_last_one_unless_there_was_more) {
    says("/pulls?state=open&per_page=100", "[]");
    const std::string since = "2026-11-30T12%3A00%3A00Z";
    auto one = [](int minute) {
        return fmt::format(R"({{"number":0,"pull_request":{{}},"updated_at":"2026-11-30T12:{:02}:00Z"}})", minute);
    };
    lists(since, "[" + one(10) + "]");
    looked from{"2026-11-30T12:00:00Z"};
    ASSERT_TRUE(got(there->newer(from, "mechanic/")));
    EXPECT_EQ(from.since, "2026-11-30T12:08:00Z");
    std::string whole_page;
    for (int i = 0; i < 100; ++i)
        whole_page += (i ? "," : "") + one(i / 20);
    lists(since, "[" + whole_page + "]", "[" + one(30) + "]");
    from.since = "2026-11-30T12:00:00Z";
    ASSERT_TRUE(got(there->newer(from, "mechanic/")));
    EXPECT_EQ(from.since, "2026-11-30T12:04:00Z") << "what the first list has behind this was not seen";
}

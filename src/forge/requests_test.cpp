#include "forge/clients.hpp"
#include "forge/requests.hpp"
#include "http/testing_socket.hpp"

#include <map>

#include <boost/json/parse.hpp>
#include <fmt/format.h>

using namespace persais;
using namespace persais::forge;

namespace {

/// An HTTP server that answers each "METHOD path?query" as a test says, and keeps what was sent.
struct forge_requests : ::testing::Test, http::testing::loop {
    struct written {
        int status = 200;
        std::string body;
        http::headers fields = {};
    };

    forge_requests()
        : server(io.get_executor(), [this](const http::request& asked, http::pending_request& to) -> awaitable<> {
              auto line =
                  fmt::format("{} {}{}{}", asked.method, asked.path, asked.query.empty() ? "" : "?", asked.query);
              lines.push_back(line);
              constexpr std::size_t most = 100'000;
              bodies[line] = (co_await to.body(most)).value_or("");
              fields[line] = asked.fields;
              auto found = answers.find(line);
              auto said = found == answers.end() ? written{404, R"({"message":"Not Found"})"} : found->second;
              co_await to.send(said.status, said.fields, said.body);
          }) {
        root = fmt::format("http://127.0.0.1:{}", *server.listen_tcp("127.0.0.1", 0));
        all = make_requests({.kind = kind::github, .web = "", .api = root, .path = "acme/team"}, secret("word"),
                            [this](http::fetch_spec what) { return web->fetch(std::move(what), 1'000'000); });
    }
    void TearDown() override {
        all.reset();
        server.close();
        web.reset();
        EXPECT_TRUE(dry());
    }

    template <class T>
    T got(awaitable<T> what) {
        std::optional<T> out;
        run([&]() -> awaitable<> { out = co_await std::move(what); });
        return std::move(*out);
    }
    boost::json::object sent(const std::string& line) { return boost::json::parse(bodies.at(line)).as_object(); }

    std::map<std::string, written> answers;
    std::map<std::string, std::string> bodies;
    std::map<std::string, http::headers> fields;
    std::vector<std::string> lines;
    http::server server;
    std::string root;
    std::optional<http::client> web{std::in_place, io.get_executor()};
    std::unique_ptr<requests> all;
};

const std::string head(40, 'c'), pulls = "GET /repos/acme/team/pulls?state=all&sort=created&direction=desc&head=",
                                 merge_7 = "PUT /repos/acme/team/pulls/7/merge";

} // namespace

TEST_F(forge_requests, are_found_by_branch_with_its_owner_because_without_it_github_filters_nothing) {
    answers[pulls + "acme%3Amechanic%2F17-mend&base=main"] = {
        .body = R"([{"number":8,"state":"open"},{"number":7,"state":"closed","merged_at":"2026-11-30T12:00:00Z"}])"};
    auto found = got(all->of_branch("mechanic/17-mend", "main"));
    ASSERT_TRUE(found);
    ASSERT_EQ(found->size(), 2U);
    EXPECT_EQ(found->at(0).number, 8);
    EXPECT_EQ(found->at(1).now, request::state::merged);
    EXPECT_EQ(http::header(fields[lines.back()], "Authorization"), "Bearer word");
}

TEST_F(forge_requests, are_opened_with_what_they_are_about) {
    const std::string open = "POST /repos/acme/team/pulls";
    answers[open] = {201, R"({"number":7,"state":"open","head":{"sha":"abc"}})"};
    auto made = got(all->open({.branch = "b", .base = "main", .title = "T", .body = "B", .draft = true}));
    ASSERT_TRUE(made);
    EXPECT_EQ(made->head, "abc");
    EXPECT_EQ(sent(open), boost::json::parse(R"({"title":"T","head":"b","base":"main","body":"B","draft":true})"));
    answers[open] = {
        422, R"({"message":"Validation Failed","errors":[{"message":"A pull request already exists for acme:b."}]})"};
    made = got(all->open({.branch = "b", .base = "main", .title = "T", .body = "B"}));
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().what, trouble::kind::refused);
    EXPECT_EQ(
        made.error().sentence,
        "GitHub does not open a pull request (422): Validation Failed: A pull request already exists for acme:b.");
    EXPECT_FALSE(sent(open).contains("draft"))
        << "not each repository may have drafts, and then the word alone is refused";
    answers[open] = {201, "<html>"};
    EXPECT_EQ(got(all->open({.branch = "b", .base = "main", .title = "T", .body = "B"})).error().what,
              trouble::kind::away)
        << "it may be there: it is looked for";
}

TEST_F(forge_requests, are_merged_at_the_commit_that_was_shown) {
    answers[merge_7] = {200, R"({"sha":"def","merged":true})"};
    auto merged = got(all->merge({.number = 7, .head = head}, "rebase"));
    ASSERT_TRUE(merged);
    EXPECT_EQ(*merged, "def");
    EXPECT_EQ(sent(merge_7), (boost::json::object{{"sha", head}, {"merge_method", "rebase"}}));
    answers[merge_7] = {409, R"({"message":"Head branch was modified. Review and try the merge again."})"};
    EXPECT_EQ(got(all->merge({.number = 7, .head = head}, "merge")).error().what, trouble::kind::moved);
}

// D18: whether the forge carried it out is not known, so it is not sent a second time here.
TEST_F(forge_requests, are_not_sent_twice_whatever_the_answer) {
    for (int status : {429, 500, 502, 503, 401, 403, 405}) {
        lines.clear();
        answers[merge_7] = {status, R"({"message":"no"})"};
        EXPECT_FALSE(got(all->merge({.number = 7, .head = head}, "merge")));
        EXPECT_EQ(lines.size(), 1U) << status;
    }
}

TEST_F(forge_requests, end_their_draft_by_graphql_whose_refusals_answer_200) {
    const std::string graphql = "POST /graphql";
    answers[graphql] = {200, R"({"data":{"markPullRequestReadyForReview":{"pullRequest":{"isDraft":false}}}})"};
    EXPECT_TRUE(got(all->end_draft({.id = "PR_7"})));
    EXPECT_EQ(sent(graphql)["variables"].as_object()["id"], "PR_7");
    answers[graphql] = {
        200,
        R"({"data":null,"errors":[{"type":"FORBIDDEN","message":"Resource not accessible by personal access token"}]})"};
    auto no = got(all->end_draft({.id = "PR_7"}));
    ASSERT_FALSE(no);
    EXPECT_EQ(no.error().what, trouble::kind::refused);
    EXPECT_TRUE(no.error().sentence.contains("Resource not accessible")) << no.error().sentence;
    answers[graphql] = {502, "<html>"};
    EXPECT_EQ(got(all->end_draft({.id = "PR_7"})).error().what, trouble::kind::away);
}

TEST_F(forge_requests, of_an_own_server_have_their_graphql_beside_its_rest_api) {
    auto own =
        make_requests({.kind = kind::github, .web = "", .api = root + "/api/v3", .path = "acme/team"}, secret("word"),
                      [this](http::fetch_spec what) { return web->fetch(std::move(what), 1000); });
    answers["POST /api/graphql"] = {200, R"({"data":{}})"};
    EXPECT_TRUE(got(own->end_draft({.id = "PR_7"})));
}

TEST_F(forge_requests, say_what_they_wait_for_page_by_page) {
    const auto checks = fmt::format("GET /repos/acme/team/commits/{}/check-runs?per_page=100&page=", head);
    answers["GET /repos/acme/team/branches/main"] = {
        .body = R"({"commit":{"sha":"abc"},"protection":{"required_status_checks":{"contexts":["build","last"]}}})"};
    std::string many;
    for (int i = 0; i < 100; ++i)
        many += fmt::format(R"({{"name":"c{}","conclusion":"success"}},)", i);
    many.back() = ']';
    answers[checks + "1"] = {.body = R"({"total_count":101,"check_runs":[)" + many + "}"};
    answers[checks + "2"] = {.body = R"({"total_count":101,"check_runs":[{"name":"last","conclusion":"success"}]})"};
    auto why = got(all->obstacle_to({.number = 7, .head = head}, "main", {}));
    ASSERT_TRUE(why);
    EXPECT_EQ(why->what, obstacle::kind::checks);
    EXPECT_EQ(why->subject, "build") << "the one of the second page is green";
    EXPECT_EQ(*got(all->tip_of("main")), "abc");
    answers[checks + "1"] = {502, "<html>"};
    EXPECT_EQ(got(all->obstacle_to({.number = 7, .head = head}, "main", {})).error().what, trouble::kind::away)
        << "what could not be read is not missing";
}

TEST_F(forge_requests, are_merged_in_the_ways_that_the_repository_allows) {
    const std::string repository = "GET /repos/acme/team";
    answers[repository] = {.body =
                               R"({"allow_merge_commit":false,"allow_squash_merge":true,"allow_rebase_merge":true})"};
    EXPECT_EQ(*got(all->ways_to_merge()), (std::vector<std::string>{"rebase", "squash"}));
    answers[repository] = {.body = "{}"};
    EXPECT_EQ(got(all->ways_to_merge())->size(), 3U) << "a token that may not know finds out";
}

TEST_F(forge_requests, keep_the_token_to_themselves_when_nobody_answers) {
    server.close();
    auto no = got(all->read(7));
    ASSERT_FALSE(no);
    EXPECT_EQ(no.error().what, trouble::kind::away);
    EXPECT_FALSE(no.error().sentence.contains("word")) << no.error().sentence;
}

TEST(requests, are_known_of_these_forges) {
    for (auto which : {kind::github, kind::gitlab})
        EXPECT_EQ(make_requests({.kind = which, .web = "", .api = "", .path = "a/b"}, secret("x"), {})->name(),
                  name_of(which));
}

#include "forge/clients.hpp"
#include "forge/testing_requests.hpp"

#include <fmt/format.h>

using namespace persais;
using namespace persais::forge;
using namespace persais::forge::testing;

namespace {

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

TEST_F(forge_requests, are_closed_and_opened_again) {
    const std::string edit = "PATCH /repos/acme/team/pulls/7";
    answers[edit] = {.body = "{}"};
    EXPECT_TRUE(got(all->close(7)));
    EXPECT_EQ(sent(edit), (boost::json::object{{"state", "closed"}}));
    EXPECT_TRUE(got(all->reopen(7)));
    EXPECT_EQ(sent(edit), (boost::json::object{{"state", "open"}}));
    answers[edit] = {422, R"({"message":"Validation Failed","errors":[{"message":"state cannot be changed."}]})"};
    EXPECT_EQ(got(all->reopen(7)).error().what, trouble::kind::refused);
}

TEST_F(forge_requests, get_a_comment_once) {
    const std::string place = "/repos/acme/team/issues/7/comments", listed = "GET " + place + "?per_page=100&page=1";
    answers[listed] = {.body = R"([{"body":"Others"}])"};
    answers["POST " + place] = {201, "{}"};
    EXPECT_TRUE(got(all->comment(7, "Words.", "closed-17")));
    auto text = sent("POST " + place).at("body").as_string();
    EXPECT_EQ(text, "Words.\n\n<!-- persais:closed-17 -->\n");
    answers[listed] = {.body = boost::json::serialize(boost::json::array{{{"body", text}}})};
    lines.clear();
    EXPECT_TRUE(got(all->comment(7, "Words.", "closed-17")));
    EXPECT_EQ(lines, std::vector<std::string>{listed});
    answers[listed] = {502, ""};
    EXPECT_FALSE(got(all->comment(7, "Words.", "closed-17"))) << "it may be there";
    EXPECT_EQ(lines.size(), 2U);
}

// A token must not follow a redirect to another host, and a repository that got another owner is found there.
TEST_F(forge_requests, of_a_renamed_repository_are_followed_on_the_same_host_and_told_once) {
    const std::string query = "/pulls?state=all&sort=created&direction=desc&head=acme%3Ab&base=main";
    answers["GET /repos/acme/team" + query] = {301, "", {{"Location", root + "/repositories/7" + query}}};
    answers["GET /repositories/7" + query] = {.body = "[]"};
    answers["GET /repos/acme/team"] = {301, "", {{"Location", root + "/repositories/7"}}};
    answers["GET /repositories/7"] = {.body = R"({"full_name":"corp/team"})"};
    answers["GET /repos/corp/team/pulls?state=all&sort=created&direction=desc&head=corp%3Ab&base=main"] = {
        .body = R"([{"number":8,"state":"open"}])"};
    auto found = got(all->of_branch("b", "main"));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->at(0).number, 8);
    EXPECT_EQ(all->take_notice(), "GitHub has acme/team as corp/team now: change the address of the repository.");
    EXPECT_TRUE(got(all->of_branch("b", "main")));
    EXPECT_EQ(all->take_notice(), "");
}

TEST_F(forge_requests, do_not_follow_a_redirect_to_another_host) {
    for (const auto* to : {"http://127.0.0.2:9/repositories/7/pulls/7", "https://127.0.0.1/x", "//127.0.0.2/x"}) {
        answers["GET /repos/acme/team/pulls/7"] = {301, "", {{"Location", to}}};
        lines.clear();
        auto no = got(all->read(7));
        ASSERT_FALSE(no);
        EXPECT_EQ(no.error().what, trouble::kind::refused) << to;
        EXPECT_EQ(lines.size(), 1U);
    }
    answers["GET /repos/acme/team/pulls/7"] = {301, "", {{"Location", "/repos/acme/team/pulls/7"}}};
    lines.clear();
    EXPECT_FALSE(got(all->read(7)));
    EXPECT_EQ(lines.size(), 4U) << "a circle ends";
}

TEST(requests, are_known_of_these_forges) {
    for (auto which : {kind::github, kind::gitlab, kind::gitea})
        EXPECT_EQ(make_requests({.kind = which, .web = "", .api = "", .path = "a/b"}, secret("x"), {})->name(),
                  name_of(which));
}

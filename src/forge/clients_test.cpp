#include "forge/clients.hpp"
#include "http/testing_socket.hpp"

#include <map>

#include <fmt/format.h>

using namespace persais;
using namespace persais::forge;
using outcome_kind = forge::refusal::kind;

namespace {

/// An HTTP server that answers each path as a test says, and keeps the requests.
struct forge_client : ::testing::Test, http::testing::loop {
    struct written {
        int status = 200;
        std::string body;
        http::headers fields = {};
    };

    forge_client()
        : server(io.get_executor(), [this](const http::request& asked, http::responder& to) -> awaitable<> {
              seen[asked.path] = asked.fields;
              auto found = answers.find(asked.path);
              auto said = found == answers.end() ? written{404, R"({"message":"Not Found"})"} : found->second;
              co_await to.send(said.status, said.fields, said.body);
          }) {
        root = fmt::format("http://127.0.0.1:{}", *server.listen_tcp("127.0.0.1", 0));
    }
    void TearDown() override {
        server.close();
        web.reset();
        EXPECT_TRUE(dry());
    }

    std::unique_ptr<client> at(forge::kind kind, std::string path = "acme/team") {
        return make_client({.kind = kind, .web = "", .api = root, .path = std::move(path)}, secret("word"),
                           [this](http::fetch_spec what) { return web->fetch(std::move(what), 100'000); });
    }
    answer<rights> look(forge::kind kind) {
        answer<rights> told;
        run([&]() -> awaitable<> { told = co_await at(kind)->look(); });
        return told;
    }
    answer<bool> is_protected(forge::kind kind, const std::string& branch) {
        answer<bool> told;
        run([&]() -> awaitable<> { told = co_await at(kind)->is_protected(branch); });
        return told;
    }

    std::map<std::string, written> answers;
    std::map<std::string, http::headers> seen;
    http::server server;
    std::string root;
    std::optional<http::client> web{std::in_place, io.get_executor()};
};

} // namespace

TEST_F(forge_client, github_tells_scopes_and_the_end_beside_the_repository) {
    answers["/repos/acme/team"] = {
        .body = R"({"permissions":{"admin":false,"push":true,"pull":true},"default_branch":"main","archived":false})",
        .fields = {{"X-OAuth-Scopes", "repo, workflow"},
                   {"github-authentication-token-expiration", "2027-01-02 10:00:00 UTC"}}};
    auto told = look(kind::github);
    ASSERT_TRUE(told);
    EXPECT_EQ(told->scopes, "repo, workflow");
    EXPECT_EQ(told->expires, "2027-01-02 10:00:00 UTC");
    EXPECT_EQ(told->may_push, true);
    EXPECT_FALSE(told->archived);
    EXPECT_EQ(told->default_branch, "main");
    EXPECT_EQ(http::header(seen["/repos/acme/team"], "Authorization"), "Bearer word");
    EXPECT_EQ(http::header(seen["/repos/acme/team"], "User-Agent"), "persais") << "GitHub refuses who names none";
}

TEST_F(forge_client, gitea_answers_like_github_and_takes_the_token_its_own_way) {
    answers["/repos/acme/team"] = {.body =
                                       R"({"permissions":{"push":false},"default_branch":"trunk","archived":true})"};
    auto told = look(kind::gitea);
    ASSERT_TRUE(told);
    EXPECT_EQ(told->may_push, false);
    EXPECT_TRUE(told->archived);
    EXPECT_EQ(told->default_branch, "trunk");
    EXPECT_EQ(http::header(seen["/repos/acme/team"], "Authorization"), "token word");
}

TEST_F(forge_client, gitlab_tells_of_the_token_by_itself_and_of_the_role_in_the_project) {
    answers["/personal_access_tokens/self"] = {.body = R"({"scopes":["api","read_user"],"expires_at":"2027-01-02"})"};
    answers["/projects/acme%2Fteam"] = {.body = R"({"archived":false,"default_branch":"main",
                    "permissions":{"project_access":{"access_level":20},"group_access":{"access_level":30}}})"};
    auto told = look(kind::gitlab);
    ASSERT_TRUE(told);
    EXPECT_EQ(told->scopes, "api, read_user");
    EXPECT_EQ(told->expires, "2027-01-02");
    EXPECT_EQ(told->may_push, true) << "a developer by the group";
    EXPECT_EQ(told->default_branch, "main");
    EXPECT_EQ(http::header(seen["/projects/acme%2Fteam"], "PRIVATE-TOKEN"), "word");

    answers["/personal_access_tokens/self"].body = R"({"scopes":["read_api"],"expires_at":null})";
    EXPECT_EQ(look(kind::gitlab)->may_push, false) << "no scope to write with, whatever the role";
    answers.erase("/personal_access_tokens/self");
    answers.erase("/projects/acme%2Fteam");
    told = look(kind::gitlab);
    ASSERT_TRUE(told) << "a token for repositories alone may ask nothing";
    EXPECT_FALSE(told->may_push);
}

TEST_F(forge_client, each_says_whether_a_branch_is_protected) {
    for (auto path : {"/repos/acme/team/branches/release%2F1", "/projects/acme%2Fteam/repository/branches/release%2F1"})
        answers[path] = {.body = R"({"name":"release/1","protected":true})"};
    for (auto which : {kind::github, kind::gitlab, kind::gitea}) {
        EXPECT_EQ(is_protected(which, "release/1"), true) << name_of(which);
        EXPECT_EQ(is_protected(which, "absent"), false) << name_of(which);
    }
}

TEST_F(forge_client, what_is_no_answer_is_told_apart) {
    for (auto which : {kind::github, kind::gitlab, kind::gitea}) {
        answers["/repos/acme/team"] =
            answers["/personal_access_tokens/self"] = {401, R"({"message":"Bad credentials"})"};
        auto told = look(which);
        ASSERT_FALSE(told);
        EXPECT_EQ(told.error().what, outcome_kind::wrong_token) << name_of(which);
    }
    for (auto& [status, body] : {std::pair{404, R"({"message":"Not Found"})"}, {200, "<html>"}, {200, "[]"}}) {
        answers["/repos/acme/team"] = {status, body};
        auto told = look(kind::github);
        ASSERT_FALSE(told);
        EXPECT_EQ(told.error().what, outcome_kind::no_repository) << body;
        EXPECT_EQ(told.error().status, status);
    }
    run([&]() -> awaitable<> {
        server.close();
        for (auto which : {kind::github, kind::gitlab, kind::gitea}) {
            auto forge = at(which);
            auto told = co_await forge->look();
            EXPECT_FALSE(told);
            if (told) continue;
            EXPECT_EQ(told.error().what, outcome_kind::unreached) << name_of(which);
            EXPECT_FALSE(told.error().sentence.contains("word")) << told.error().sentence;
        }
    });
}

TEST(with_api, is_where_it_is_said_unless_the_token_would_be_shown_to_the_network) {
    auto at = *place_of("https://github.com/acme/team");
    EXPECT_EQ(with_api(at, "")->api, "https://api.github.com");
    EXPECT_EQ(with_api(at, "https://api.example.org/")->api, "https://api.example.org");
    EXPECT_EQ(with_api(at, "http://127.0.0.1:1")->api, "http://127.0.0.1:1");
    EXPECT_FALSE(with_api(at, "http://api.example.org"));
    EXPECT_FALSE(with_api(at, "http://127.0.0.1.example.org"));
}

TEST(forge_questions, are_all_that_is_sent_and_one_without_an_answer_is_unreached) {
    for (auto kind : {forge::kind::github, forge::kind::gitlab, forge::kind::gitea})
        for (int closing : {1, 2}) { // on the first connection, on a reused one
            http::testing::loop on;
            http::testing::raw_server server(on.io, [&](const std::string&) -> std::optional<std::string> {
                if (static_cast<int>(server.requests.size()) >= closing) return std::nullopt;
                return http::testing::whole_answer("{}");
            });
            std::optional<http::client> web{std::in_place, on.io.get_executor()};
            auto forge =
                make_client({.kind = kind, .web = "", .api = server.root(), .path = "acme/team"}, secret("word"),
                            [&](http::fetch_spec what) { return web->fetch(std::move(what), 100'000); });
            answer<bool> last;
            on.run([&]() -> awaitable<> {
                for (int i = 0; i < closing; ++i)
                    last = co_await forge->is_protected("main");
            });
            ASSERT_FALSE(last);
            EXPECT_EQ(last.error().what, outcome_kind::unreached);
            for (const auto& request : server.requests) // which may be asked again: nothing changes by it
                EXPECT_TRUE(request.starts_with("GET ")) << request;
            server.close();
            web.reset();
            EXPECT_TRUE(on.dry());
        }
}

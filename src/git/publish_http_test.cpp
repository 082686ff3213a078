// Tests against a real web server with the real git http-backend (tests/fakes/git_http).
#include "base/url.hpp"
#include "git/testing_server.hpp"

using namespace persais;
using namespace persais::git;
using namespace persais::git::testing;

namespace {

constexpr const char* token = "not-a-real-word";

std::vector<std::string> serve(const fs::path& root, std::vector<std::string> more = {}) {
    std::vector<std::string> argv{"/usr/bin/python3",
                                  PERSAIS_SOURCE_DIR "/tests/fakes/git_http/serve.py",
                                  root.string(),
                                  "--user",
                                  "git",
                                  "--token",
                                  token,
                                  "--read-only-user",
                                  "reader:reads-only",
                                  "--no-access-user",
                                  "nobody:enters-not"};
    argv.insert(argv.end(), more.begin(), more.end());
    return argv;
}

/// A served repository with one commit.
struct served {
    explicit served(std::vector<std::string> more = {})
        : made(shell(folder.path(),
                     "mkdir root; git init -q person; cd person; echo a > a; git add a; git commit -qm a;"
                     "git init -q --bare ../root/team.git; git push -q ../root/team.git main; git rev-parse HEAD;"
                     "git commit -q --allow-empty -m next")),
          web(serve(folder.path() / "root", std::move(more))) {}
    mirror at(const std::string& user, const std::string& word, const std::string& ca = "",
              const std::string& name = "team.git") {
        auto url = web.url() + "/" + name;
        if (auto at = cut_url(url); !user.empty())
            url = fmt::format("{}://{}@{}{}", at->scheme, user, at->authority, at->after_authority);
        return mirror(folder.path() / "mirrors", remote{.url = url, .token = secret(word), .ca_file = ca});
    }
    std::string branch(const std::string& name) {
        return shell(folder.path() / "root/team.git", "git rev-parse --verify -q " + name + " || echo none");
    }
    open_temp_dir folder;
    commit_id made;
    server web;
};

failure refused(outcome<void> o) {
    return o ? failure{error_kind::other, "it worked"} : o.error();
}

} // namespace

TEST(http, with_the_token_work_goes_both_ways_and_the_token_is_written_nowhere) {
    served s;
    auto m = s.at("", token);
    auto fresh = on_a_loop(m.refresh());
    ASSERT_TRUE(fresh) << sentence(fresh);
    EXPECT_EQ(*on_a_loop(m.commit_of("main")), s.made);
    auto pushed = on_a_loop(m.push("mechanic/1-x", s.made, {}));
    ASSERT_TRUE(pushed) << sentence(pushed);
    EXPECT_EQ(s.branch("mechanic/1-x"), s.made);
    EXPECT_TRUE(on_a_loop(m.push("mechanic/1-x", s.made, {}))->already_there);
    fs::path tree = s.folder.path() / "tree";
    ASSERT_TRUE(on_a_loop(m.make_tree(tree, s.made)));
    EXPECT_EQ(shell(s.folder.path(), std::string("grep -rlF ") + token + " mirrors tree || echo nowhere"), "nowhere");
    EXPECT_EQ(shell(s.folder.path(), "grep -rlF 127.0.0.1 mirrors tree || echo nowhere"), "nowhere")
        << "nor the address";
}

TEST(http, without_or_with_a_wrong_token_it_says_which) {
    served s;
    auto none = refused(on_a_loop(s.at("", "").refresh()));
    EXPECT_EQ(none.kind, error_kind::no_read);
    EXPECT_NE(none.sentence.find("is private"), std::string::npos) << none.sentence;
    auto wrong = refused(on_a_loop(s.at("", "some-other-word").refresh()));
    EXPECT_EQ(wrong.kind, error_kind::no_read);
    EXPECT_NE(wrong.sentence.find("refuses the token"), std::string::npos) << wrong.sentence;
    EXPECT_EQ(wrong.sentence.find("some-other-word"), std::string::npos);
    EXPECT_EQ(refused(on_a_loop(s.at("nobody", "enters-not").refresh())).kind, error_kind::no_read);
}

TEST(http, who_may_only_read_cannot_push_and_is_told_so) {
    served s;
    auto m = s.at("reader", "reads-only");
    auto fresh = on_a_loop(m.refresh());
    ASSERT_TRUE(fresh) << sentence(fresh);
    auto pushed = on_a_loop(m.push("b", s.made, {}));
    ASSERT_FALSE(pushed);
    EXPECT_EQ(pushed.error().kind, error_kind::no_push);
    EXPECT_NE(pushed.error().sentence.find("may not push"), std::string::npos) << pushed.error().sentence;
    EXPECT_EQ(s.branch("b"), "none");
}

TEST(http, a_repository_that_is_not_there_is_not_found) {
    served s;
    auto why = refused(on_a_loop(s.at("", token, "", "absent.git").refresh()));
    EXPECT_EQ(why.kind, error_kind::not_found) << why.sentence;
    EXPECT_NE(why.sentence.find("/absent.git"), std::string::npos) << why.sentence;
}

TEST(http, a_protected_branch_says_what_the_host_said) {
    served s;
    auto hook = s.folder.path() / "root/team.git/hooks/pre-receive";
    write(
        hook,
        "#!/bin/sh\necho 'GitLab: You are not allowed to push code to protected branches on this project.'\nexit 1\n");
    fs::permissions(hook, fs::perms(0755));
    auto m = s.at("", token);
    ASSERT_TRUE(on_a_loop(m.refresh()));
    auto pushed = on_a_loop(m.push("b", s.made, {}));
    ASSERT_FALSE(pushed);
    EXPECT_EQ(pushed.error().kind, error_kind::protected_branch);
    EXPECT_NE(pushed.error().sentence.find("protected branches on this project"), std::string::npos)
        << pushed.error().sentence;
}

TEST(http, a_branch_that_moved_is_left_alone) {
    served s;
    auto m = s.at("", token);
    ASSERT_TRUE(on_a_loop(m.refresh()));
    auto theirs = shell(s.folder.path() / "person", "git push -q ../root/team.git HEAD:b; git rev-parse HEAD");
    auto pushed = on_a_loop(m.push("b", s.made, {}));
    ASSERT_FALSE(pushed);
    EXPECT_EQ(pushed.error().kind, error_kind::moved);
    EXPECT_EQ(s.branch("b"), theirs);
}

TEST(http, a_server_that_is_down_is_the_network) {
    served s;
    auto m = s.at("", token);
    ASSERT_TRUE(on_a_loop(m.refresh()));
    s.web.stop();
    auto down = refused(on_a_loop(m.refresh()));
    EXPECT_EQ(down.kind, error_kind::network) << down.sentence;
    auto pushed = on_a_loop(m.push("b", s.made, {}));
    ASSERT_FALSE(pushed);
    EXPECT_EQ(pushed.error().kind, error_kind::network);
    EXPECT_EQ(on_a_loop(m.has(s.made)), true) << "what is here stays readable";
}

TEST(http, a_private_authority_is_trusted_by_its_file_only) {
    open_temp_dir keys;
    shell(keys.path(),
          "openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=127.0.0.1 "
          "-addext subjectAltName=IP:127.0.0.1 2>/dev/null");
    served s({"--tls", (keys.path() / "cert.pem").string(), (keys.path() / "key.pem").string()});
    auto blind = refused(on_a_loop(s.at("", token).refresh()));
    EXPECT_EQ(blind.kind, error_kind::network);
    EXPECT_NE(blind.sentence.find("GIT_SSL_CAINFO"), std::string::npos) << blind.sentence;
    auto fresh = on_a_loop(s.at("", token, (keys.path() / "cert.pem").string()).refresh());
    EXPECT_TRUE(fresh) << sentence(fresh);
}

TEST(http, a_redirect_never_takes_the_token_along) {
    // There are two servers: one asks for the token and redirects to the other, which records what it receives.
    constexpr const char* script = R"(
import http.server, sys, threading
class Other(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        open(sys.argv[1], 'a').write(str(self.headers))
        self.send_response(401); self.send_header('WWW-Authenticate', 'Basic realm=x'); self.end_headers()
    def log_message(self, *a): pass
class First(Other):
    def do_GET(self):
        if 'Authorization' in self.headers:
            self.send_response(302); self.send_header('Location', f'http://127.0.0.1:{other.server_port}' + self.path)
        else:
            self.send_response(401); self.send_header('WWW-Authenticate', 'Basic realm=x')
        self.end_headers()
other = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Other)
first = http.server.ThreadingHTTPServer(('127.0.0.1', 0), First)
threading.Thread(target=other.serve_forever, daemon=True).start()
print(f'listening http://127.0.0.1:{first.server_port}', flush=True)
first.serve_forever()
)";
    open_temp_dir folder;
    auto seen = folder.path() / "seen";
    server both({"/usr/bin/python3", "-c", script, seen.string()});
    mirror m(folder.path() / "mirrors", remote{.url = both.url() + "/a", .token = secret(token), .ca_file = {}});
    auto why = refused(on_a_loop(m.refresh()));
    EXPECT_EQ(why.kind, error_kind::not_found) << why.sentence;
    EXPECT_NE(why.sentence.find("redirect"), std::string::npos) << why.sentence;
    EXPECT_FALSE(fs::exists(seen)) << read(seen);
}

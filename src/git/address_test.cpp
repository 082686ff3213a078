#include "git/address.hpp"
#include "git/testing.hpp"

using namespace persais::git;
using namespace persais::git::testing;

namespace {

std::string why_not(const std::string& url, const std::string& token = "") {
    auto read = read_address({.url = url, .token = token});
    return read ? "" : read.error().sentence;
}

std::string ask(const std::string& origin, const std::string& question) {
    temporary_folder folder;
    write(folder.path() / "askpass", askpass_script());
    return shell(folder.path(), "PERSAIS_GIT_ORIGIN='" + origin +
                                    "' PERSAIS_GIT_USER=me PERSAIS_GIT_TOKEN=word sh askpass \"" + question +
                                    "\" || echo refused");
}

} // namespace

TEST(address, takes_https_and_names_it_without_its_user) {
    auto read = read_address({.url = "https://ann@example.org:8443/team/x.git/", .token = "t"});
    ASSERT_TRUE(read);
    EXPECT_EQ(read->url, "https://ann@example.org:8443/team/x.git");
    EXPECT_EQ(read->shown, "https://example.org:8443/team/x.git/");
    EXPECT_EQ(read->origin, "https://example.org:8443");
    EXPECT_EQ(read->user, "ann");
    EXPECT_EQ(read->protocol(), "https");
}

TEST(address, sends_the_user_name_that_a_forge_wants) {
    EXPECT_EQ(read_address({.url = "https://github.com/a/b"})->user, "x-access-token");
    EXPECT_EQ(read_address({.url = "https://gitlab.com/a/b"})->user, "oauth2");
    EXPECT_EQ(read_address({.url = "https://gitlab.example.org/a/b"})->user, "oauth2");
    EXPECT_EQ(read_address({.url = "https://example.org/a/b"})->user, "git");
}

TEST(address, a_token_goes_over_plain_http_only_to_this_machine) {
    for (const char* url : {"http://127.0.0.1:3000/a", "http://127.9.9.9/a", "http://[::1]:80/a", "http://localhost/a",
                            "http://LOCALHOST/a"})
        EXPECT_EQ(why_not(url, "t"), "") << url;
    for (const char* url : {"http://example.org/a", "http://localhost.example.org/a", "http://127.0.0.1.example.org/a",
                            "http://0.0.0.0/a", "http://[::2]/a", "http://10.0.0.1/a"}) {
        EXPECT_NE(why_not(url, "t").find("plain http"), std::string::npos) << url << ": " << why_not(url, "t");
        EXPECT_EQ(why_not(url), "") << url << ": nothing secret goes there";
    }
}

TEST(address, refuses_what_it_does_not_speak_and_says_so) {
    EXPECT_NE(why_not("https://me:secret-word@example.org/a").find("GIT_ACCESS_TOKEN"), std::string::npos);
    EXPECT_EQ(why_not("https://me:secret-word@example.org/a").find("secret-word"), std::string::npos);
    for (const char* url : {"ssh://git@example.org/a", "git@example.org:a/b", "example.org:a"})
        EXPECT_NE(why_not(url).find("GIT_SSH_KEY"), std::string::npos) << url;
    for (const char* url :
         {"", "git://example.org/a", "ext::sh -c id", "fd::3", "https:///a", "https://-x/a", "https://exa mple/a",
          "https://e.org/a?x=1", "file://host/a", "ftp://e.org/a", "https://e.org/a\nb", "javascript://x"}) {
        auto read = read_address({.url = url});
        ASSERT_FALSE(read) << url;
        EXPECT_EQ(read.error().kind, trouble::refused_url) << url;
    }
}

TEST(address, a_path_is_a_repository_by_whatever_name) {
    temporary_folder folder;
    shell(folder.path(), "git init -q 'a b%20c'; git init -q --bare bare; mkdir none");
    auto canonical = fs::canonical(folder.path());
    auto url = [&](const std::string& text) {
        auto read = read_address({.url = text});
        return read ? read->url : read.error().sentence;
    };
    EXPECT_EQ(url((folder.path() / "a b%20c").string()), (canonical / "a b%20c").string());
    EXPECT_EQ(url("file://" + folder.path().string() + "/a%20b%2520c/"), (canonical / "a b%20c").string());
    EXPECT_EQ(url((folder.path() / "none/../bare").string()), (canonical / "bare").string());
    EXPECT_EQ(read_address({.url = (folder.path() / "none").string()}).error().kind, trouble::not_found);
    EXPECT_EQ(read_address({.url = (folder.path() / "absent").string()}).error().kind, trouble::not_found);
}

TEST(address, gives_each_remote_a_folder_of_its_own) {
    EXPECT_EQ(folder_name({.url = "https://e.org/a/b"}), folder_name({.url = "https://e.org/a/b/"}));
    EXPECT_NE(folder_name({.url = "https://e.org/a/b"}), folder_name({.url = "https://e.org/a-b"}));
    EXPECT_EQ(folder_name({.url = "https://e.org/../../x"}).find('/'), std::string::npos);
    EXPECT_FALSE(folder_name({.url = "https://e.org/a"}).starts_with("."));
}

TEST(askpass, answers_the_remotes_own_host_only) {
    EXPECT_EQ(ask("https://e.org", "Username for 'https://e.org': "), "me");
    EXPECT_EQ(ask("https://e.org", "Password for 'https://me@e.org': "), "word");
    for (const char* other : {"Password for 'https://me@evil.org': ", "Password for 'https://me@e.org.evil.org': ",
                              "Password for 'http://me@e.org': ", "Password for 'https://me@e.org:8443': ",
                              "Password for 'https://xe.org': ", "Enter PIN"})
        EXPECT_EQ(ask("https://e.org", other), "refused") << other;
}

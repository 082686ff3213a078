#include "git/address.hpp"
#include "git/testing.hpp"

using namespace persais::git;
using namespace persais::git::testing;
using persais::secret;

namespace {

std::string why_not(const std::string& url, const std::string& token = "") {
    auto read = read_address({.url = url, .token = secret(token)});
    return read ? "" : read.error().sentence;
}

std::string ask(const std::string& origin, const std::string& question) {
    open_temp_dir folder;
    write(folder.path() / "askpass", askpass_script());
    return shell(folder.path(), "PERSAIS_GIT_ORIGIN='" + origin +
                                    "' PERSAIS_GIT_USER=me PERSAIS_GIT_TOKEN=word sh askpass \"" + question +
                                    "\" || echo refused");
}

} // namespace

TEST(address, takes_https_and_names_it_without_its_user) {
    auto read = read_address({.url = "https://ann@example.org:8443/team/x.git/", .token = secret("t")});
    ASSERT_TRUE(read);
    EXPECT_EQ(read->url, "https://ann@example.org:8443/team/x.git");
    EXPECT_EQ(read->shown, "https://example.org:8443/team/x.git/");
    EXPECT_EQ(read->origin, "https://example.org:8443");
    EXPECT_EQ(read->user, "ann");
    EXPECT_EQ(read->protocol(), "https");
}

TEST(address, the_user_name_beside_a_token_is_the_one_in_the_address_before_the_one_that_is_given) {
    EXPECT_EQ(read_address({.url = "https://e.org/a/b"})->user, "git");
    EXPECT_EQ(read_address({.url = "https://e.org/a/b", .token_user = "oauth2"})->user, "oauth2");
    EXPECT_EQ(read_address({.url = "https://@e.org/a/b", .token_user = "oauth2"})->user, "oauth2");
    EXPECT_EQ(read_address({.url = "https://a%40b@e.org/a/b", .token_user = "oauth2"})->user, "a@b");
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
    for (const char* url :
         {"", "git://example.org/a", "ext::sh -c id", "fd::3", "https:///a", "https://-x/a", "https://exa mple/a",
          "https://e.org/a?x=1", "file://host/a", "a-b::x", "ftp://e.org/a", "https://e.org/a\nb", "javascript://x"}) {
        auto read = read_address({.url = url});
        ASSERT_FALSE(read) << url;
        EXPECT_EQ(read.error().kind, error_kind::refused_url) << url;
    }
}

TEST(address, takes_both_forms_of_ssh) {
    struct form {
        const char *given, *url, *origin;
    };
    for (auto [given, url, origin] : {
             form{"ssh://git@Example.org/team/x.git/", "ssh://git@example.org/team/x.git", "ssh://example.org:22"},
             form{"ssh://git@example.org:22/x", "ssh://git@example.org/x", "ssh://example.org:22"},
             form{"SSH://example.org:2222/~ann/x", "ssh://git@example.org:2222/~ann/x", "ssh://example.org:2222"},
             form{"git+ssh://ann.b-c@[::1]:2222/x", "ssh://ann.b-c@[::1]:2222/x", "ssh://[::1]:2222"},
             form{"git@github.com:a/b.git", "git@github.com:a/b.git", "ssh://github.com:22"},
             form{"github.com:a/b", "git@github.com:a/b", "ssh://github.com:22"},
             form{"git@ssh.dev.azure.com:v3/org/project/x", "git@ssh.dev.azure.com:v3/org/project/x",
                  "ssh://ssh.dev.azure.com:22"},
             form{"ann@host_1:/srv/x y", "ann@host_1:/srv/x y", "ssh://host_1:22"},
             form{"ann@[::1]:x", "ann@[::1]:x", "ssh://[::1]:22"},
             form{"[::1]:x", "git@[::1]:x", "ssh://[::1]:22"},
             form{"[ann@127.0.0.1:2222]:x", "[ann@127.0.0.1:2222]:x", "ssh://127.0.0.1:2222"},
         }) {
        auto read = read_address({.url = given});
        ASSERT_TRUE(read) << given << ": " << read.error().sentence;
        EXPECT_TRUE(read->ssh()) << given;
        EXPECT_EQ(read->url, url) << given;
        EXPECT_EQ(read->shown, url) << given;
        EXPECT_EQ(read->origin, origin) << given;
        EXPECT_EQ(read->protocol(), "ssh");
    }
}

TEST(address, no_word_of_an_ssh_address_can_be_an_option) {
    for (const char* url : {"ssh://-oProxyCommand=id/x",
                            "ssh://-oProxyCommand=id@host/x",
                            "ssh://git@-oProxyCommand=id/x",
                            "ssh://%2doProxyCommand=id/x",
                            "ssh://git@%2doProxyCommand=id/x",
                            "-oProxyCommand=id:x",
                            "git@-oProxyCommand=id:x",
                            "-oProxyCommand=id@host:x",
                            "git@host:-x",
                            "git@host:--upload-pack=id",
                            "[-oProxyCommand=id]:x",
                            "[git@-oProxyCommand=id:22]:x",
                            "ssh://git@ho st/x",
                            "ssh://git@host;id/x",
                            "ssh://git@$(id)/x",
                            "ssh://`id`@host/x",
                            "ssh://git@host:22x/x",
                            "ssh://git@host:0/x",
                            "ssh://git@host:65536/x",
                            "ssh://git@host:-1/x",
                            "ssh://git@host:/x",
                            "ssh://git@/x",
                            "ssh://@host/x",
                            "ssh:///x",
                            "ssh://git@host",
                            "ssh://git@host/",
                            "ssh://git@host/a%0ab",
                            "git@host:",
                            "git@host:/",
                            "ssh://git@[::1/x",
                            "ssh://git@[::]/x",
                            "ssh://git@::1/x"}) {
        auto read = read_address({.url = url});
        ASSERT_FALSE(read) << url << " → " << read->url;
        EXPECT_EQ(read.error().kind, error_kind::refused_url) << url;
        EXPECT_TRUE(read.error().sentence.find("ssh") != std::string::npos) << url << ": " << read.error().sentence;
    }
    auto password = why_not("ssh://git:secret-word@host/x");
    EXPECT_NE(password.find("password"), std::string::npos) << password;
    EXPECT_EQ(password.find("secret-word"), std::string::npos) << password;
}

TEST(address, ssh_without_a_key_says_what_to_give) {
    for (const char* url : {"ssh://git@example.org/a", "git@example.org:a/b", "example.org:a"}) {
        auto none = acceptable({.url = url});
        ASSERT_FALSE(none) << url;
        EXPECT_NE(none.error().sentence.find("GIT_SSH_KEY"), std::string::npos) << none.error().sentence;
    }
    open_temp_dir folder;
    shell(folder.path(), "ssh-keygen -q -t ed25519 -N '' -f key");
    remote where{.url = "git@example.org:a/b", .ssh_key = secret(read(folder.path() / "key"))};
    EXPECT_TRUE(acceptable(where)) << sentence(acceptable(where));
    where.known_hosts = "/absent";
    EXPECT_NE(sentence(acceptable(where)).find("GIT_SSH_KNOWN_HOSTS"), std::string::npos)
        << sentence(acceptable(where));
    where.ssh_key = secret(read(folder.path() / "key.pub"));
    EXPECT_NE(sentence(acceptable(where)).find("public key"), std::string::npos) << sentence(acceptable(where));
}

TEST(address, a_path_is_a_repository_by_whatever_name) {
    open_temp_dir folder;
    shell(folder.path(), "git init -q 'a b%20c'; git init -q --bare bare; mkdir none");
    auto canonical = fs::canonical(folder.path());
    auto url = [&](const std::string& text) {
        auto read = read_address({.url = text});
        return read ? read->url : read.error().sentence;
    };
    EXPECT_EQ(url((folder.path() / "a b%20c").string()), (canonical / "a b%20c").string());
    EXPECT_EQ(url("file://" + folder.path().string() + "/a%20b%2520c/"), (canonical / "a b%20c").string());
    EXPECT_EQ(url((folder.path() / "none/../bare").string()), (canonical / "bare").string());
    EXPECT_EQ(read_address({.url = (folder.path() / "none").string()}).error().kind, error_kind::not_found);
    EXPECT_EQ(read_address({.url = (folder.path() / "absent").string()}).error().kind, error_kind::not_found);
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

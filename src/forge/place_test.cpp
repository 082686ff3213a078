#include "forge/place.hpp"

#include <gtest/gtest.h>

using namespace persais::forge;

namespace {

std::optional<kind> kind_at(std::string_view remote, std::string_view setting = "") {
    auto at = place_of(remote, setting);
    return at ? std::optional(at->kind) : std::nullopt;
}

std::string api_at(std::string_view remote, std::string_view setting = "") {
    auto at = place_of(remote, setting);
    return at ? at->api : "";
}

} // namespace

TEST(place, of_the_forges_everybody_knows) {
    place expected{kind::github, "https://github.com/you/project", "https://api.github.com", "you/project"};
    for (auto* remote :
         {"https://github.com/you/project", "https://github.com/you/project.git", "https://github.com/you/project/",
          "https://GitHub.com/you/project.git/", "HTTPS://github.com/you/project?tab=readme#top",
          "git@github.com:you/project.git", "github.com:you/project", "git@github.com:/you/project",
          "ssh://git@github.com/you/project.git", "ssh://git@github.com:22/you/project",
          "git+ssh://git@github.com/you/project", "ssh://git@ssh.github.com:443/you/project",
          "[git@ssh.github.com:443]:you/project.git", "https://x-access-token:word@github.com/you/project.git"})
        EXPECT_EQ(place_of(remote), expected) << remote;
    EXPECT_EQ(place_of("https://gitlab.com/a/b/c.git"),
              (place{kind::gitlab, "https://gitlab.com/a/b/c", "https://gitlab.com/api/v4", "a/b/c"}));
    EXPECT_EQ(place_of("ssh://git@altssh.gitlab.com:443/a/b")->api, "https://gitlab.com/api/v4");
    EXPECT_EQ(kind_at("https://codeberg.org/a/b"), kind::gitea);
    EXPECT_EQ(kind_at("https://gitea.com/a/b"), kind::gitea);
    EXPECT_EQ(api_at("https://acme.ghe.com/a/b"), "https://api.acme.ghe.com");
}

TEST(place, of_a_host_of_ones_own_is_what_is_set_before_what_its_name_says) {
    EXPECT_FALSE(place_of("https://git.example:8443/a/b.git"));
    EXPECT_EQ(place_of("https://git.example:8443/a/b.git", "gitea"),
              (place{kind::gitea, "https://git.example:8443/a/b", "https://git.example:8443/api/v1", "a/b"}));
    EXPECT_EQ(api_at("https://git.example/a/b", "github"), "https://git.example/api/v3");
    EXPECT_EQ(kind_at("https://gitlab.example.org/a/b"), kind::gitlab);
    EXPECT_EQ(kind_at("https://gitlab.example.org/a/b", "gitea"), kind::gitea);
    EXPECT_EQ(kind_at("https://GitHub.example.org/a/b"), kind::github);
    EXPECT_EQ(kind_at("git@gitea.example.org:a/b"), kind::gitea);
    EXPECT_EQ(kind_at("https://forgejo.example.org/a/b"), kind::gitea);
}

TEST(place, a_public_host_is_what_it_is_and_none_is_nowhere) {
    EXPECT_EQ(kind_at("https://github.com/a/b", "gitlab"), kind::github);
    EXPECT_FALSE(place_of("https://github.com/a/b", "none"));
    EXPECT_FALSE(place_of("https://gitlab.example.org/a/b", "none"));
}

TEST(place, a_host_that_only_looks_like_a_forge_is_none) {
    for (auto* remote : {"https://github.com.example.org/a/b", "https://evil.example/github.com/a",
                         "https://github.com@evil.example/a/b", "https://mygithub.com/a/b",
                         "git@github.com.evil.org:a/b", "https://ghe.com/a/b"})
        EXPECT_NE(api_at(remote), "https://api.github.com") << remote;
    EXPECT_FALSE(place_of("https://github.com@evil.example/a/b"));
}

TEST(place, what_has_no_owner_or_no_host_stands_at_no_forge) {
    for (auto* remote : {"/srv/team.git", "file:///srv/github.com/team.git", "", "./a:b/c", "https://github.com",
                         "https://github.com/", "https://github.com/one", "git@github.com:one.git", "a", "a/b:c/d",
                         "git://github.com/a/b", "ext::github.com/a/b", ":a/b", "https:///a/b"})
        EXPECT_FALSE(place_of(remote, "github")) << remote;
}

TEST(place, a_token_goes_to_an_api_in_the_open_on_this_machine_alone) {
    EXPECT_EQ(api_at("http://127.0.0.1:3000/a/b", "gitea"), "http://127.0.0.1:3000/api/v1");
    EXPECT_EQ(api_at("http://git.example/a/b", "gitea"), "https://git.example/api/v1");
    EXPECT_EQ(api_at("http://127.0.0.1.evil.example/a/b", "gitea"), "https://127.0.0.1.evil.example/api/v1");
    EXPECT_EQ(place_of("http://git.example/a/b", "gitea")->web, "http://git.example/a/b");
    EXPECT_EQ(api_at("ssh://git@git.example:2222/a/b", "gitea"), "https://git.example/api/v1");
}

TEST(place, escapes_are_undone_once_and_made_once) {
    auto at = place_of("https://git.example/a/my%20project", "gitlab");
    ASSERT_TRUE(at);
    EXPECT_EQ(at->path, "a/my project");
    EXPECT_EQ(at->web, "https://git.example/a/my%20project");
    EXPECT_EQ(place_of("git@git.example:a/100%25", "gitlab")->path, "a/100%25") << "the short form has no escapes";
}

TEST(place, the_page_of_a_branch) {
    EXPECT_EQ(branch_page({kind::github, "https://h/o/n", "", ""}, "mechanic/17-a"),
              "https://h/o/n/tree/mechanic/17-a");
    EXPECT_EQ(branch_page({kind::gitlab, "https://h/o/n", "", ""}, "b#1"), "https://h/o/n/-/tree/b%231");
    EXPECT_EQ(branch_page({kind::gitea, "https://h/o/n", "", ""}, "ж"), "https://h/o/n/src/branch/%D0%B6");
}

TEST(place, short_names) {
    EXPECT_EQ(short_name("https://github.com/you/project.git"), "you/project");
    EXPECT_EQ(short_name("git@gitlab.com:a/b/c.git"), "b/c");
    EXPECT_EQ(short_name("https://git.example/a/my%20project"), "a/my project");
    EXPECT_EQ(short_name("/srv/team.git"), "team");
    EXPECT_EQ(short_name("/srv/team/"), "team");
    for (auto written :
         {"https://github.com/team/./app", "https://github.com/team//app", "https://github.com/team/x/../app.git",
          "https://github.com/team/%2e/app", "git@github.com:team/./app.git", "ssh://git@github.com/team/app/."})
        EXPECT_EQ(short_name(written), "team/app") << written;
    EXPECT_EQ(short_name("/srv/app/.git"), "app");
    EXPECT_EQ(short_name("/srv/x/../app"), "app");
    EXPECT_EQ(short_name("file:///srv/team.git"), "team");
    EXPECT_EQ(short_name("https://h/one"), "one");
    EXPECT_EQ(short_name(""), "");
}

TEST(place, the_user_beside_a_token) {
    EXPECT_EQ(token_user("https://github.com/a/b"), "x-access-token");
    EXPECT_EQ(token_user("https://gitlab.com/a/b"), "oauth2");
    EXPECT_EQ(token_user("https://gitlab.example.org/a/b"), "oauth2");
    EXPECT_EQ(token_user("https://git.example/a/b", "gitlab"), "oauth2");
    EXPECT_EQ(token_user("https://example.org/a/b"), "git");
    EXPECT_EQ(token_user("/srv/a.git"), "git");
}

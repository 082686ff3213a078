#include "telegram/web_place.hpp"

#include <gtest/gtest.h>

using namespace persais::telegram;
using kind = web_place::kind;

TEST(web_place, of_the_forges_everybody_knows) {
    web_place place{kind::github, "https://github.com/you/project"};
    for (auto* remote :
         {"https://github.com/you/project", "https://github.com/you/project.git", "https://github.com/you/project/",
          "git@github.com:you/project.git", "ssh://git@github.com/you/project.git",
          "ssh://git@github.com:22/you/project", "https://x-access-token:secret@github.com/you/project.git"})
        EXPECT_EQ(web_place_of(remote), place) << remote;
    EXPECT_EQ(web_place_of("https://gitlab.com/a/b/c.git").address, "https://gitlab.com/a/b/c");
    EXPECT_EQ(web_place_of("https://codeberg.org/a/b").what, kind::gitea);
}

TEST(web_place, of_a_host_of_ones_own_by_what_is_set) {
    EXPECT_EQ(web_place_of("https://git.example:8443/a/b.git"), web_place{});
    EXPECT_EQ(web_place_of("https://git.example:8443/a/b.git", kind::gitea),
              (web_place{kind::gitea, "https://git.example:8443/a/b"}));
}

TEST(web_place, a_path_has_none) {
    for (auto* remote :
         {"/srv/team.git", "file:///srv/team.git", "", "./a:b", "https://github.com", "https://github.com/", "a"})
        EXPECT_EQ(web_place_of(remote, kind::github), web_place{}) << remote;
}

TEST(web_place, the_address_of_a_branch) {
    EXPECT_EQ(branch_address({kind::github, "https://h/o/n"}, "mechanic/17-a"), "https://h/o/n/tree/mechanic/17-a");
    EXPECT_EQ(branch_address({kind::gitlab, "https://h/o/n"}, "b#1"), "https://h/o/n/-/tree/b%231");
    EXPECT_EQ(branch_address({kind::gitea, "https://h/o/n"}, "ж"), "https://h/o/n/src/branch/%D0%B6");
    EXPECT_EQ(branch_address({}, "b"), "");
}

TEST(web_place, short_names) {
    EXPECT_EQ(short_name("https://github.com/you/project.git"), "you/project");
    EXPECT_EQ(short_name("git@gitlab.com:a/b/c.git"), "b/c");
    EXPECT_EQ(short_name("/srv/team.git"), "team");
    EXPECT_EQ(short_name("/srv/team/"), "team");
    EXPECT_EQ(short_name("https://h/one"), "one");
    EXPECT_EQ(short_name(""), "");
}

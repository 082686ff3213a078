#include "cli/checkout.hpp"

#include <gtest/gtest.h>

using namespace persais::cli;

TEST(checkout, gives_an_address_without_credentials) {
    EXPECT_EQ(remote_address("https://ada:word@host.example:8443/a/b.git", "/x"), "https://host.example:8443/a/b.git");
    EXPECT_EQ(remote_address("https://word@host.example/a/b.git", "/x"), "https://host.example/a/b.git");
    EXPECT_EQ(remote_address("https://host.example/a@b.git", "/x"), "https://host.example/a@b.git");
    EXPECT_EQ(remote_address("ssh://git@host.example/a.git", "/x"), "ssh://git@host.example/a.git") << "who logs in";
    EXPECT_EQ(remote_address("git@host.example:a/b.git", "/x"), "git@host.example:a/b.git");
}

TEST(checkout, gives_a_path_that_holds_from_any_folder) {
    EXPECT_EQ(remote_address("../b.git", "/home/ada/work"), "/home/ada/b.git");
    EXPECT_EQ(remote_address("/srv/b.git", "/home/ada/work"), "/srv/b.git");
    EXPECT_EQ(remote_address("./a:b", "/home/ada"), "/home/ada/a:b");
}

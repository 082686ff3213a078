#include "git/scp_form.hpp"

#include <gtest/gtest.h>

using namespace persais;
using git::cut_scp_form;

TEST(scp_form, is_cut_at_the_colon_before_the_path) {
    struct form {
        const char *text, *authority, *path;
    };
    for (auto [text, authority, path] : {
             form{"git@github.com:a/b.git", "git@github.com", "a/b.git"},
             form{"host:/srv/x", "host", "/srv/x"},
             form{"host:", "host", ""},
             form{"a@[::1]:x", "a@[::1]", "x"},
             form{"[::1]:x", "[::1]", "x"},
             form{"[a@127.0.0.1:2222]:x:y", "a@127.0.0.1:2222", "x:y"},
         }) {
        auto cut = cut_scp_form(text);
        ASSERT_TRUE(cut) << text;
        EXPECT_EQ(cut->authority, authority) << text;
        EXPECT_EQ(cut->path, path) << text;
    }
}

TEST(scp_form, is_neither_a_url_nor_a_path) {
    for (auto text : {"", "a", ":a", "/a:b", "./a:b", "a/b:c", "https://h/a", "ssh://git@h:22/a", "[::1", "[a/b]:c",
                      "ext::h/a", "::a"})
        EXPECT_FALSE(cut_scp_form(text)) << text;
}

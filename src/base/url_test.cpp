#include "base/url.hpp"

#include <gtest/gtest.h>

using namespace persais;

TEST(url, is_cut_into_its_parts) {
    auto cut = cut_url("HTTPS://ann:p%20w@Example.org:8443/team/x.git?a=b#c");
    ASSERT_TRUE(cut);
    EXPECT_EQ(cut->scheme, "HTTPS");
    EXPECT_EQ(cut->authority, "ann:p%20w@Example.org:8443");
    EXPECT_EQ(cut->user, "ann");
    EXPECT_EQ(cut->password, "p%20w");
    EXPECT_EQ(cut->host_and_port, "Example.org:8443");
    EXPECT_EQ(cut->host, "Example.org");
    EXPECT_EQ(cut->port, "8443");
    EXPECT_EQ(cut->path, "/team/x.git");
    EXPECT_EQ(cut->query, "a=b");
    EXPECT_EQ(cut->fragment, "c");
    EXPECT_EQ(cut->after_authority, "/team/x.git?a=b#c");
}

TEST(url, parts_that_are_absent_differ_from_empty_ones) {
    auto bare = cut_url("https://h");
    ASSERT_TRUE(bare);
    EXPECT_FALSE(bare->user || bare->password || bare->port || bare->query || bare->fragment);
    EXPECT_EQ(bare->path, "");
    auto empty = cut_url("https://:@h:/?#");
    ASSERT_TRUE(empty);
    EXPECT_EQ(empty->user, "");
    EXPECT_EQ(empty->password, "");
    EXPECT_EQ(empty->port, "");
    EXPECT_EQ(empty->path, "/");
    EXPECT_EQ(empty->query, "");
    EXPECT_EQ(empty->fragment, "");
    for (const auto* none : {"", "/srv/x.git", "git@host:path", "localhost:80", "https:/h"})
        EXPECT_FALSE(cut_url(none)) << none;
}

TEST(url, the_host_is_what_a_connection_would_go_to) {
    struct form {
        const char *text, *host;
    };
    for (auto [text, host] : {
             form{"http://127.0.0.1.evil.example/r", "127.0.0.1.evil.example"},
             form{"http://10.0.0.1.nip.io", "10.0.0.1.nip.io"},
             form{"http://127.0.0.1:1@evil.example/", "evil.example"},
             form{"http://127.0.0.1@evil@evil.example/", "evil.example"},
             form{"http://evil.example/@127.0.0.1/", "evil.example"},
             form{"http://evil.example?@127.0.0.1/", "evil.example"},
             form{"http://evil.example#@127.0.0.1/", "evil.example"},
             form{"http://[::1]:80/", "[::1]"},
             form{"http://[::1]evil.example/", "[::1]evil.example"},
             form{"http://[::1", "["},
             form{"http:///x", ""},
         })
        EXPECT_EQ(cut_url(text)->host, host) << text;
}

TEST(url, one_that_is_not_well_formed_is_cut_and_not_parsed) {
    for (const auto* text : {"http://127.0.0.1\\@evil.example/", "https://a b/", "https://a/b c", "://h/", "9x://h/",
                             "https://h/%zz", "https://h/\n", "/srv/a://b"}) {
        EXPECT_FALSE(parse_url(text)) << text;
        EXPECT_TRUE(cut_url(text)) << text;
    }
    for (const auto* text : {"https://h", "postgresql:///db?host=/run/x", "http://127.0.0.1.evil.example/r"})
        EXPECT_TRUE(parse_url(text)) << text;
    EXPECT_FALSE(parse_url("mailto:a@b")) << "it has no authority";
}

TEST(url, this_machine_is_known_by_its_whole_name) {
    for (const auto* host : {"localhost", "LocalHost", "127.0.0.1", "127.9.9.9", "::1", "[::1]"})
        EXPECT_TRUE(is_loopback(host)) << host;
    for (const auto* host : {"", "[]", "127.0.0.1.evil.example", "localhost.evil.example", "127.1", "0.0.0.0", "[::2]",
                             "[::1]evil.example", "::1]", "%6cocalhost"})
        EXPECT_FALSE(is_loopback(host)) << host;
}

TEST(url, http_to_another_machine_is_open) {
    for (auto open : {"http://host/r", "http://10.0.0.1/", "http://127.0.0.1.evil.example/r", "HTTP://h/",
                      "http://127.0.0.1:1@h/", "http://[::1]h/", "http://127.0.0.1\\@h/", "http:", "http:/127.0.0.1/"})
        EXPECT_TRUE(is_open_http(open)) << open;
    for (auto closed : {"https://host/r", "http://localhost:1/", "http://127.0.0.2/", "http://[::1]:2/", "/srv/r", ""})
        EXPECT_FALSE(is_open_http(closed)) << closed;
}

TEST(url, where_a_server_listens) {
    auto v4 = parse_ip_and_port("127.0.0.1:9090"), v6 = parse_ip_and_port("[::1]:0");
    ASSERT_TRUE(v4 && v6);
    EXPECT_EQ(v4->ip, "127.0.0.1");
    EXPECT_EQ(v4->port, 9090);
    EXPECT_EQ(v6->ip, "::1");
    EXPECT_EQ(v6->port, 0);
    for (const auto* wrong :
         {"", ":", "9090", ":9090", "::1:9090", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1",
          "127.0.0.1: 1", "[127.0.0.1]:1", "a:1", "[fe80::1%lo]:1", "u@127.0.0.1:1", "[]:1"})
        EXPECT_FALSE(parse_ip_and_port(wrong)) << wrong;
}

TEST(url, letters_of_ascii_alone_have_a_case) {
    EXPECT_EQ(lower_case("A-Zb.\xc3\x84"), "a-zb.\xc3\x84");
}

#include "egress/request_head.hpp"

#include <gtest/gtest.h>

namespace persais::egress {
namespace {

int error_of(std::string_view head) {
    auto parsed = parse_proxy_request(head);
    return parsed ? 0 : parsed.error().status;
}

TEST(request_head, a_tunnel_is_to_a_host_and_a_port) {
    auto r = parse_proxy_request("CONNECT Pkg.Test:443 HTTP/1.1\r\nHost: elsewhere.org\r\n\r\n");
    ASSERT_TRUE(r);
    EXPECT_TRUE(r->tunnel);
    EXPECT_EQ(to_string(r->to), "pkg.test:443");
    for (auto* bad : {"CONNECT user@pkg.test:443", "CONNECT 127.1:443", "CONNECT pkg.test:99999", "CONNECT http://x/",
                      "CONNECT ", "CONNECT"})
        EXPECT_EQ(error_of(std::string(bad) + " HTTP/1.1\r\n\r\n"), 400) << bad;
}

TEST(request_head, a_plain_request_is_one_request_to_the_host_of_its_address) {
    auto r =
        parse_proxy_request("GET http://Mirror.Test/debian/x?y#z HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                            "Proxy-Authorization: Basic eDp5\r\nConnection: keep-alive\r\nUser-Agent: apt\r\n\r\n");
    ASSERT_TRUE(r);
    EXPECT_FALSE(r->tunnel);
    EXPECT_EQ(to_string(r->to), "mirror.test:80");
    EXPECT_EQ(r->head, "GET /debian/x?y HTTP/1.1\r\nHost: mirror.test\r\nUser-Agent: apt\r\nConnection: close\r\n\r\n");
    EXPECT_TRUE(r->proxied_head.starts_with("GET http://mirror.test/debian/x?y HTTP/1.1\r\nHost: mirror.test\r\n"));
    EXPECT_FALSE(r->proxied_head.ends_with("\r\n\r\n")) << "the way adds its fields";
    EXPECT_EQ(parse_proxy_request("GET http://a.org HTTP/1.0\r\n\r\n")->head.substr(0, 15), "GET / HTTP/1.1\r");
    EXPECT_EQ(parse_proxy_request("POST http://a.org:8080/ HTTP/1.1\r\nContent-Length: 12\r\n\r\n")->body_bytes, 12U);
    EXPECT_NE(parse_proxy_request("GET http://a.org:8080/ HTTP/1.1\r\n\r\n")->head.find("Host: a.org:8080\r\n"),
              std::string::npos);
}

TEST(request_head, one_that_does_not_end_is_none) {
    for (auto* bad :
         {"GET http://a.org/ HTTP/1.1", "GET http://a.org/ HTTP/1.1\r\n", "GET http://a.org/ HTTP/1.1\r\nA: b",
          "CONNECT a.org:443 HTTP/1.1\r\nA: b\r\n", "CONNECT a.org:443 HTTP/1.1\r\n\r\nmore"})
        EXPECT_EQ(error_of(bad), 400) << bad;
    EXPECT_FALSE(parse_answer_head("HTTP/1.1 200 OK"));
}

TEST(request_head, what_two_servers_could_read_in_two_ways_is_refused) {
    for (auto* bad : {"GET / HTTP/1.1\r\nHost: a.org\r\n\r\n", "GET http://u:p@a.org/ HTTP/1.1\r\n\r\n",
                      "GET  HTTP/1.1\r\n\r\n", "GET http://a.org/ FTP/1\r\n\r\n", "GET http:///x HTTP/1.1\r\n\r\n",
                      "POST http://a.org/ HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
                      "POST http://a.org/ HTTP/1.1\r\nContent-Length: +1\r\n\r\n",
                      "POST http://a.org/ HTTP/1.1\r\nContent-Length : 1\r\n\r\n",
                      "GET http://a.org/ HTTP/1.1\r\nA: b\r\n folded: c\r\n\r\n",
                      "GET http://a.org/ HTTP/1.1\r\nA: b\nC: d\r\n\r\n",
                      "GET http://a.org/ HTTP/1.1\r\nA: b\rC: d\r\n\r\n", "GET http://a.org/\tx HTTP/1.1\r\n\r\n",
                      "GET http://a.org/ x HTTP/1.1\r\n\r\n", "GET http://a.org/ HTTP/1.1\r\nno field\r\n\r\n"})
        EXPECT_EQ(error_of(bad), 400) << bad;
    EXPECT_EQ(error_of(std::string("GET http://a.org/ HTTP/1.1\r\nA: \0\r\n\r\n", 35)), 400);
    EXPECT_EQ(error_of("POST http://a.org/ HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"), 411);
    EXPECT_EQ(error_of("GET ftp://a.org/ HTTP/1.1\r\n\r\n"), 501);
    EXPECT_EQ(error_of("GET https://a.org/ HTTP/1.1\r\n\r\n"), 501);
}

TEST(request_head, an_answer_ends_its_connection) {
    auto a = parse_answer_head("HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: 3\r\n\r\n");
    ASSERT_TRUE(a);
    EXPECT_EQ(a->status, 200);
    EXPECT_EQ(a->head, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(parse_answer_head("HTTP/1.1 103 Early Hints\r\n\r\n")->head, "HTTP/1.1 103 Early Hints\r\n\r\n");
    for (auto* bad :
         {"HTTP/1.1 20 OK\r\n\r\n", "SSH-2.0-x\r\n\r\n", "HTTP/1.1 abc\r\n\r\n", "HTTP/1.1 200 OK\r\nx\r\n\r\n", ""})
        EXPECT_FALSE(parse_answer_head(bad)) << bad;
    EXPECT_TRUE(own_answer(403, "No").starts_with("HTTP/1.1 403 No\r\n"));
}

} // namespace
} // namespace persais::egress

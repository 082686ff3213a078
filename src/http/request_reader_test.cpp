#include "http/request_reader.hpp"

#include <gtest/gtest.h>

using namespace persais::http;

namespace {

const std::string post = "POST /v1/x?a=b HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello";

} // namespace

TEST(request_reader, reads_a_request_however_it_is_cut) {
    for (std::size_t cut = 1; cut <= post.size(); ++cut) {
        request_reader reader;
        for (std::size_t at = 0; at < post.size(); at += cut)
            EXPECT_FALSE(reader.feed(post.substr(at, cut)));
        auto r = reader.take();
        ASSERT_TRUE(r) << cut;
        EXPECT_EQ(r->method, "POST");
        EXPECT_EQ(r->path, "/v1/x");
        EXPECT_EQ(r->query, "a=b");
        EXPECT_EQ(r->body, "hello");
        EXPECT_EQ(header(r->fields, "hOST"), "h");
        EXPECT_TRUE(r->keep_alive);
        EXPECT_TRUE(reader.idle());
    }
}

TEST(request_reader, keeps_the_next_request_of_a_pipeline) {
    request_reader reader;
    EXPECT_FALSE(reader.feed(post + "GET /two HTTP/1.1\r\n\r\n"));
    EXPECT_EQ(reader.take()->path, "/v1/x");
    EXPECT_FALSE(reader.idle());
    EXPECT_FALSE(reader.feed({}));
    EXPECT_EQ(reader.take()->path, "/two");
}

TEST(request_reader, reads_a_chunked_body) {
    request_reader reader;
    EXPECT_FALSE(reader.feed("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"));
    EXPECT_EQ(reader.take()->body, "abcde");
}

TEST(request_reader, refuses_a_header_that_is_too_large_with_431) {
    request_reader whole({.header_bytes = 200});
    auto no = whole.feed("GET / HTTP/1.1\r\nX: " + std::string(300, 'x') + "\r\n\r\n");
    ASSERT_TRUE(no);
    EXPECT_EQ(no->status, 431);
    request_reader endless({.header_bytes = 200});
    no.reset();
    for (int i = 0; i < 300 && !no; ++i)
        no = endless.feed("x");
    ASSERT_TRUE(no) << "a header without an end is refused too";
    EXPECT_TRUE(no->status == 431 || no->status == 400);
}

TEST(request_reader, refuses_a_body_that_is_too_large_with_413) {
    request_reader announced({.body_bytes = 4});
    auto no = announced.feed(post);
    ASSERT_TRUE(no);
    EXPECT_EQ(no->status, 413);
    request_reader chunked({.body_bytes = 4});
    no = chunked.feed("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n");
    ASSERT_TRUE(no);
    EXPECT_EQ(no->status, 413);
}

TEST(request_reader, refuses_what_is_no_request_with_400) {
    for (auto* text :
         {"\x16\x03\x01 hello\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET http://x/ HTTP/1.1\r\n\r\n",
          "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
          "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n"}) {
        request_reader reader;
        auto no = reader.feed(text);
        ASSERT_TRUE(no) << text;
        EXPECT_EQ(no->status, 400) << text;
    }
}

TEST(request_reader, asks_for_the_body_once_when_the_client_waits) {
    request_reader reader;
    EXPECT_FALSE(reader.feed("POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"));
    EXPECT_TRUE(reader.wants_continue());
    EXPECT_FALSE(reader.wants_continue());
    EXPECT_FALSE(reader.feed("ok"));
    EXPECT_EQ(reader.take()->body, "ok");
}

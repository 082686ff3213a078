#include "http/request_reader.hpp"

#include <gtest/gtest.h>

using namespace persais::http;

namespace {

const std::string post = "POST /v1/x?a=b HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello";

/// The next request with its body, from what was fed.
std::optional<request> take(request_reader& reader, std::size_t most = 1000) {
    auto r = reader.take_head();
    if (!r || reader.want_body(most)) return std::nullopt;
    auto body = reader.take_body();
    if (!body) return std::nullopt;
    r->body = std::move(*body);
    return r;
}

} // namespace

TEST(request_reader, reads_a_request_however_it_is_cut) {
    for (std::size_t cut = 1; cut <= post.size(); ++cut) {
        request_reader reader;
        std::optional<request> r;
        std::optional<std::string> body;
        for (std::size_t at = 0; at < post.size(); at += cut) {
            EXPECT_FALSE(reader.feed(post.substr(at, cut)));
            if (!r) {
                r = reader.take_head();
                if (r) EXPECT_FALSE(reader.want_body(5));
            }
            if (r && !body) body = reader.take_body();
        }
        ASSERT_TRUE(r) << cut;
        EXPECT_EQ(r->method, "POST");
        EXPECT_EQ(r->path, "/v1/x");
        EXPECT_EQ(r->query, "a=b");
        EXPECT_EQ(r->body, "");
        EXPECT_EQ(body, "hello");
        EXPECT_EQ(header(r->fields, "hOST"), "h");
        EXPECT_TRUE(r->keep_alive);
        EXPECT_FALSE(reader.take_head());
    }
}

TEST(request_reader, gives_each_head_once) {
    request_reader reader;
    EXPECT_FALSE(reader.feed(post));
    EXPECT_TRUE(reader.take_head());
    EXPECT_FALSE(reader.take_head());
}

TEST(request_reader, keeps_the_next_request_of_a_pipeline) {
    request_reader reader;
    EXPECT_FALSE(reader.feed(post + "GET /two HTTP/1.1\r\nHost: h\r\n\r\n"));
    EXPECT_EQ(take(reader)->path, "/v1/x");
    EXPECT_FALSE(reader.feed({}));
    EXPECT_EQ(take(reader)->path, "/two");
}

TEST(request_reader, skips_a_body_that_is_here_and_no_other) {
    request_reader whole;
    EXPECT_FALSE(whole.feed(post + "GET /two HTTP/1.1\r\nHost: h\r\n\r\n"));
    EXPECT_TRUE(whole.take_head());
    EXPECT_TRUE(whole.skip_body());
    EXPECT_FALSE(whole.feed({}));
    EXPECT_EQ(take(whole)->path, "/two");
    request_reader cut;
    EXPECT_FALSE(cut.feed(post.substr(0, post.size() - 1)));
    EXPECT_TRUE(cut.take_head());
    EXPECT_FALSE(cut.skip_body());
    request_reader none;
    EXPECT_FALSE(none.feed("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
    EXPECT_TRUE(none.take_head());
    EXPECT_TRUE(none.skip_body());
}

TEST(request_reader, reads_a_chunked_body) {
    request_reader reader;
    EXPECT_FALSE(reader.feed(
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"));
    EXPECT_EQ(take(reader)->body, "abcde");
}

TEST(request_reader, reads_a_chunked_body_however_it_is_cut) {
    const std::string head = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (const std::string end : {"0\r\n\r\n", "0\r\nX-Trailer: t\r\n\r\n"}) {
        const std::string body = "3\r\nabc\r\n1\r\nd\r\n" + end;
        for (std::size_t cut = 1; cut <= body.size(); ++cut) {
            request_reader reader;
            EXPECT_FALSE(reader.feed(head));
            ASSERT_TRUE(reader.take_head());
            EXPECT_FALSE(reader.want_body(4));
            std::optional<std::string> got;
            for (std::size_t at = 0; at < body.size(); at += cut) {
                EXPECT_FALSE(got);
                EXPECT_FALSE(reader.feed(body.substr(at, cut)));
                got = reader.take_body();
            }
            EXPECT_EQ(got, "abcd") << cut;
        }
    }
}

TEST(request_reader, refuses_a_header_that_is_too_large_with_431) {
    request_reader whole(200);
    auto no = whole.feed("GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(300, 'x') + "\r\n\r\n");
    ASSERT_TRUE(no);
    EXPECT_EQ(no->status, 431);
    request_reader endless(200);
    no.reset();
    for (int i = 0; i < 300 && !no; ++i)
        no = endless.feed("x");
    ASSERT_TRUE(no) << "a header without an end is refused too";
    EXPECT_TRUE(no->status == 431 || no->status == 400);
}

TEST(request_reader, refuses_the_header_or_the_trailer_of_a_chunk_without_an_end) {
    for (std::string before : {"1;x=", "0\r\nX: "}) {
        request_reader reader(200);
        EXPECT_FALSE(reader.feed("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + before));
        EXPECT_TRUE(reader.take_head());
        auto no = reader.want_body(1000);
        for (int i = 0; i < 300 && !no; ++i)
            no = reader.feed("x");
        ASSERT_TRUE(no) << before;
        EXPECT_EQ(no->status, 431);
    }
}

TEST(request_reader, refuses_a_body_that_is_larger_than_is_wanted_with_413) {
    request_reader announced;
    EXPECT_FALSE(announced.feed(post.substr(0, post.size() - 5))) << "nobody has said yet how large it may be";
    EXPECT_TRUE(announced.take_head());
    auto no = announced.want_body(4);
    ASSERT_TRUE(no);
    EXPECT_EQ(no->status, 413);
    request_reader chunked;
    EXPECT_FALSE(
        chunked.feed("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n"));
    EXPECT_TRUE(chunked.take_head());
    no = chunked.want_body(4);
    ASSERT_TRUE(no);
    EXPECT_EQ(no->status, 413);
}

TEST(request_reader, refuses_what_is_no_request_with_400) {
    for (auto* text : {"\x16\x03\x01 hello\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n",
                       "GET http://x/ HTTP/1.1\r\nHost: h\r\n\r\n",
                       "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
                       "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n"}) {
        request_reader reader;
        auto no = reader.feed(text);
        ASSERT_TRUE(no) << text;
        EXPECT_EQ(no->status, 400) << text;
    }
}

TEST(request_reader, refuses_a_head_that_another_reader_could_understand_otherwise) {
    const std::string chunks = "5\r\nhello\r\n0\r\n\r\n";
    for (const auto* fields :
         {"Host: h\r\nTransfer-Encoding: gzip\r\n", "Host: h\r\nTransfer-Encoding: gzip, chunked\r\n",
          "Host: h\r\nTransfer-Encoding: chunked, chunked\r\n",
          "Host: h\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
          "Host: h\r\nTransfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n",
          "Host: h\r\nTransfer-Encoding: xchunked\r\n", "Host: h\r\nTransfer-Encoding:\r\n",
          "Host: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 15\r\n",
          "Host: h\r\nContent-Length: 15\r\nTransfer-Encoding: chunked\r\n",
          "Host: h\r\nContent-Length: 15\r\nTransfer-Encoding: gzip\r\n",
          "Host: h\r\nContent-Length: 15\r\nContent-Length: 15\r\n", "Host: h\r\nContent-Length: 15, 15\r\n",
          "Content-Length: 15\r\n", "Host: h\r\nHost: h\r\nContent-Length: 15\r\n"}) {
        request_reader reader;
        auto no = reader.feed(std::string("POST / HTTP/1.1\r\n") + fields + "\r\n" + chunks);
        ASSERT_TRUE(no) << fields;
        EXPECT_EQ(no->status, 400) << fields;
    }
    request_reader old;
    auto no = old.feed("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks);
    ASSERT_TRUE(no);
    EXPECT_EQ(no->status, 400);
    request_reader without_host;
    EXPECT_FALSE(without_host.feed("GET / HTTP/1.0\r\n\r\n")) << "HTTP/1.0 has none";
    request_reader upper;
    EXPECT_FALSE(upper.feed("POST / HTTP/1.1\r\nhost:\r\ntransfer-encoding: Chunked\r\n\r\n" + chunks));
    EXPECT_EQ(take(upper)->body, "hello");
}

TEST(request_reader, knows_that_the_client_waits_before_it_sends_the_body) {
    request_reader reader;
    EXPECT_FALSE(reader.feed("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"));
    EXPECT_TRUE(reader.take_head());
    EXPECT_TRUE(reader.waits_for_continue());
    EXPECT_FALSE(reader.want_body(2));
    EXPECT_FALSE(reader.feed("o"));
    EXPECT_FALSE(reader.take_body());
    EXPECT_FALSE(reader.feed("k"));
    EXPECT_EQ(reader.take_body(), "ok");
    EXPECT_FALSE(reader.feed(post));
    EXPECT_TRUE(reader.take_head());
    EXPECT_FALSE(reader.waits_for_continue());
}

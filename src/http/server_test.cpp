#include "base/temp_dir.hpp"
#include "http/testing_socket.hpp"

#include <cstdlib>
#include <fstream>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/write.hpp>

using namespace persais;
using namespace persais::http;
using namespace persais::http::testing;
using namespace std::chrono_literals;

namespace {

awaitable<> echo(request r, pending_request& to) {
    auto body = co_await to.body(10);
    if (!body)
        co_await to.send(body.error().status, {}, body.error().sentence);
    else
        co_await to.send(200, {}, r.method + " " + r.path + " " + *body);
}

} // namespace

struct http_server : ::testing::Test, loop {};

TEST_F(http_server, answers_requests_of_one_connection_in_their_order) {
    server s(io.get_executor(), echo);
    auto port = *s.listen_tcp("127.0.0.1", 0);
    run([&]() -> awaitable<> {
        auto all = co_await ask(
            port, "GET /1 HTTP/1.1\r\nHost: h\r\n\r\nPOST /2 HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx"
                  "GET /3 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
        auto one = all.find("GET /1 "), two = all.find("POST /2 x"), three = all.find("GET /3 ");
        EXPECT_TRUE(one < two && two < three && three != all.npos) << all;
    });
    s.close();
    EXPECT_TRUE(dry());
}

TEST_F(http_server, listens_on_a_unix_socket_that_everybody_may_use) {
    server s(io.get_executor(), echo);
    auto path = std::filesystem::temp_directory_path() / ("persais-http-test-" + std::to_string(::getpid()));
    ASSERT_TRUE(s.listen_unix(path, 0666));
    struct stat st{};
    ASSERT_EQ(::stat(path.c_str(), &st), 0);
    EXPECT_EQ(st.st_mode & 0777, 0666u);
    run([&]() -> awaitable<> {
        asio::local::stream_protocol::socket c(io);
        co_await c.async_connect(asio::local::stream_protocol::endpoint(path.string()), asio::use_awaitable);
        std::string text = "GET /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
        co_await asio::async_write(c, asio::buffer(text), asio::use_awaitable);
        auto got = co_await read_until(c, "\x01");
        EXPECT_NE(got.find("GET /x"), got.npos) << got;
    });
    s.close();
    EXPECT_TRUE(dry());
    EXPECT_FALSE(std::filesystem::exists(path));
    EXPECT_FALSE(s.listen_unix("/" + std::string(120, 'x'), 0600));
    EXPECT_FALSE(s.listen_unix("/no/such/folder/socket", 0600));
}

TEST_F(http_server, refuses_bad_input_with_one_sentence_of_json) {
    server s(io.get_executor(), echo, {.header_bytes = 300});
    auto port = *s.listen_tcp("127.0.0.1", 0);
    run([&]() -> awaitable<> {
        auto bad = co_await ask(port, "nonsense\r\n\r\n");
        EXPECT_TRUE(bad.starts_with("HTTP/1.1 400 ")) << bad;
        EXPECT_NE(bad.find(R"({"error":{"code":400,"message":")"), bad.npos) << bad;
        auto large = co_await ask(port, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n" +
                                            std::string(100000, 'x'));
        EXPECT_TRUE(large.starts_with("HTTP/1.1 413 ")) << large;
        auto header = co_await ask(port, "GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(400, 'x') + "\r\n\r\n");
        EXPECT_TRUE(header.starts_with("HTTP/1.1 431 ")) << header;
    });
    s.close();
    EXPECT_TRUE(dry());
}

TEST_F(http_server, a_handler_that_throws_or_says_nothing_is_a_500_without_details) {
    server s(io.get_executor(), [](request r, pending_request&) -> awaitable<> {
        if (r.path == "/throws") throw std::runtime_error("the secret detail");
        co_return;
    });
    auto port = *s.listen_tcp("127.0.0.1", 0);
    run([&]() -> awaitable<> {
        for (auto* path : {"/throws", "/silent"}) {
            auto got = co_await ask(port, std::string("GET ") + path + " HTTP/1.1\r\nHost: h\r\n\r\n");
            EXPECT_TRUE(got.starts_with("HTTP/1.1 500 ")) << got;
            EXPECT_EQ(got.find("secret"), got.npos);
        }
    });
    s.close();
    EXPECT_TRUE(dry());
}

TEST_F(http_server, an_idle_connection_is_closed_after_its_time) {
    server s(io.get_executor(), echo, {.idle = 20ms});
    auto port = *s.listen_tcp("127.0.0.1", 0);
    run([&]() -> awaitable<> { EXPECT_EQ(co_await ask(port, "GET / HTTP/1.1\r\nHost: h\r\nHalf: a hea"), ""); });
    s.close();
    EXPECT_TRUE(dry());
}

TEST_F(http_server, a_piece_is_with_the_client_before_the_next_is_written) {
    event first_seen(io.get_executor());
    server s(io.get_executor(), [&](request, pending_request& to) -> awaitable<> {
        co_await to.begin(200, {});
        co_await to.write("first");
        co_await first_seen.wait();
        co_await to.write("second");
        co_await to.finish();
    });
    auto port = *s.listen_tcp("127.0.0.1", 0);
    run([&]() -> awaitable<> {
        auto c = co_await dial(port);
        co_await put(c, "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
        auto got = co_await read_until(c, "first");
        EXPECT_EQ(got.find("second"), got.npos);
        first_seen.set();
        EXPECT_NE((co_await read_until(c, "0\r\n\r\n")).find("second"), std::string::npos);
    });
    s.close();
    EXPECT_TRUE(dry());
}

TEST_F(http_server, a_client_that_leaves_cancels_its_handler) {
    event started(io.get_executor()), cancelled(io.get_executor());
    server s(io.get_executor(), [&](request, pending_request&) -> awaitable<> {
        started.set();
        try {
            co_await sleep_for(1h);
        } catch (const boost::system::system_error&) {
            cancelled.set();
            throw;
        }
    });
    auto port = *s.listen_tcp("127.0.0.1", 0);
    run([&]() -> awaitable<> {
        auto c = co_await dial(port);
        co_await put(c, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        co_await started.wait();
        c.close();
        co_await cancelled.wait();
    });
    s.close();
    EXPECT_TRUE(dry());
}

TEST_F(http_server, close_cancels_handlers_and_cuts_connections) {
    event started(io.get_executor());
    bool cancelled = false;
    server s(io.get_executor(), [&](request, pending_request&) -> awaitable<> {
        started.set();
        try {
            co_await sleep_for(1h);
        } catch (const boost::system::system_error&) {
            cancelled = true;
            throw;
        }
    });
    auto port = *s.listen_tcp("127.0.0.1", 0);
    run([&]() -> awaitable<> {
        auto c = co_await dial(port);
        co_await put(c, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        co_await started.wait();
        s.close();
        EXPECT_EQ(co_await read_until(c, "\x01"), "");
    });
    EXPECT_TRUE(dry());
    EXPECT_TRUE(cancelled);
}

TEST_F(http_server, an_answer_that_was_begun_and_broke_is_seen_as_cut) {
    server s(io.get_executor(), [](request, pending_request& to) -> awaitable<> {
        co_await to.begin(200, {});
        co_await to.write("half");
        throw std::runtime_error("broken");
    });
    auto port = *s.listen_tcp("127.0.0.1", 0);
    run([&]() -> awaitable<> {
        auto got = co_await ask(port, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        EXPECT_NE(got.find("half"), got.npos);
        EXPECT_EQ(got.find("0\r\n\r\n"), got.npos) << "no end of chunks";
    });
    s.close();
    EXPECT_TRUE(dry());
}

TEST_F(http_server, a_new_connection_closes_the_one_that_has_been_idle_longest) {
    server s(io.get_executor(), echo, {.connections = 2});
    auto port = *s.listen_tcp("127.0.0.1", 0);
    run([&]() -> awaitable<> {
        std::vector<tcp::socket> all;
        for (int i = 0; i < 3; ++i) {
            all.push_back(co_await dial(port));
            co_await put(all.back(), "GET /x HTTP/1.1\r\nHost: h\r\n\r\n");
            co_await read_until(all.back(), "GET /x ");
        }
        EXPECT_EQ(co_await read_all(all[0]), "");
        for (int i : {1, 2}) {
            co_await put(all[static_cast<std::size_t>(i)], "GET /y HTTP/1.1\r\nHost: h\r\n\r\n");
            EXPECT_NE((co_await read_until(all[static_cast<std::size_t>(i)], "GET /y ")).find("GET /y"),
                      std::string::npos)
                << i;
        }
    });
    s.close();
    EXPECT_TRUE(dry());
}

TEST_F(http_server, what_comes_from_one_sandbox_is_one_client) {
    temp_dir folder;
    auto path = folder.path() / "socket";
    server s(io.get_executor(), echo, {.connections = 100, .client_connections = 5});
    ASSERT_TRUE(s.listen_unix(path, 0666));
    // It ends when all but five of its connections were closed.
    auto script = folder.path() / "crowd";
    std::ofstream(script) << "import socket, select, sys\n"
                             "all = [socket.socket(socket.AF_UNIX) for i in range(60)]\n"
                             "for s in all: s.connect(sys.argv[1])\n"
                             "left = all\n"
                             "while len(left) > 5:\n"
                             "  for s in select.select(left, [], [])[0]: left.remove(s)\n"
                             "left[-1].sendall(b'GET /last HTTP/1.1\\r\\nHost: h\\r\\n\\r\\n')\n"
                             "sys.exit(0 if b'GET /last' in left[-1].recv(4096) else 1)\n";
    run([&]() -> awaitable<> {
        asio::local::stream_protocol::socket ours(io.get_executor());
        co_await ours.async_connect(path.string(), asio::use_awaitable);
        event ended(io.get_executor());
        int code = -1;
        auto call = "unshare --user --pid --fork python3 - " + path.string() + " <" + script.string();
        std::thread crowd([&] {
            code = std::system(call.c_str());
            asio::post(io, [&] { ended.set(); });
        });
        co_await ended.wait();
        crowd.join();
        EXPECT_EQ(code, 0);
        std::string request = "GET /ours HTTP/1.1\r\nHost: h\r\n\r\n";
        co_await asio::async_write(ours, asio::buffer(request), asio::use_awaitable);
        EXPECT_NE((co_await read_until(ours, "GET /ours")).find("GET /ours"), std::string::npos);
    });
    s.close();
    EXPECT_TRUE(dry());
}

TEST_F(http_server, what_is_first_is_answered_when_every_connection_is_being_served) {
    event two(io.get_executor()), go_on(io.get_executor());
    int slow = 0;
    server s(io.get_executor(),
             [&](request r, pending_request& to) -> awaitable<> {
                 if (r.path == "/slow") {
                     if (++slow == 2) two.set();
                     co_await go_on.wait();
                 }
                 co_await to.send(200, {}, r.path);
             },
             {.connections = 2, .first = [](const request& r) { return r.path == "/live"; }});
    auto port = *s.listen_tcp("127.0.0.1", 0);
    run([&]() -> awaitable<> {
        auto one = co_await dial(port), other = co_await dial(port);
        for (auto* each : {&one, &other})
            co_await put(*each, "GET /slow HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
        co_await two.wait();
        for (int i = 0; i < 40; ++i) { // more than there are spare ones
            auto no = co_await ask(port, "GET /slow HTTP/1.1\r\nHost: h\r\n\r\n");
            EXPECT_TRUE(no.starts_with("HTTP/1.1 503 ")) << no;
            EXPECT_NE(no.find("Retry-After"), no.npos) << no;
            auto yes = co_await ask(port, "GET /live HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
            EXPECT_TRUE(yes.starts_with("HTTP/1.1 200 ")) << yes;
        }
        go_on.set();
        EXPECT_TRUE((co_await read_all(one)).ends_with("/slow"));
        EXPECT_TRUE((co_await read_all(other)).ends_with("/slow"));
    });
    s.close();
    EXPECT_TRUE(dry());
}

TEST_F(http_server, the_bodies_of_all_requests_under_way_are_bounded) {
    event held(io.get_executor()), go_on(io.get_executor());
    server s(io.get_executor(),
             [&](request r, pending_request& to) -> awaitable<> {
                 auto body = co_await to.body(1000);
                 if (r.path == "/hold") {
                     held.set();
                     co_await go_on.wait();
                 }
                 co_await to.send(body ? 200 : body.error().status, {}, body ? *body : body.error().sentence);
             },
             {.bodies_bytes = 100});
    auto port = *s.listen_tcp("127.0.0.1", 0);
    auto post = [](std::string_view path, std::size_t size) {
        return fmt::format("POST {} HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{}", path,
                           size, std::string(size, 'x'));
    };
    run([&]() -> awaitable<> {
        auto first = co_await dial(port);
        co_await put(first, post("/hold", 80));
        co_await held.wait();
        EXPECT_TRUE((co_await ask(port, post("/", 21))).starts_with("HTTP/1.1 503 "));
        auto chunked = co_await ask(port, "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n28\r\n" +
                                              std::string(40, 'x') + "\r\n0\r\n\r\n");
        EXPECT_TRUE(chunked.starts_with("HTTP/1.1 503 ")) << chunked;
        EXPECT_TRUE((co_await ask(port, post("/", 20))).starts_with("HTTP/1.1 200 "));
        EXPECT_TRUE((co_await ask(port, post("/", 0))).starts_with("HTTP/1.1 200 "));
        go_on.set();
        EXPECT_TRUE((co_await read_all(first)).starts_with("HTTP/1.1 200 "));
        EXPECT_TRUE((co_await ask(port, post("/", 100))).starts_with("HTTP/1.1 200 ")) << "the room is given back";
    });
    s.close();
    EXPECT_TRUE(dry());
}

TEST_F(http_server, a_request_knows_the_client_that_a_named_proxy_tells) {
    auto tell = [](request r, pending_request& to) -> awaitable<> { co_await to.send(200, {}, "<" + r.client + ">"); };
    const std::string asked =
        "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nX-Forwarded-For: 6.6.6.6, 1.2.3.4\r\n\r\n";
    server behind(io.get_executor(), tell, {.proxies = *networks::parse("127.0.0.0/8")});
    server alone(io.get_executor(), tell);
    auto port = *behind.listen_tcp("127.0.0.1", 0), other = *alone.listen_tcp("127.0.0.1", 0);
    run([&]() -> awaitable<> {
        EXPECT_TRUE((co_await ask(port, asked)).ends_with("<1.2.3.4>"));
        EXPECT_TRUE((co_await ask(other, asked)).ends_with("<>")) << "nobody has named it";
    });
    behind.close();
    alone.close();
    EXPECT_TRUE(dry());
}

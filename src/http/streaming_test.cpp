#include "http/router.hpp"
#include "http/testing_socket.hpp"

using namespace persais;
using namespace persais::http;
using namespace persais::http::testing;
using namespace std::chrono_literals;

struct http_streaming : ::testing::Test, loop {
    router routes;
    std::optional<server> at;

    std::uint16_t start(router::streaming<call> answer, server_options options = {}) {
        routes.add({.method = "GET", .pattern = "/log"}, no_authentication{}, std::move(answer));
        at.emplace(io.get_executor(), routes.as_handler(), options);
        return *at->listen_tcp("127.0.0.1", 0);
    }
    void TearDown() override {
        if (at) at->close();
        EXPECT_TRUE(dry()) << "something is still under way";
    }
};

namespace {

constexpr auto get_log = "GET /log HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
constexpr std::size_t piece = 64 * 1024, pieces = 512; // 32 MiB
constexpr std::size_t most_in_the_kernel =
    16UL * 1024 * 1024; // the buffers of both ends; Linux gives 4 and 6 MiB at most

} // namespace

TEST_F(http_streaming, a_slow_reader_holds_the_handler_up_and_gets_everything) {
    std::size_t written = 0;
    auto port = start([&](call, responder& to) -> awaitable<> {
        co_await to.begin(200, {});
        for (; written < pieces; ++written)
            co_await to.write(std::string(piece, 'x'));
        co_await to.finish();
    });
    std::optional<tcp::socket> reader;
    run([&]() -> awaitable<> {
        reader.emplace(co_await dial(port));
        co_await put(*reader, get_log);
    });
    while (io.poll() > 0) { // until the handler waits for its reader, and nothing else is to be done
    }
    EXPECT_GT(written, 0u);
    EXPECT_LT(written * piece, most_in_the_kernel) << "what the reader has not taken waits in the handler";
    run([&]() -> awaitable<> {
        std::size_t read = 0;
        std::string room(piece, '\0'), end;
        boost::system::error_code ec;
        while (!ec) {
            auto n =
                co_await reader->async_read_some(asio::buffer(room), asio::redirect_error(asio::use_awaitable, ec));
            read += static_cast<std::size_t>(std::count(room.begin(), room.begin() + static_cast<long>(n), 'x'));
            end = (end + room.substr(0, n)).substr(end.size() + n > 5 ? end.size() + n - 5 : 0);
        }
        EXPECT_EQ(read, piece * pieces);
        EXPECT_EQ(end, "0\r\n\r\n");
    });
}

TEST_F(http_streaming, a_reader_that_takes_nothing_is_gone_after_a_while) {
    event gone(io.get_executor());
    auto port = start(
        [&](call, responder& to) -> awaitable<> {
            try {
                co_await to.begin(200, {});
                for (;;)
                    co_await to.write(std::string(piece, 'x'));
            } catch (const boost::system::system_error&) {
                gone.set();
                throw;
            }
        },
        {.write_stall = 30ms});
    run([&]() -> awaitable<> {
        auto reader = co_await dial(port);
        co_await put(reader, get_log);
        co_await gone.wait();
    });
}

TEST_F(http_streaming, a_reader_that_leaves_ends_the_handler) {
    event gone(io.get_executor());
    auto port = start([&](call, responder& to) -> awaitable<> {
        try {
            co_await to.begin(200, {{"Content-Type", "text/event-stream"}});
            co_await to.write("data: first\n\n");
            co_await sleep_for(1h); // there is no news, so nothing is written that would fail
        } catch (const boost::system::system_error&) {
            gone.set();
            throw;
        }
    });
    run([&]() -> awaitable<> {
        auto reader = co_await dial(port);
        co_await put(reader, get_log);
        co_await read_until(reader, "first");
        EXPECT_FALSE(gone.is_set());
        reader.close();
        co_await gone.wait();
    });
}

TEST_F(http_streaming, a_reader_that_leaves_while_it_is_written_to_ends_the_handler) {
    event gone(io.get_executor());
    auto port = start([&](call, responder& to) -> awaitable<> {
        try {
            co_await to.begin(200, {});
            for (;;)
                co_await to.write(std::string(piece, 'x'));
        } catch (const boost::system::system_error&) {
            gone.set();
            throw;
        }
    });
    run([&]() -> awaitable<> {
        auto reader = co_await dial(port);
        co_await put(reader, get_log);
        co_await read_until(reader, "xxx");
        reader.close();
        co_await gone.wait();
    });
}

TEST_F(http_streaming, head_ends_with_the_head_and_the_connection_goes_on) {
    bool cancelled = false;
    auto port = start([&](call, responder& to) -> awaitable<> {
        co_await to.begin(200, {{"Content-Type", "text/event-stream"}});
        try {
            co_await sleep_for(1h);
        } catch (const boost::system::system_error&) {
            cancelled = true;
            throw;
        }
    });
    run([&]() -> awaitable<> {
        auto got = co_await ask(
            port, "HEAD /log HTTP/1.1\r\nHost: h\r\n\r\nGET /none HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
        EXPECT_TRUE(got.starts_with("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n")) << got;
        auto next = got.find("\r\n\r\n") + 4;
        EXPECT_TRUE(got.substr(next).starts_with("HTTP/1.1 404 ")) << got;
    });
    EXPECT_TRUE(cancelled);
}

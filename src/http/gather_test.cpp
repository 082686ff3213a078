// Streams whose readers can wait are read now and then, when there are many of them.
#include "base/background.hpp"
#include "http/testing_socket.hpp"

#include <list>

using namespace persais;
using namespace persais::http;
using namespace persais::http::testing;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t enough = 64; // streams that have the longest pause

/// A server that says a piece to each of its clients whenever the test wants it.
struct gathering : ::testing::Test, http::testing::loop {
    tcp::acceptor door{io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
    client asks{io.get_executor()};
    std::vector<tcp::socket> served;

    awaitable<std::unique_ptr<exchange>> open(bool gathers) {
        auto executor = co_await asio::this_coro::executor;
        fetch_spec post{.method = "POST",
                        .url = fmt::format("http://127.0.0.1:{}/", door.local_endpoint().port()),
                        .body = "{}",
                        .gathers = gathers};
        background<result<std::unique_ptr<exchange>, fetch_error>> opened(executor, asks.open(std::move(post)));
        served.push_back(co_await door.async_accept(asio::use_awaitable));
        co_await read_until(served.back(), "{}");
        co_await put(served.back(), "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        auto got = co_await opened.join();
        EXPECT_TRUE(got);
        co_return std::move(*got);
    }
    awaitable<std::vector<std::unique_ptr<exchange>>> open_many(bool gather, std::size_t number = enough) {
        std::vector<std::unique_ptr<exchange>> all;
        for (std::size_t i = 0; i < number; ++i)
            all.push_back(co_await open(gather));
        for (auto& each : served)
            co_await put(each, "5\r\nfirst\r\n");
        for (auto& each : all)
            EXPECT_EQ((co_await each->read()).value(), "first");
        co_return all;
    }
    /// How many reads it takes to read so many pieces that come one by one, each as soon as the one before was written.
    awaitable<int> reads_of(exchange& from, tcp::socket& to, int pieces) {
        auto executor = co_await asio::this_coro::executor;
        background<void> writing(executor, [](tcp::socket& s, int left) -> awaitable<> {
            for (; left > 0; --left) {
                co_await put(s, "1\r\n.\r\n");
                co_await sleep_for(100us);
            }
        }(to, pieces));
        int reads = 0;
        for (std::size_t got = 0; std::cmp_less(got, pieces); ++reads)
            got += (co_await from.read()).value().size();
        co_await writing.join();
        co_return reads;
    }
};

} // namespace

TEST_F(gathering, many_streams_are_read_in_fewer_pieces_and_nothing_of_them_is_lost) {
    run([&]() -> awaitable<> {
        auto all = co_await open_many(true);
        auto start = std::chrono::steady_clock::now();
        auto reads = co_await reads_of(*all[0], served[0], 200);
        auto took = std::chrono::steady_clock::now() - start;
        EXPECT_LE(reads, took / (limits::http_gather_each * enough) + 2);
        co_await put(served[1], "4\r\nlast\r\n0\r\n\r\n");
        EXPECT_EQ((co_await all[1]->read()).value(), "last") << "after a long silence at once";
        EXPECT_EQ((co_await all[1]->read()).value(), "");
        served[2].close();
        EXPECT_EQ((co_await all[2]->read()).error().what, fetch_error::kind::cut);
    });
}

TEST_F(gathering, a_stream_whose_reader_does_not_wait_is_read_whenever_something_has_come) {
    run([&]() -> awaitable<> {
        auto all = co_await open_many(false);
        EXPECT_GE(co_await reads_of(*all[0], served[0], 200), 100);
    });
}

TEST_F(gathering, a_few_streams_are_read_whenever_something_has_come) {
    run([&]() -> awaitable<> {
        auto one = co_await open(true);
        co_await put(served[0], "5\r\nfirst\r\n");
        EXPECT_EQ((co_await one->read()).value(), "first");
        EXPECT_GE(co_await reads_of(*one, served[0], 200), 100);
    });
}

TEST_F(gathering, pauses_begin_with_the_eighth_stream_and_end_when_it_ends) {
    run([&]() -> awaitable<> {
        constexpr std::size_t most = limits::http_gather_least / limits::http_gather_each - 1;
        EXPECT_EQ(most, 7u);
        auto all = co_await open_many(true, most);
        EXPECT_GE(co_await reads_of(*all[0], served[0], 200), 100);
        auto one_more = co_await open(true);
        co_await put(served.back(), "5\r\nfirst\r\n");
        EXPECT_EQ((co_await one_more->read()).value(), "first");
        auto start = std::chrono::steady_clock::now();
        auto reads = co_await reads_of(*all[0], served[0], 200);
        EXPECT_LE(reads, (std::chrono::steady_clock::now() - start) / limits::http_gather_least + 2);
        co_await put(served.back(), "0\r\n\r\n");
        EXPECT_EQ((co_await one_more->read()).value(), "");
        one_more.reset();
        EXPECT_GE(co_await reads_of(*all[0], served[0], 200), 100);
    });
}

TEST_F(gathering, what_is_said_during_a_pause_is_read_whole_with_the_end_that_came_with_it) {
    run([&]() -> awaitable<> {
        auto all = co_await open_many(true);
        for (auto& each : served) { // each is within its pause, because it has just been read
            co_await put(each, "3\r\nthe\r\n");
            co_await put(each, "5\r\n last\r\n0\r\n\r\n");
        }
        for (auto& each : all) {
            std::string said;
            for (auto piece = co_await each->read(); !piece.value().empty(); piece = co_await each->read())
                said += *piece;
            EXPECT_EQ(said, "the last");
        }
    });
}

TEST_F(gathering, one_that_is_given_up_during_its_pause_harms_no_other) {
    run([&]() -> awaitable<> {
        auto all = co_await open_many(true);
        for (std::size_t i = 0; i < all.size(); i += 2) {
            co_await put(served[i], "4\r\nlost\r\n");
            all[i].reset();
        }
        for (std::size_t i = 1; i < all.size(); i += 2) {
            co_await put(served[i], "4\r\nkept\r\n");
            EXPECT_EQ((co_await all[i]->read()).value(), "kept");
        }
    });
}

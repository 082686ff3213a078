#pragma once
#include "http/testing.hpp"

#include <functional>
#include <optional>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>

/// A client and a server that say exactly what a test wants to be said.
namespace persais::http::testing {

using asio::ip::tcp;

inline awaitable<tcp::socket> dial(std::uint16_t port) {
    tcp::socket s(co_await asio::this_coro::executor);
    co_await s.async_connect(tcp::endpoint(asio::ip::address_v4::loopback(), port), asio::use_awaitable);
    co_return s;
}

template <class Socket>
awaitable<std::string> read_some(Socket& s) {
    std::string room(4096, '\0');
    room.resize(co_await s.async_read_some(asio::buffer(room), asio::use_awaitable));
    co_return room;
}

template <class Socket>
awaitable<std::string> read_until(Socket& s, std::string what) {
    std::string all, room(4096, '\0');
    boost::system::error_code ec;
    while (!ec && all.find(what) == all.npos)
        all.append(room.data(),
                   co_await s.async_read_some(asio::buffer(room), asio::redirect_error(asio::use_awaitable, ec)));
    co_return all;
}

template <class Socket>
awaitable<std::string> read_all(Socket& s) {
    co_return co_await read_until(s, "\x01 never");
}

inline awaitable<> put(tcp::socket& s, std::string text) {
    co_await asio::async_write(s, asio::buffer(text), asio::use_awaitable);
}

/// Reads to the connection's end.
inline awaitable<std::string> ask(std::uint16_t port, std::string text) {
    auto s = co_await dial(port);
    co_await put(s, std::move(text));
    co_return co_await read_all(s);
}

/// Takes each request whole, then says what `answer` gives for its head and body; for nothing, it closes the connection
/// without a byte. Outlives the loop's last turn; `close` lets that come.
class raw_server {
public:
    using answering = std::function<std::optional<std::string>(const std::string& request)>;

    raw_server(asio::io_context& io, answering answer)
        : acceptor_(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)), answer_(std::move(answer)) {
        asio::co_spawn(io, accept(), asio::detached);
    }
    void close() { acceptor_.close(); }
    std::string root() const { return fmt::format("http://127.0.0.1:{}", acceptor_.local_endpoint().port()); }

    std::vector<std::string> requests;
    int connections = 0;
    bool closes_after_answers = false; // without having said so

private:
    awaitable<> accept() {
        for (;;) {
            boost::system::error_code ec;
            auto s = co_await acceptor_.async_accept(asio::redirect_error(asio::use_awaitable, ec));
            if (ec) co_return;
            ++connections;
            asio::co_spawn(acceptor_.get_executor(), serve(std::move(s)), asio::detached);
        }
    }
    awaitable<> serve(tcp::socket s) {
        for (;;) {
            auto all = co_await read_until(s, "\r\n\r\n");
            if (all.empty()) co_return;
            constexpr std::string_view length = "Content-Length: ";
            auto body = all.find("\r\n\r\n") + 4, at = all.find(length);
            auto whole = body + (at == all.npos ? 0 : std::stoul(all.substr(at + length.size())));
            while (all.size() < whole)
                all += co_await read_some(s);
            requests.push_back(all);
            auto said = answer_(all);
            if (!said) co_return;
            co_await put(s, *said);
            if (closes_after_answers) co_return;
        }
    }

    tcp::acceptor acceptor_;
    answering answer_;
};

/// A whole answer that keeps the connection.
inline std::string whole_answer(std::string_view body, std::string_view type = "application/json") {
    return fmt::format("HTTP/1.1 200 OK\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n{}", type, body.size(), body);
}

} // namespace persais::http::testing

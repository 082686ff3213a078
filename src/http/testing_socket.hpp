#pragma once
#include "http/testing.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

/// A client that says exactly what a test wants to be said.
namespace persais::http::testing {

using asio::ip::tcp;

inline awaitable<tcp::socket> dial(std::uint16_t port) {
    tcp::socket s(co_await asio::this_coro::executor);
    co_await s.async_connect(tcp::endpoint(asio::ip::address_v4::loopback(), port), asio::use_awaitable);
    co_return s;
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

} // namespace persais::http::testing

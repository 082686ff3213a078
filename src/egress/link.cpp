#include "egress/link.hpp"

#include "base/background.hpp"
#include "egress/limits.hpp"
#include "egress/read_head.hpp"
#include "egress/request_head.hpp"

#include <algorithm>
#include <vector>

#include <boost/asio/write.hpp>

namespace persais::egress {

using asio::ip::tcp;
using steady = std::chrono::steady_clock;
using boost::system::error_code;

namespace {

constexpr int denied_status = 403, unreached_status = 502;

/// The bytes from one socket to another, until the first has no more, or `most` have passed.
awaitable<> pour(std::shared_ptr<link> one, tcp::socket& from, tcp::socket& to, budget& moved,
                 std::optional<std::uint64_t> most) {
    std::vector<char> buffer(limits::egress_piece_bytes);
    while (!most || *most > 0) {
        auto room = most ? std::min<std::uint64_t>(*most, buffer.size()) : buffer.size();
        error_code ec;
        auto got = co_await from.async_read_some(asio::buffer(buffer.data(), room),
                                                 asio::redirect_error(asio::use_awaitable, ec));
        if (ec || moved.over()) break;
        if (most) *most -= got;
        moved.take(got);
        one->seen();
        co_await asio::async_write(to, asio::buffer(buffer.data(), got), asio::redirect_error(asio::use_awaitable, ec));
        if (ec) {
            one->close();
            co_return;
        }
        one->seen();
    }
    error_code ignored;
    if (!most) to.shutdown(tcp::socket::shutdown_send, ignored);
}

awaitable<> send(std::shared_ptr<link> one, tcp::socket& to, std::string bytes) {
    co_await asio::async_write(to, asio::buffer(bytes), asio::use_awaitable);
    one->seen();
}

/// Both ways, until both have ended. `begun`: what the host has sent already.
awaitable<> join(std::shared_ptr<link> one, std::string begun, budget& moved) {
    moved.take(begun.size());
    if (!begun.empty()) co_await send(one, one->client, std::move(begun));
    background<void> there(co_await asio::this_coro::executor,
                           pour(one, one->client, *one->server, moved, std::nullopt));
    auto back = [&]() -> awaitable<> {
        co_await pour(one, *one->server, one->client, moved, std::nullopt);
        co_await there.join();
    };
    auto stop = [&]() -> awaitable<> {
        one->close();
        co_await there.stop();
    };
    co_await clean_up_on_exception(back(), stop());
}

/// What the client still sends is read, because a reset would take the end of the answer away from it.
awaitable<> end_politely(std::shared_ptr<link> one) {
    error_code ec;
    one->until = steady::now() + limits::egress_last;
    one->client.shutdown(tcp::socket::shutdown_send, ec);
    std::vector<char> rest(limits::egress_head_bytes);
    for (std::size_t all = 0; !ec && all < limits::egress_last_bytes;)
        all += co_await one->client.async_read_some(asio::buffer(rest), asio::redirect_error(asio::use_awaitable, ec));
}

awaitable<> refuse(std::shared_ptr<link> one, int status, std::string reason) {
    co_await send(one, one->client, own_answer(status, reason));
    co_await end_politely(one);
}

/// One plain request and its one answer.
awaitable<> exchange(std::shared_ptr<link> one, proxy_request request, const next_proxy* by, std::string begun,
                     budget& moved) {
    auto head = request.head;
    if (by) {
        head = request.proxied_head;
        if (!by->authorization.empty()) head += "Proxy-Authorization: " + by->authorization.reveal() + "\r\n";
        head += "\r\n";
    }
    if (begun.size() > request.body_bytes) begun.resize(request.body_bytes);
    auto left = request.body_bytes - begun.size();
    co_await send(one, *one->server, head + begun);
    background<void> body(co_await asio::this_coro::executor, pour(one, one->client, *one->server, moved, left));
    auto answer = [&]() -> awaitable<> {
        std::string rest;
        for (int status = 0; status < 200;) {
            auto raw = co_await read_head(*one->server, rest);
            auto said = raw ? parse_answer_head(*raw) : std::nullopt;
            if (!said) {
                co_await send(one, one->client,
                              own_answer(unreached_status, to_string(request.to) + " gave no answer of HTTP"));
                co_return;
            }
            status = said->status;
            moved.take(raw->size());
            co_await send(one, one->client, said->head);
        }
        moved.take(rest.size());
        co_await send(one, one->client, std::move(rest));
        co_await pour(one, *one->server, one->client, moved, std::nullopt);
    };
    auto stop = [&]() -> awaitable<> {
        one->close();
        co_await body.stop();
    };
    co_await clean_up_on_exception(answer(), stop());
    one->server->close();
    co_await body.stop();
    co_await end_politely(one);
}

} // namespace

link::link(tcp::socket from) : client(std::move(from)), until(steady::now() + limits::egress_head) {
    error_code ignored;
    client.set_option(tcp::no_delay(true), ignored);
}

void link::close() {
    error_code ignored;
    client.close(ignored);
    if (server) server->close(ignored);
}

void link::seen() {
    until = steady::now() + limits::egress_idle;
}

awaitable<> serve_proxy(std::shared_ptr<link> one, opener open, budget& moved) {
    std::string rest;
    auto head = co_await read_head(one->client, rest);
    if (!head) co_return co_await refuse(one, 431, "The request has no head, or one that is too large");
    auto request = parse_proxy_request(*head);
    if (!request) co_return co_await refuse(one, request.error().status, std::string(request.error().reason));
    one->seen();
    auto way = co_await open(request->to, request->tunnel);
    if (!way)
        co_return co_await refuse(one, way.error().denied ? denied_status : unreached_status, in_words(way.error()));
    if (!one->client.is_open()) co_return; // cut meanwhile
    one->server.emplace(std::move(way->to));
    one->seen();
    if (!request->tunnel) co_return co_await exchange(one, *request, way->by, std::move(rest), moved);
    co_await send(one, one->client, "HTTP/1.1 200 Connection established\r\n\r\n");
    if (!rest.empty()) co_await send(one, *one->server, std::move(rest));
    co_await join(one, std::move(way->begun), moved);
}

awaitable<> serve_direct(std::shared_ptr<link> one, opener open, host_and_port to, budget& moved) {
    one->seen();
    auto way = co_await open(std::move(to), true);
    if (!way) {
        error_code ignored;
        one->client.set_option(asio::socket_base::linger(true, 0), ignored); // a reset, and not an end
        co_return;
    }
    if (!one->client.is_open()) co_return;
    one->server.emplace(std::move(way->to));
    co_await join(one, std::move(way->begun), moved);
}

} // namespace persais::egress

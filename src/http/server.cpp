#include "http/server.hpp"

#include "http/connection.hpp"
#include "http/limits.hpp"

#include <sys/stat.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace persais::http {

struct server::impl : std::enable_shared_from_this<server::impl> {
    impl(const asio::any_io_executor& e, handler a, server_options o)
        : executor(e), answer(std::move(a)), options(std::move(o)) {}

    template <class Acceptor>
    static awaitable<> accept(std::shared_ptr<impl> self, std::shared_ptr<Acceptor> acceptor) {
        while (acceptor->is_open()) {
            connection::socket peer(self->executor);
            boost::system::error_code ec;
            co_await acceptor->async_accept(peer, asio::redirect_error(asio::use_awaitable, ec));
            if (ec == asio::error::operation_aborted || !acceptor->is_open()) co_return;
            if (ec) { // out of descriptors, most likely: those under way will give some back
                spdlog::warn("http accept: {}", ec.message());
                co_await sleep_for(limits::http_accept_pause);
                continue;
            }
            self->serve(std::move(peer));
        }
    }

    void serve(connection::socket peer) {
        int on = 1; // Nagle's wait would hold back each small piece of a stream; a unix socket refuses it, harmlessly
        ::setsockopt(peer.native_handle(), IPPROTO_TCP, 1 /* TCP_NODELAY */, &on, sizeof on);
        std::erase_if(open, [](const auto& weak) { return weak.expired(); });
        auto one = std::make_shared<connection>(std::move(peer), answer, options);
        open.push_back(one);
        spawn(executor, "http connection", run(shared_from_this(), std::move(one)));
    }

    static awaitable<> run(std::shared_ptr<impl> self, std::shared_ptr<connection> one) {
        try {
            co_await one->run();
        } catch (const boost::system::system_error&) {
            one->abort(); // the client left while it was answered
        }
    }

    template <class Acceptor>
    void start(std::shared_ptr<Acceptor> acceptor) {
        closers.push_back([acceptor] {
            boost::system::error_code ignored;
            acceptor->close(ignored);
        });
        spawn(executor, "http accept", accept(shared_from_this(), std::move(acceptor)));
    }

    void close() {
        for (auto& closer : std::exchange(closers, {}))
            closer();
        for (auto& weak : std::exchange(open, {}))
            if (auto one = weak.lock()) one->abort();
        for (auto& path : std::exchange(paths, {})) {
            std::error_code ignored;
            std::filesystem::remove(path, ignored);
        }
    }

    asio::any_io_executor executor;
    handler answer;
    server_options options;
    std::vector<std::function<void()>> closers;
    std::vector<std::weak_ptr<connection>> open;
    std::vector<std::filesystem::path> paths;
};

server::server(const asio::any_io_executor& executor, handler answer, server_options options)
    : impl_(std::make_shared<impl>(executor, std::move(answer), std::move(options))) {}

server::~server() {
    close();
}

void server::close() {
    impl_->close();
}

result<void> server::listen_unix(const std::filesystem::path& path, unsigned mode) {
    using protocol = asio::local::stream_protocol;
    auto name = path.string();
    if (name.size() > 107)
        return fail(
            fmt::format("The socket's path {} is longer than the 107 bytes that a unix socket can have.", name));
    auto acceptor = std::make_shared<protocol::acceptor>(impl_->executor);
    boost::system::error_code ec;
    std::error_code ignored;
    std::filesystem::remove(path, ignored);
    acceptor->open(protocol(), ec);
    if (!ec) acceptor->bind(protocol::endpoint(name), ec);
    if (!ec && ::chmod(name.c_str(), mode) != 0) ec.assign(errno, boost::system::system_category());
    if (!ec) acceptor->listen(asio::socket_base::max_listen_connections, ec);
    if (ec) return fail(fmt::format("Cannot listen on the socket {}: {}.", name, ec.message()));
    impl_->paths.push_back(path);
    impl_->start(std::move(acceptor));
    return {};
}

result<std::uint16_t> server::listen_tcp(const std::string& address, std::uint16_t port) {
    using asio::ip::tcp;
    boost::system::error_code ec;
    auto where = asio::ip::make_address(address, ec);
    if (ec) return fail(fmt::format("{} is no IP address to listen on.", address));
    auto acceptor = std::make_shared<tcp::acceptor>(impl_->executor);
    tcp::endpoint endpoint(where, port);
    acceptor->open(endpoint.protocol(), ec);
    if (!ec) acceptor->set_option(asio::socket_base::reuse_address(true), ec);
    if (!ec) acceptor->bind(endpoint, ec);
    if (!ec) acceptor->listen(asio::socket_base::max_listen_connections, ec);
    if (ec) return fail(fmt::format("Cannot listen on {} port {}: {}.", address, port, ec.message()));
    auto taken = acceptor->local_endpoint().port();
    impl_->start(std::move(acceptor));
    return taken;
}

} // namespace persais::http

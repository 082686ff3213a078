#include "http/server.hpp"

#include "http/client_address.hpp"
#include "http/connection.hpp"
#include "http/limits.hpp"

#include <algorithm>
#include <cstring>
#include <map>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace persais::http {

namespace {

/// Nothing for a unix socket, or for a client that has left already.
std::optional<asio::ip::address> address_of(const connection::socket& peer) {
    boost::system::error_code ec;
    auto from = peer.remote_endpoint(ec);
    if (ec) return std::nullopt;
    asio::ip::tcp::endpoint plain;
    if (from.protocol().family() != AF_INET && from.protocol().family() != AF_INET6) return std::nullopt;
    if (from.size() > plain.capacity()) return std::nullopt;
    std::memcpy(plain.data(), from.data(), from.size());
    plain.resize(from.size());
    return plain.address();
}

std::string namespace_of(const std::string& process) {
    std::error_code ec;
    return std::filesystem::read_symlink("/proc/" + process + "/ns/pid", ec).string();
}

/// The client at the other end of a unix socket: a task has a user, or at least a sandbox, of its own, and however many
/// connections it makes, they are one client's. Empty: somebody of this service's own user outside of all sandboxes.
std::string local_client(const connection::socket& peer) {
    ucred who{};
    socklen_t size = sizeof who;
    // getsockopt asks for a native handle, which a const socket does not give.
    if (::getsockopt(const_cast<connection::socket&>(peer).native_handle(), SOL_SOCKET, SO_PEERCRED, &who, &size) != 0)
        return {};
    if (who.uid != ::geteuid()) return fmt::format("user {}", who.uid);
    auto where = namespace_of(std::to_string(who.pid));
    if (where == namespace_of("self")) return {};
    return where.empty() ? "one that has ended" : where;
}

bool is_local(const connection::socket& peer) {
    boost::system::error_code ec;
    return peer.local_endpoint(ec).protocol().family() == AF_UNIX && !ec;
}

} // namespace

struct server::impl : std::enable_shared_from_this<server::impl> {
    impl(const asio::any_io_executor& e, handler a, server_options o)
        : executor(e), share(e, std::move(a), std::move(o)) {}

    template <class Acceptor>
    static awaitable<> accept(std::shared_ptr<impl> self, std::shared_ptr<Acceptor> acceptor) {
        boost::system::error_code ec;
        acceptor->non_blocking(true, ec);
        // So few that each is read from before as many others have come as there may be.
        auto most = std::clamp<std::size_t>(self->share.options.connections / 8, 1, limits::http_accepts);
        while (acceptor->is_open()) {
            co_await acceptor->async_wait(Acceptor::wait_read, asio::redirect_error(asio::use_awaitable, ec));
            if (ec == asio::error::operation_aborted) co_return;
            for (std::size_t i = 0; i < most && acceptor->is_open(); ++i) {
                connection::socket peer(self->executor);
                acceptor->accept(peer, ec);
                if (ec) break;
                self->serve(std::move(peer));
            }
            if (!ec || ec == asio::error::would_block || ec == asio::error::connection_aborted) continue;
            if (!acceptor->is_open()) co_return;
            spdlog::warn("http accept: {}", ec.message());
            if (ec.value() == EMFILE || ec.value() == ENFILE) self->close_one(self->share.table.give_one_up());
            co_await sleep_for(limits::http_accept_pause);
        }
    }

    void serve(connection::socket peer) {
        auto number = ++entered;
        auto from = address_of(peer);
        auto client = is_local(peer) ? local_client(peer) : client_of(from, share.options.proxies);
        auto how = share.table.enter(number, std::move(client));
        if (how.leaves) {
            tell_full();
            close_one(how.leaves);
        }
        if (!how.in) return; // closed with its socket
        int on = 1; // Nagle's wait would hold back each small piece of a stream; a unix socket refuses it, harmlessly
        ::setsockopt(peer.native_handle(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        auto one = std::make_shared<connection>(std::move(peer), std::move(from), number, share);
        open.emplace(number, one);
        one->started(spawn(executor, "http connection", run(shared_from_this(), one)));
    }

    static awaitable<> run(std::shared_ptr<impl> self, std::shared_ptr<connection> one) {
        struct at_end {
            impl& all;
            connection_table::number number;
            ~at_end() {
                all.share.table.left(number);
                all.open.erase(number);
            }
        } leaving{*self, one->number()};
        try {
            co_await one->run();
        } catch (const boost::system::system_error&) {
            one->abort(); // the client left while it was answered
        }
    }

    void close_one(std::optional<connection_table::number> which) {
        auto found = which ? open.find(*which) : open.end();
        if (found == open.end()) return;
        auto one = found->second.lock();
        open.erase(found);
        if (one) one->abort();
    }

    void tell_full() {
        auto now = std::chrono::steady_clock::now();
        if (told_full && now - *told_full < limits::http_full_told_every) return;
        told_full = now;
        spdlog::warn("http: a connection that waits is closed for each new one, because there are {} of them or one "
                     "client has {}",
                     share.options.connections, share.options.client_connections);
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
        for (auto& [number, weak] : std::exchange(open, {}))
            if (auto one = weak.lock()) one->abort();
        for (auto& path : std::exchange(paths, {})) {
            std::error_code ignored;
            std::filesystem::remove(path, ignored);
        }
    }

    asio::any_io_executor executor;
    connection_share share;
    std::vector<std::function<void()>> closers;
    std::map<connection_table::number, std::weak_ptr<connection>> open;
    connection_table::number entered = 0;
    std::optional<std::chrono::steady_clock::time_point> told_full;
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
    // Strangers that connect and say nothing do not stand before somebody who has a request.
    int defer = static_cast<int>(limits::http_defer.count());
    ::setsockopt(acceptor->native_handle(), IPPROTO_TCP, TCP_DEFER_ACCEPT, &defer, sizeof defer);
    auto taken = acceptor->local_endpoint().port();
    impl_->start(std::move(acceptor));
    return taken;
}

} // namespace persais::http

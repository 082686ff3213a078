#include "egress/way_out.hpp"

#include "egress/limits.hpp"
#include "egress/link.hpp"
#include "egress/name_table.hpp"
#include "sandbox/keeper/protocol.hpp"

#include <algorithm>
#include <list>
#include <set>

#include <boost/asio/ip/udp.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace persais::egress {

using asio::ip::tcp;
using asio::ip::udp;
using steady = std::chrono::steady_clock;
using boost::system::error_code;

namespace {

/// At most so many in a second.
class pace {
public:
    explicit pace(int most) : most_(most) {}
    /// Whether one more may pass now.
    bool take() {
        auto now = steady::now();
        if (now - since_ >= std::chrono::seconds(1)) {
            since_ = now;
            taken_ = 0;
        }
        return taken_++ < most_;
    }
    steady::time_point next() const { return since_ + std::chrono::seconds(1); }

private:
    int most_;
    int taken_ = 0;
    steady::time_point since_{};
};

} // namespace

struct way_out::impl : std::enable_shared_from_this<impl> {
    impl(const asio::any_io_executor& e, host_rules rules, upstream proxies, lookup addresses)
        : executor(e), dial(e, std::move(rules), std::move(proxies), std::move(addresses)), room(e) {}

    /// Ports beside 80 and 443 are those of rules. Each has its socket at the address of its host alone, so that the
    /// setup's own servers may use them.
    std::string listen() {
        auto list = fmt::format("udp:{0}:53,tcp:{0}:{1},tcp:0.0.0.0:{2},tcp:0.0.0.0:{3}", own_address, proxy_port,
                                http_port, https_port);
        std::set<host_and_port> more;
        auto sockets = std::count(list.begin(), list.end(), ',') + 1;
        for (const auto& rule : dial.rules().all()) {
            if (!rule.port || *rule.port == http_port || *rule.port == https_port || rule.below ||
                rule.host.contains(':'))
                continue;
            error_code ec;
            asio::ip::make_address(rule.host, ec);
            auto address = ec ? names.address_of(rule.host) : std::nullopt;
            if (!address || sockets >= keeper::sockets_most || !more.insert({rule.host, *rule.port}).second) continue;
            list += fmt::format(",tcp:{}:{}", address->to_string(), *rule.port);
            ++sockets;
        }
        return list;
    }

    void take(std::vector<sandbox::owned_fd> sockets) {
        if (closed || sockets.size() < 2) return;
        queries.emplace(executor, udp::v4(), sockets.front().release());
        start("names of a setup", answer_names(shared_from_this()));
        for (std::size_t i = 1; i < sockets.size(); ++i) {
            auto acceptor = std::make_shared<tcp::acceptor>(executor, tcp::v4(), sockets[i].release());
            acceptors.push_back(acceptor);
            start("network of a setup", accept(shared_from_this(), acceptor, i == 1));
        }
        start("idle connections of a setup", look(shared_from_this()));
    }

    void start(const char* name, awaitable<> work) {
        std::erase_if(running, [](const auto& each) { return each.ended(); });
        running.push_back(spawn(executor, name, std::move(work)));
    }

    static awaitable<> answer_names(std::shared_ptr<impl> self) {
        std::vector<char> buffer(limits::egress_query_bytes);
        pace many(limits::egress_names_a_second);
        for (;;) {
            udp::endpoint from;
            error_code ec;
            auto got = co_await self->queries->async_receive_from(asio::buffer(buffer), from,
                                                                  asio::redirect_error(asio::use_awaitable, ec));
            if (self->closed || !self->queries->is_open()) co_return;
            if (!ec && many.take()) {
                auto answer = answer_query({buffer.data(), got}, self->names);
                if (!answer.empty()) self->queries->send_to(asio::buffer(answer), from, 0, ec);
                continue;
            }
            co_await wait_until(ec ? steady::now() + limits::egress_query_trouble : many.next());
        }
    }

    /// Returns when one more connection may be served at once. Nothing is waited for between that and the accepting,
    /// because all sockets accept, and each would take the last place.
    static awaitable<> wait_for_room(std::shared_ptr<impl> self) {
        for (;;) {
            if (self->links.size() >= limits::egress_connections) {
                self->room.reset();
                co_await self->room.wait();
            } else if (self->arriving.take()) {
                co_return;
            } else {
                co_await wait_until(self->arriving.next());
            }
        }
    }

    static awaitable<> accept(std::shared_ptr<impl> self, std::shared_ptr<tcp::acceptor> acceptor, bool proxy) {
        error_code ec;
        acceptor->non_blocking(true, ec);
        while (!self->closed && acceptor->is_open()) {
            co_await acceptor->async_wait(tcp::acceptor::wait_read, asio::redirect_error(asio::use_awaitable, ec));
            if (self->closed) co_return;
            co_await wait_for_room(self);
            tcp::socket peer(self->executor);
            acceptor->accept(peer, ec);
            if (ec == asio::error::would_block || ec == asio::error::connection_aborted) continue; // it is gone
            if (self->closed || !acceptor->is_open()) co_return;
            if (ec) {
                spdlog::warn("a setup's network: {}", ec.message());
                co_await wait_until(steady::now() + limits::egress_trouble);
                continue;
            }
            auto one = std::make_shared<link>(std::move(peer));
            self->links.push_back(one);
            self->start("connection of a setup", serve(self, one, proxy));
        }
    }

    static awaitable<> wait_until(steady::time_point when) {
        co_await sleep_for(std::max<steady::duration>(when - steady::now(), std::chrono::milliseconds(1)));
    }

    static awaitable<> serve(std::shared_ptr<impl> self, std::shared_ptr<link> one, bool proxy) {
        auto opened = [self](host_and_port to, bool tunnel) -> awaitable<result<way, refusal>> {
            return self->open(std::move(to), tunnel);
        };
        try {
            if (proxy)
                co_await serve_proxy(one, opened, self->moved);
            else if (auto to = self->meant_by(*one))
                co_await serve_direct(one, opened, *to, self->moved);
        } catch (const boost::system::system_error&) { // it broke, or was cut
        } catch (const std::exception& e) {
            spdlog::warn("a connection of a setup: {}", e.what());
        }
        one->close();
        self->links.remove(one);
        self->room.set();
    }

    /// The name whose address the client connected to.
    std::optional<host_and_port> meant_by(const link& one) const {
        error_code ec;
        auto to = one.client.local_endpoint(ec);
        if (ec || !to.address().is_v4()) return std::nullopt;
        auto name = names.name_at(to.address().to_v4());
        if (!name) return std::nullopt;
        return host_and_port{*name, to.port()};
    }

    awaitable<result<way, refusal>> open(host_and_port to, bool tunnel) {
        if (moved.over()) {
            refusal much{true, fmt::format("{} (setup has moved {} GiB, which is the most)", to_string(to),
                                           limits::egress_bytes >> 30)};
            deny(to, much.what);
            co_return std::unexpected(std::move(much));
        }
        auto way = co_await dial.open(to, tunnel);
        if (!way && way.error().denied) deny(to, way.error().what);
        if (!way && !way.error().denied) missed = true;
        co_return way;
    }

    void deny(const host_and_port& to, const std::string& what) {
        if (told.size() >= limits::egress_denied || !told.insert(to_string(to)).second) return;
        if (denied) denied(what);
    }

    static awaitable<> look(std::shared_ptr<impl> self) {
        while (!self->closed) {
            co_await wait_until(steady::now() + limits::egress_look);
            for (const auto& one : std::list(self->links))
                if (steady::now() >= one->until || self->moved.over()) one->close();
        }
    }

    void close() {
        closed = true;
        denied = nullptr;
        error_code ignored;
        if (queries) queries->close(ignored);
        for (const auto& each : acceptors)
            each->close(ignored);
        for (const auto& one : std::list(links))
            one->close();
        for (const auto& each : running)
            each.cancel();
    }

    asio::any_io_executor executor;
    dialer dial;
    name_table names;
    std::function<void(const std::string&)> denied;
    std::set<std::string> told;
    std::optional<udp::socket> queries;
    std::vector<std::shared_ptr<tcp::acceptor>> acceptors;
    std::list<std::shared_ptr<link>> links;
    std::vector<cancel_handle> running;
    event room; // for one more connection
    pace arriving{limits::egress_accepts};
    budget moved{limits::egress_bytes};
    bool closed = false;
    bool missed = false; // a host could not be reached
};

way_out::way_out(const asio::any_io_executor& executor, host_rules rules, upstream proxies, lookup addresses,
                 std::function<void(const std::string&)> denied)
    : impl_(std::make_shared<impl>(executor, std::move(rules), std::move(proxies), std::move(addresses))) {
    impl_->denied = std::move(denied);
}

way_out::~way_out() {
    close();
}

bool way_out::missed_a_host() const {
    return impl_->missed;
}

void way_out::close() {
    impl_->close();
}

std::shared_ptr<const sandbox::own_network> way_out::network() {
    std::weak_ptr<impl> here = impl_;
    return std::make_shared<sandbox::own_network>(
        sandbox::own_network{.address = own_address,
                             .mask = own_mask,
                             .listen = impl_->listen(),
                             .take = [here](std::vector<sandbox::owned_fd> sockets) {
                                 if (auto self = here.lock()) self->take(std::move(sockets));
                             }});
}

std::vector<std::string> way_out::environment() {
    auto proxy = fmt::format("http://{}:{}", own_address, proxy_port);
    std::vector<std::string> all;
    for (const char* name : {"http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"})
        all.push_back(fmt::format("{}={}", name, proxy));
    for (const char* name : {"no_proxy", "NO_PROXY"})
        all.push_back(fmt::format("{}=localhost,127.0.0.1,::1", name));
    return all;
}

} // namespace persais::egress

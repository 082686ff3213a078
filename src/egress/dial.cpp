#include "egress/dial.hpp"

#include "egress/limits.hpp"
#include "egress/read_head.hpp"
#include "egress/request_head.hpp"
#include "sandbox/child.hpp"

#include <algorithm>
#include <ifaddrs.h>
#include <memory>
#include <sstream>

#include <boost/asio/write.hpp>
#include <fmt/format.h>

namespace persais::egress {

using asio::ip::tcp;
using steady = std::chrono::steady_clock;

namespace {

std::unexpected<refusal> not_public(const host_and_port& to, const asio::ip::address& at) {
    return std::unexpected(refusal{true, fmt::format("{} ({} is not public)", to_string(to), at.to_string())});
}

std::unexpected<refusal> unreached(const host_and_port& to, std::string_view why) {
    return std::unexpected(refusal{false, fmt::format("{} could not be reached: {}", to_string(to), why)});
}

asio::ip::address prefix_of(const asio::ip::address& address, const asio::ip::address& mask) {
    if (address.is_v4()) return asio::ip::address_v4(address.to_v4().to_uint() & mask.to_v4().to_uint());
    auto bytes = address.to_v6().to_bytes();
    const auto kept = mask.to_v6().to_bytes();
    for (std::size_t i = 0; i < bytes.size(); ++i)
        bytes[i] &= kept[i];
    return asio::ip::address_v6(bytes);
}

std::optional<asio::ip::address> address_in(const sockaddr* from) {
    if (!from) return std::nullopt;
    if (from->sa_family == AF_INET)
        return asio::ip::address_v4(ntohl(reinterpret_cast<const sockaddr_in*>(from)->sin_addr.s_addr));
    if (from->sa_family != AF_INET6) return std::nullopt;
    asio::ip::address_v6::bytes_type bytes;
    std::ranges::copy(reinterpret_cast<const sockaddr_in6*>(from)->sin6_addr.s6_addr, bytes.begin());
    return asio::ip::address_v6(bytes);
}

/// Allowed by the rule, and not beside us unless the rule names that address.
bool may_reach(const host_rule& rule, const asio::ip::address& address) {
    if (!allows(rule, address)) return false;
    return (rule.at && rule.at->contain(address)) || !is_next_to_us(leads_to(address));
}

} // namespace

std::string in_words(const refusal& why) {
    if (!why.denied) return why.what;
    return fmt::format(
        "setup may not reach {}; SETUP_HOSTS, or setup_hosts in .persais.toml on the base branch, allows a host",
        why.what);
}

lookup system_lookup() {
    return [](std::string name) -> awaitable<std::vector<asio::ip::address>> {
        auto said = co_await sandbox::run_child(
            {.argv = {"/usr/bin/getent", "ahosts", std::move(name)}, .total = limits::egress_lookup});
        std::vector<asio::ip::address> found;
        std::istringstream lines(said.output);
        for (std::string line; std::getline(lines, line);) {
            boost::system::error_code ec;
            auto one = asio::ip::make_address(line.substr(0, line.find(' ')), ec);
            if (!ec && std::ranges::find(found, one) == found.end()) found.push_back(one);
        }
        co_return found;
    };
}

bool is_next_to_us(const asio::ip::address& one) {
    ifaddrs* list = nullptr;
    if (::getifaddrs(&list) != 0) return true;
    std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> all(list, &::freeifaddrs);
    for (const auto* each = list; each; each = each->ifa_next) {
        auto own = address_in(each->ifa_addr), mask = address_in(each->ifa_netmask);
        if (!own || own->is_v4() != one.is_v4()) continue;
        if (*own == one || (mask && prefix_of(*own, *mask) == prefix_of(one, *mask))) return true;
    }
    return false;
}

dialer::dialer(const asio::any_io_executor& executor, host_rules rules, upstream proxies, lookup addresses)
    : executor_(executor), rules_(std::move(rules)), proxies_(std::move(proxies)), lookup_(std::move(addresses)),
      looked_(executor) {}

awaitable<dialer::addresses> dialer::addresses_of(std::string host) {
    boost::system::error_code ec;
    if (auto literal = asio::ip::make_address(host, ec); !ec) co_return addresses{literal};
    while (looking_) {
        looked_.reset();
        co_await looked_.wait();
    }
    if (auto found = known_.find(host); found != known_.end() && steady::now() < found->second.until)
        co_return found->second.at;
    looking_ = true;
    addresses at;
    std::exception_ptr broken;
    try {
        at = co_await lookup_(host);
    } catch (...) {
        broken = std::current_exception();
    }
    looking_ = false;
    looked_.set();
    if (broken) std::rethrow_exception(broken);
    if (known_.size() >= limits::egress_names) known_.clear();
    if (!at.empty()) // a lookup that failed is made again
        known_[host] = {at, steady::now() + limits::egress_name_kept};
    co_return at;
}

awaitable<result<way, refusal>> dialer::connect(std::string name, addresses at, std::uint16_t port) {
    std::string why = "its name is not known";
    if (at.size() > limits::egress_addresses) at.resize(limits::egress_addresses);
    for (const auto& address : at) {
        tcp::socket socket(executor_);
        try {
            co_await with_deadline(limits::egress_connect,
                                   socket.async_connect(tcp::endpoint(address, port), asio::use_awaitable));
            boost::system::error_code ignored;
            socket.set_option(tcp::no_delay(true), ignored);
            co_return way{std::move(socket)};
        } catch (const deadline_passed&) {
            why = "it did not answer in time";
        } catch (const boost::system::system_error& e) {
            if (e.code() == asio::error::operation_aborted) throw;
            why = e.code().message();
        }
    }
    co_return unreached({std::move(name), port}, why);
}

awaitable<result<way, refusal>> dialer::through(const next_proxy& proxy, host_and_port to, bool tunnel) {
    auto open = co_await connect(proxy.at.host, co_await addresses_of(proxy.at.host), proxy.at.port);
    if (!open) co_return std::unexpected(open.error());
    if (!tunnel) {
        open->by = &proxy;
        co_return std::move(*open);
    }
    auto ask = fmt::format("CONNECT {0} HTTP/1.1\r\nHost: {0}\r\n", to_string(to));
    if (!proxy.authorization.empty()) ask += "Proxy-Authorization: " + proxy.authorization.reveal() + "\r\n";
    ask += "\r\n";
    auto talk = [&]() -> awaitable<std::string> {
        co_await asio::async_write(open->to, asio::buffer(ask), asio::use_awaitable);
        co_return (co_await read_head(open->to, open->begun)).value_or("");
    };
    constexpr int fine = 2; // 2xx
    try {
        auto answer = parse_answer_head(co_await with_deadline<std::string>(limits::egress_connect, talk()));
        if (answer && answer->status / 100 == fine) co_return std::move(*open);
        co_return unreached(to, fmt::format("the proxy of this network answered {}", answer ? answer->status : 0));
    } catch (const deadline_passed&) {
        co_return unreached(to, "the proxy of this network did not answer in time");
    } catch (const boost::system::system_error& e) {
        if (e.code() == asio::error::operation_aborted) throw;
        co_return unreached(to, "the proxy of this network: " + e.code().message());
    }
}

awaitable<result<way, refusal>> dialer::open(host_and_port to, bool tunnel) {
    const auto* rule = rules_.find(to);
    if (!rule) co_return std::unexpected(refusal{true, to_string(to)});
    auto at = rule->exactly ? addresses{*rule->exactly} : co_await addresses_of(to.host);
    auto known = at;
    std::erase_if(at, [&](const auto& each) { return !may_reach(*rule, each); });
    if (at.empty() && !known.empty()) co_return not_public(to, known.front());
    const auto* proxy = rule->at ? nullptr : proxies_.for_host(to.host, tunnel);
    if (proxy) co_return co_await through(*proxy, std::move(to), tunnel);
    co_return co_await connect(to.host, std::move(at), to.port);
}

} // namespace persais::egress

#pragma once
#include "base/async.hpp"
#include "base/host_rules.hpp"
#include "base/result.hpp"
#include "egress/upstream.hpp"

#include <functional>
#include <map>
#include <string>
#include <vector>

#include <boost/asio/ip/tcp.hpp>

namespace persais::egress {

/// The addresses of a name; none: it is not known.
using lookup = std::function<awaitable<std::vector<asio::ip::address>>(std::string name)>;
/// As the system's resolver knows them, asked by a child process, so that a slow name costs only who asks for it.
lookup system_lookup();

/// Why there is no connection.
struct refusal {
    bool denied = false; // by the rules; else the host could not be reached
    std::string what;    // denied: the host, and in brackets what is wrong with it; else a sentence without its end
};
/// One sentence without its end.
std::string in_words(const refusal& why);

/// A connection to a host, or to a proxy of this network that takes plain requests for it.
struct way {
    asio::ip::tcp::socket to;
    const next_proxy* by = nullptr; // not null: requests have to be as for a proxy
    std::string begun = {};         // what the host has sent already
};

/// Connects to hosts that the rules allow, at addresses that they allow: the address that was judged is the one that
/// is connected to. Behind a proxy of this network the proxy looks the name up; what this machine knows of the name is
/// judged before.
class dialer {
public:
    dialer(const asio::any_io_executor& executor, host_rules rules, upstream proxies, lookup addresses);

    /// `tunnel`: bytes; else one plain request.
    awaitable<result<way, refusal>> open(host_and_port to, bool tunnel);
    const host_rules& rules() const { return rules_; }

private:
    using addresses = std::vector<asio::ip::address>;
    struct known {
        addresses at;
        std::chrono::steady_clock::time_point until;
    };
    awaitable<addresses> addresses_of(std::string host);
    awaitable<result<way, refusal>> connect(std::string name, addresses at, std::uint16_t port);
    awaitable<result<way, refusal>> through(const next_proxy& proxy, host_and_port to, bool tunnel);

    asio::any_io_executor executor_;
    host_rules rules_;
    upstream proxies_;
    lookup lookup_;
    std::map<std::string, known> known_;
    bool looking_ = false; // names are looked up one after the other
    event looked_;
};

/// An address of this machine, or of a network that it is part of.
bool is_next_to_us(const asio::ip::address& one);

} // namespace persais::egress

#pragma once
#include "base/networks.hpp"
#include "base/result.hpp"

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace persais {

/// A host in lower case and a port, as a client asks for them. An IPv6 address has no brackets here.
struct host_and_port {
    std::string host;
    std::uint16_t port = 0;
    auto operator<=>(const host_and_port&) const = default;
};
inline constexpr std::uint16_t http_port = 80, https_port = 443;

/// "example.org:443", "[2001:db8::1]:443"
std::string to_string(const host_and_port& one);
/// `example.org`, `example.org:8443`, `[2001:db8::1]:443`, with `port` where the text has none. nullopt: it is no name
/// of DNS and no address. A name whose last label is a number is none: libraries read 127.1 and 2130706433 as
/// addresses.
std::optional<host_and_port> parse_host_and_port(std::string_view text, std::uint16_t port);

/// One host, or with `below` all names below it, that may be reached.
struct host_rule {
    std::string host; // empty: every host
    bool below = false;
    std::optional<std::uint16_t> port; // nullopt: 80 and 443
    /// The addresses that it may have although they are not public; nullopt: public ones only.
    std::optional<networks> at;
    std::optional<boost::asio::ip::address> exactly; // `at` is this one address: the name is not looked up
};

/// Which hosts may be reached.
class host_rules {
public:
    /// Who wrote a rule: the person who runs this machine may name what is not public, the author of a repository may
    /// not.
    enum class author { owner, repository };

    /// `registry.example.org, *.example.org, npm.corp:8443@10.0.0.0/8`, separated by commas. The error is to be written
    /// after "NAME: ".
    static result<host_rules> parse(std::string_view text, author by);
    static result<host_rule> parse_one(std::string_view text, author by);

    void add(host_rule one) { all_.push_back(std::move(one)); }
    void add(const host_rules& more) { all_.insert(all_.end(), more.all_.begin(), more.all_.end()); }
    const std::vector<host_rule>& all() const { return all_; }

    /// The first rule for it, before others one that names addresses; nullptr: it may not be reached.
    const host_rule* find(const host_and_port& one) const;

private:
    std::vector<host_rule> all_;
};

/// Whether a host of this rule may be reached at this address.
bool allows(const host_rule& rule, const boost::asio::ip::address& address);

} // namespace persais

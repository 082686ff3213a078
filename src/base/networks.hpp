#pragma once
#include "base/result.hpp"

#include <string_view>
#include <variant>
#include <vector>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>

namespace persais {

/// Ranges of IP addresses.
class networks {
public:
    /// `10.0.0.0/8, fd00::/8, 192.0.2.7`: an address alone is itself. The error says what is wrong, to be written after
    /// "NAME: ".
    static result<networks> parse(std::string_view text);

    /// An IPv4 address that is written as IPv6 (::ffff:10.0.0.1) is the IPv4 address.
    bool contain(const boost::asio::ip::address& one) const;

private:
    std::vector<std::variant<boost::asio::ip::network_v4, boost::asio::ip::network_v6>> all_;
};

/// The IPv4 address of ::ffff:10.0.0.1; any other as it is.
boost::asio::ip::address plain_address(const boost::asio::ip::address& one);
/// Loopback, link-local, or private (RFC 1918, RFC 6598, RFC 4193): it can be a proxy of this machine or of its network
/// as well as a client.
bool is_private(const boost::asio::ip::address& one);

} // namespace persais

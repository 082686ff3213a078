#pragma once
#include "base/result.hpp"

#include <string>
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

    /// As parse() reads it.
    std::string words() const;

private:
    std::vector<std::variant<boost::asio::ip::network_v4, boost::asio::ip::network_v6>> all_;
};

/// The IPv4 address of ::ffff:10.0.0.1; any other as it is.
boost::asio::ip::address plain_address(const boost::asio::ip::address& one);
/// The IPv4 address that is reached by it: of ::ffff:10.0.0.1 and of 64:ff9b::10.0.0.1 (NAT64); any other as it is.
boost::asio::ip::address leads_to(const boost::asio::ip::address& one);
/// Loopback, link-local, or private (RFC 1918, RFC 6598, RFC 4193): it can be a proxy of this machine or of its network
/// as well as a client.
bool is_private(const boost::asio::ip::address& one);

/// An address that means the same host from everywhere on the internet: not of this machine, its network or its cloud
/// (loopback, link-local, private, shared, metadata), not multicast or reserved, nor one that leads to such an address
/// by way of IPv6 (IPv4-mapped, NAT64, 6to4, Teredo). The ranges for documentation count as public: they are nobody's,
/// and closed networks use them in the place of public ones.
bool is_public(const boost::asio::ip::address& one);
/// An address that no setting can allow: unspecified, link-local (cloud metadata is there), multicast, reserved, or
/// metadata of a cloud elsewhere.
bool is_never_reached(const boost::asio::ip::address& one);

} // namespace persais

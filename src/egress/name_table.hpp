#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/ip/address_v4.hpp>

namespace persais::egress {

/// The range of addresses that a setup's own network consists of, its address in it, and the sockets' ports. The range
/// is the one for benchmarks (RFC 2544): no host has such an address.
inline constexpr const char* own_address = "198.18.0.1";
inline constexpr const char* own_mask = "255.254.0.0";
inline constexpr int proxy_port = 3128;

/// Gives each name an address of the range, so that a connection to the address tells which name was meant. Names of
/// hosts that may not be reached get one as well: the connection is what is denied, with a reason.
class name_table {
public:
    /// nullopt: there are too many names.
    std::optional<boost::asio::ip::address_v4> address_of(const std::string& name);
    /// nullopt: it is nobody's.
    std::optional<std::string> name_at(const boost::asio::ip::address_v4& address) const;

private:
    std::map<std::string, std::uint32_t, std::less<>> addresses_;
    std::map<std::uint32_t, std::string> names_;
};

/// The answer to a query of DNS over UDP; empty when there is none. An IPv4 address for a name of a host, no data for
/// other types, NXDOMAIN for what is no name of a host.
std::string answer_query(std::string_view query, name_table& names);

} // namespace persais::egress

#pragma once
#include "base/networks.hpp"
#include "http/http.hpp"

#include <optional>

namespace persais::http {

/// The client of a connection by the address of its other end, as a word to count by: an IPv4 address, or the /64 of an
/// IPv6 address, which is one household's or one machine's. Empty when that is not known: a unix socket, one of the
/// `proxies`, or an address of this machine or its network that may be a proxy which nobody has named.
std::string client_of(const std::optional<asio::ip::address>& peer, const networks& proxies);

/// The client of a request that came by one of the `proxies`: the last address in X-Forwarded-For or Forwarded that is
/// none of the proxies, because everything before it was written by somebody whom nobody trusts. When the headers do
/// not name it, or two headers name different ones, it is the proxy itself: whoever confuses them gains nothing. On
/// another connection it is `client_of` the connection, whatever the headers say.
std::string client_of(const std::optional<asio::ip::address>& peer, const headers& fields, const networks& proxies);

} // namespace persais::http

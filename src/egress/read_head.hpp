#pragma once
#include "base/async.hpp"

#include <optional>
#include <string>

#include <boost/asio/ip/tcp.hpp>

namespace persais::egress {

/// The head of a request or an answer; what came behind it is in `rest`, which has what was read before. Both belong to
/// the caller. nullopt: it is longer than limits::egress_head_bytes, or the connection ended.
awaitable<std::optional<std::string>> read_head(asio::ip::tcp::socket& from, std::string& rest);

} // namespace persais::egress

#pragma once
#include "base/host_rules.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace persais::egress {

/// The request that a client begins a connection to the proxy with.
struct proxy_request {
    bool tunnel = false; // CONNECT; else a plain request, which `head` and then `body_bytes` of its body are
    host_and_port to;
    std::string head;         // as it is sent to the host: one request for one connection
    std::string proxied_head; // the same for another proxy on the way
    std::uint64_t body_bytes = 0;
};

/// Where the head ends in `bytes`, behind its empty line; nullopt: it has not ended yet.
std::optional<std::size_t> end_of_head(std::string_view bytes);

/// What a request is refused with: 400 and "Bad Request".
struct bad_request {
    int status = 0;
    std::string_view reason;
};

/// A head with its empty line. A name with `user@` before it, another scheme than http, two different lengths, a body
/// in chunks: 400, 501 or 411.
result<proxy_request, bad_request> parse_proxy_request(std::string_view head);

/// The head of an answer, with `Connection: close` in the place of what it says about the connection: the next request
/// of the client may be to another host. nullopt: it is none.
struct answer_head {
    int status = 0;
    std::string head;
};
std::optional<answer_head> parse_answer_head(std::string_view head);

/// An answer of the proxy's own; the reason stands in its first line too, because most clients show only that.
std::string own_answer(int status, std::string_view reason);

} // namespace persais::egress

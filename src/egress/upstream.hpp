#pragma once
#include "base/host_rules.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace persais::egress {

/// A proxy of the network that this machine stands in.
struct next_proxy {
    host_and_port at;
    secret authorization; // the value of Proxy-Authorization; empty: none
};

/// The proxies of this machine's environment, as other programs obey them.
struct upstream {
    std::optional<next_proxy> https; // for tunnels
    std::optional<next_proxy> http;  // for plain requests
    std::vector<std::string> direct; // NO_PROXY: hosts, and what ends in them; "*": all

    /// The proxy for it; nullptr: it is reached directly.
    const next_proxy* for_host(const std::string& host, bool tunnel) const;
};

/// Reads https_proxy, http_proxy, all_proxy and no_proxy, in small letters or large ones. The error is one sentence: an
/// address that is no http proxy.
result<upstream> find_upstream(const std::map<std::string, std::string>& environment);

} // namespace persais::egress

#pragma once
#include "egress/dial.hpp"
#include "sandbox/child_spec.hpp"

#include <functional>
#include <memory>
#include <string>

namespace persais::egress {

/// The whole network of one setup: a resolver that gives each name an address, what listens at these addresses and
/// connects each to its host, and an HTTP proxy for programs that know one. It decides by the rules; what is inside
/// decides nothing. One executor; not for other threads.
class way_out {
public:
    /// `denied` is called once for each host that setup asked for and may not reach, at most limits::egress_denied
    /// times: "example.org:443", and in brackets what is wrong with one that the rules know.
    way_out(const asio::any_io_executor& executor, host_rules rules, upstream proxies, lookup addresses,
            std::function<void(const std::string&)> denied);
    ~way_out(); // as close()
    way_out(const way_out&) = delete;

    /// For child_spec::network. The object it refers to may be destroyed before the program has ended.
    std::shared_ptr<const sandbox::own_network> network();
    /// Whether a host that setup asked for and may reach could not be: its name was not known, or it did not answer.
    /// What the host said, and whether setup tried again, is not known.
    bool missed_a_host() const;
    /// Cuts every connection. `denied` is not called any more.
    void close();

    /// The variables by which programs find the proxy.
    static std::vector<std::string> environment();

private:
    struct impl;
    std::shared_ptr<impl> impl_;
};

} // namespace persais::egress

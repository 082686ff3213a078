#pragma once
#include "egress/dial.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

namespace persais::egress {

/// How many bytes all connections of a setup may move.
class budget {
public:
    explicit budget(std::uint64_t most) : left_(most) {}
    void take(std::uint64_t bytes) { left_ -= std::min(left_, bytes); }
    bool over() const { return left_ == 0; }

private:
    std::uint64_t left_;
};

/// One connection of a setup's program, and the one to its host.
struct link {
    explicit link(asio::ip::tcp::socket from);
    /// Cuts both; what waits for them ends with an error.
    void close();
    /// A byte has passed.
    void seen();

    asio::ip::tcp::socket client;
    std::optional<asio::ip::tcp::socket> server;
    std::chrono::steady_clock::time_point until; // then it is cut
};

using opener = std::function<awaitable<result<way, refusal>>(host_and_port to, bool tunnel)>;

/// A connection to the proxy: one request, a tunnel or a plain one. Throws system_error when it breaks.
awaitable<> serve_proxy(std::shared_ptr<link> one, opener open, budget& moved);
/// A connection to an address that stands for `to`: all bytes go there. Without a way it is reset.
awaitable<> serve_direct(std::shared_ptr<link> one, opener open, host_and_port to, budget& moved);

} // namespace persais::egress

#pragma once
#include "base/background.hpp"

#include <csignal>
#include <memory>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

namespace persais::doctor {

/// Runs one coroutine to its end on a loop of its own, then everything that is left on the loop. Ctrl-C or SIGTERM
/// cancels the coroutine, and nullopt is returned. What `make` puts into `kept` lives until the loop is empty. Throws
/// what the coroutine throws.
template <class T, class Make>
std::optional<T> run_alone(Make make) {
    asio::io_context io(1);
    std::vector<std::shared_ptr<void>> kept;
    std::optional<T> value;
    std::exception_ptr error;
    bool interrupted = false;
    asio::signal_set signals(io, SIGINT, SIGTERM);
    background<T> work(io.get_executor(), make(io.get_executor(), kept));
    signals.async_wait([&](const boost::system::error_code& ec, int) {
        if (ec) return;
        interrupted = true;
        asio::co_spawn(io, work.stop(), [](const std::exception_ptr&) {});
    });
    asio::co_spawn(io, work.join(), [&](std::exception_ptr e, T v) {
        error = e;
        if (!e) value.emplace(std::move(v));
        signals.cancel();
    });
    io.run();
    if (interrupted) return std::nullopt;
    if (error) std::rethrow_exception(error);
    return value;
}

} // namespace persais::doctor

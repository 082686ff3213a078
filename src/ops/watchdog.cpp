#include "ops/watchdog.hpp"

#include <poll.h>
#include <unistd.h>

#include <fmt/format.h>

namespace persais::ops {

namespace {

/// Does not wait for a full pipe, because a pipe that nobody empties may be the very reason why the loop is stuck. A
/// pipe that polls writable has room for PIPE_BUF bytes, and the line is shorter.
void say(const std::string& line) {
    pollfd out{.fd = STDERR_FILENO, .events = POLLOUT, .revents = 0};
    constexpr std::size_t pipe_buf = 4096;
    if (::poll(&out, 1, 0) != 1 || !(out.revents & POLLOUT)) return;
    [[maybe_unused]] auto written = ::write(STDERR_FILENO, line.data(), std::min(line.size(), pipe_buf));
}

} // namespace

watchdog::watchdog(options how) : how_(std::move(how)), thread_([this] { watch(); }) {}

watchdog::~watchdog() {
    {
        std::lock_guard held(lock_);
        stopping_ = true;
    }
    stop_.notify_one();
    thread_.join();
}

awaitable<> watchdog::tick() {
    asio::steady_timer timer(co_await asio::this_coro::executor);
    for (;;) {
        ticked();
        timer.expires_after(how_.step);
        co_await timer.async_wait(asio::use_awaitable);
        lag_ = std::chrono::steady_clock::now() - timer.expiry();
        if (how_.late_by) how_.late_by(lag_);
    }
}

void watchdog::watch() {
    std::unique_lock held(lock_);
    for (missed_ticks count; !stop_.wait_for(held, how_.step, [this] { return stopping_; });) {
        auto missed = count.step(ticks_.load(std::memory_order_relaxed));
        missed_.store(missed, std::memory_order_relaxed);
        if (missed < how_.stuck) continue;
        if (how_.end) return how_.end();
        say(how_.last_line ? how_.last_line()
                           : fmt::format("persais: the event loop has not turned for {} s: the process ends itself\n",
                                         missed * how_.step / std::chrono::seconds(1)));
        ::_exit(exit_code);
    }
}

} // namespace persais::ops

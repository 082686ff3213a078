#pragma once
#include "base/async.hpp"
#include "base/limits.hpp"
#include "ops/limits.hpp"

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace persais::ops {

struct watchdog_options {
    std::chrono::milliseconds step = limits::loop_tick; // interval of the loop's ticks and of the thread's checks
    int stuck = limits::loop_stuck / limits::loop_tick; // steps without a tick, after which the process is ended
    int late = limits::loop_late / limits::loop_tick;   // steps without a tick, after which it is not live
    /// Called on the loop at each tick but the first, with its delay. May be empty.
    std::function<void(std::chrono::nanoseconds)> late_by = {};
    /// The line that the process leaves on standard error; called in the watchdog's thread. Empty: a line of text.
    std::function<std::string()> last_line = {};
    /// Called in the watchdog's thread. Empty: writes `last_line` (without waiting for a full pipe), then calls
    /// _exit(70).
    std::function<void()> end = {};
};

/// Counts the steps in a row in which the loop did not tick.
class missed_ticks {
public:
    /// `ticks`: the number of ticks since the start. Returns the number of steps without one, this one included.
    int step(std::uint64_t ticks) {
        missed_ = ticks == seen_ ? missed_ + 1 : 0;
        seen_ = ticks;
        return missed_;
    }

private:
    std::uint64_t seen_ = 0;
    int missed_ = 0;
};

/// A thread that ends the process when its event loop is stuck. It counts its own steps without a tick instead of
/// reading a clock, so that a process or machine that was suspended (SIGSTOP, a laptop's lid, a moved virtual machine)
/// is not ended because of that: it took no steps meanwhile. Start it after set-up (set-up may block); its destructor
/// stops the thread and waits for it.
class watchdog {
public:
    using options = watchdog_options;
    static constexpr int exit_code = 70; // EX_SOFTWARE

    explicit watchdog(options how = {});
    ~watchdog();
    watchdog(const watchdog&) = delete;

    /// Ticks once a step until cancelled; runs on the loop that is watched. Start it with background<>, and stop() it
    /// before the watchdog is destroyed.
    awaitable<> tick();
    /// Ticks once; for tests.
    void ticked() { ticks_.fetch_add(1, std::memory_order_relaxed); }

    /// The loop ticked within the last `late` steps: what /health/live answers. Any thread.
    bool live() const { return missed_.load(std::memory_order_relaxed) < how_.late; }
    /// The delay of the last tick: the loop's lag. Only in the loop's thread.
    std::chrono::nanoseconds lag() const { return lag_; }

private:
    void watch();

    options how_;
    std::atomic<std::uint64_t> ticks_{0};
    std::atomic<int> missed_{0};
    std::chrono::nanoseconds lag_{0};
    std::mutex lock_;
    std::condition_variable stop_;
    bool stopping_ = false;
    std::thread thread_;
};

} // namespace persais::ops

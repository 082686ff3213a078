#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/steady_timer.hpp>

namespace persais {

namespace asio = boost::asio;

/// A steady clock that tests set. Where a context has one (`asio::make_service<hand_clock>(context)`, before the first
/// wait), `sleep_for` and `with_deadline` use it: a simulation jumps to the next of their alarms when nothing else is
/// ready, and of two alarms for the same time the one that was set first fires first. A context without one uses the
/// machine's clock.
class hand_clock final : public asio::execution_context::service {
public:
    using key_type = hand_clock;
    using time_point = std::chrono::steady_clock::time_point;

    explicit hand_clock(asio::execution_context& owner) : service(owner) {}

    time_point now() const { return now_; }
    /// When the next alarm is due; nullopt: none is set.
    std::optional<time_point> next() const;
    /// Advances the clock and fires the alarms that are due by then. It never goes back.
    void move_to(time_point then);

private:
    friend class alarm;
    void shutdown() override {}

    using place = std::pair<time_point, std::uint64_t>; // the time, and the order in which it was set
    time_point now_{};
    std::uint64_t set_ = 0;
    std::map<place, class alarm*> alarms_;
};

/// Fires a timer after a duration, by the clock of its context. The destructor cancels it. A hand clock ends the
/// timer's wait as a cancellation does; `rang` distinguishes the two.
class alarm {
public:
    alarm(asio::steady_timer& timer, std::chrono::nanoseconds after);
    ~alarm();
    alarm(const alarm&) = delete;
    bool rang() const { return rang_; }

private:
    friend class hand_clock;
    asio::steady_timer& timer_; // belongs to the caller, and outlives this object
    hand_clock* by_hand_ = nullptr;
    hand_clock::place place_{};
    bool rang_ = false;
};

} // namespace persais

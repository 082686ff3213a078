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

/// Steady time that is moved by hand. Where a context has one (`asio::make_service<hand_clock>(context)`, before the
/// first wait), `sleep_for` and `with_deadline` run on it: a simulation jumps to the next of them when nothing else is
/// ready, and of two at the same time the one that was set first goes off first. A context without one has the
/// machine's.
class hand_clock final : public asio::execution_context::service {
public:
    using key_type = hand_clock;
    using time_point = std::chrono::steady_clock::time_point;

    explicit hand_clock(asio::execution_context& owner) : service(owner) {}

    time_point now() const { return now_; }
    /// When the next alarm is due; nullopt: none is set.
    std::optional<time_point> next() const;
    /// Moves on; what is due until then goes off. Never back.
    void move_to(time_point then);

private:
    friend class alarm;
    void shutdown() override {}

    using place = std::pair<time_point, std::uint64_t>; // when, and which was set first
    time_point now_{};
    std::uint64_t set_ = 0;
    std::map<place, class alarm*> alarms_;
};

/// Lets a timer go off after a while, by the clock of its context; nothing is left of it when it dies. A timer that a
/// hand clock lets go off ends its wait like a cancelled one: `rang` tells them apart.
class alarm {
public:
    alarm(asio::steady_timer& timer, std::chrono::nanoseconds after);
    ~alarm();
    alarm(const alarm&) = delete;
    bool rang() const { return rang_; }

private:
    friend class hand_clock;
    asio::steady_timer& timer_; // the caller's, outlives us
    hand_clock* by_hand_ = nullptr;
    hand_clock::place place_{};
    bool rang_ = false;
};

} // namespace persais

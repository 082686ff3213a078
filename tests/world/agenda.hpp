#pragma once
#include "base/async.hpp"

#include <functional>
#include <map>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

namespace persais::world {

/// The loop of a simulation, and its time: everything that is ready runs, then the time jumps to the next timer.
class agenda {
public:
    agenda() : time_(asio::make_service<hand_clock>(io)), busy_(io.get_executor()) {}

    asio::io_context io{1};

    std::chrono::nanoseconds now() const { return time_.now().time_since_epoch(); }
    std::chrono::steady_clock::time_point steady() const { return time_.now(); }

    void after(std::chrono::nanoseconds pause, std::function<void()> what) {
        due_.emplace(std::pair(time_.now() + pause, ++count_), std::move(what));
    }
    /// False: nothing is ready, and no timer is left.
    bool step() {
        io.poll();
        auto alarm = time_.next();
        auto ours = due_.begin();
        if (ours != due_.end() && (!alarm || ours->first.first <= *alarm)) {
            time_.move_to(ours->first.first);
            auto what = std::move(ours->second);
            due_.erase(ours);
            what();
            return true;
        }
        if (!alarm) return false;
        time_.move_to(*alarm);
        return true;
    }

private:
    hand_clock& time_;
    asio::executor_work_guard<asio::io_context::executor_type> busy_;
    std::uint64_t count_ = 0;
    std::map<std::pair<hand_clock::time_point, std::uint64_t>, std::function<void()>> due_;
};

} // namespace persais::world

#include "base/hand_clock.hpp"

#include <algorithm>

namespace persais {

std::optional<hand_clock::time_point> hand_clock::next() const {
    if (alarms_.empty()) return std::nullopt;
    return alarms_.begin()->first.first;
}

void hand_clock::move_to(time_point then) {
    while (!alarms_.empty() && alarms_.begin()->first.first <= then) {
        auto [at, due] = *alarms_.begin();
        alarms_.erase(alarms_.begin());
        now_ = std::max(now_, at.first);
        due->rang_ = true;
        due->timer_.cancel();
    }
    now_ = std::max(now_, then);
}

alarm::alarm(asio::steady_timer& timer, std::chrono::nanoseconds after) : timer_(timer) {
    auto executor = timer.get_executor();
    auto& context = asio::query(executor, asio::execution::context);
    if (!asio::has_service<hand_clock>(context)) {
        timer.expires_after(after);
        return;
    }
    by_hand_ = &asio::use_service<hand_clock>(context);
    timer.expires_at(asio::steady_timer::time_point::max());
    auto never = hand_clock::time_point::max() - by_hand_->now_;
    place_ = {by_hand_->now_ + std::min<hand_clock::time_point::duration>(after, never), ++by_hand_->set_};
    by_hand_->alarms_.emplace(place_, this);
}

alarm::~alarm() {
    if (by_hand_ && !rang_) by_hand_->alarms_.erase(place_);
}

} // namespace persais

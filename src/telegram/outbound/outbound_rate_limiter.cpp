#include "telegram/outbound/outbound_rate_limiter.hpp"

#include "telegram/outbound/limits.hpp"

#include <algorithm>
#include <utility>

namespace persais::telegram {

using namespace std::chrono_literals;

outbound_rate_limiter::time outbound_rate_limiter::free_at(std::int64_t chat, time now) const {
    auto at = std::max(now, held_);
    if (second_.size() >= limits::telegram_per_second)
        at = std::max(at, second_[second_.size() - limits::telegram_per_second] + 1s);
    auto found = chats_.find(chat);
    if (found == chats_.end()) return at;
    const auto& c = found->second;
    at = std::max(at, c.held);
    if (c.last != time{}) at = std::max(at, c.last + limits::telegram_chat_every);
    if (c.minute.size() >= limits::telegram_group_per_minute)
        at = std::max(at, c.minute[c.minute.size() - limits::telegram_group_per_minute] + 1min);
    return at;
}

void outbound_rate_limiter::sent(std::int64_t chat, time now) {
    forget(now);
    second_.push_back(now);
    auto& c = chats_[chat];
    c.before = std::exchange(c.last, now);
    if (chat < 0) c.minute.push_back(now);
}

void outbound_rate_limiter::withdrawn(std::int64_t chat, time at) {
    auto found = chats_.find(chat);
    if (found == chats_.end() || found->second.last != at) return;
    auto& c = found->second;
    c.last = std::exchange(c.before, time{});
    if (!c.minute.empty() && c.minute.back() == at) c.minute.pop_back();
    if (!second_.empty() && second_.back() == at) second_.pop_back();
}

void outbound_rate_limiter::hold(std::int64_t chat, time until) {
    auto& c = chats_[chat];
    c.held = std::max(c.held, until);
}

void outbound_rate_limiter::hold_all(time until) {
    held_ = std::max(held_, until);
}

void outbound_rate_limiter::forget(time now) {
    while (!second_.empty() && second_.front() + 1s <= now)
        second_.pop_front();
    for (auto i = chats_.begin(); i != chats_.end();) {
        auto& c = i->second;
        while (!c.minute.empty() && c.minute.front() + 1min <= now)
            c.minute.pop_front();
        bool free = c.minute.empty() && c.held <= now && c.last + limits::telegram_chat_every <= now;
        i = free ? chats_.erase(i) : std::next(i);
    }
}

} // namespace persais::telegram

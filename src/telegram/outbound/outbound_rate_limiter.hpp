#pragma once
#include "telegram/outbound/limits.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>

namespace persais::telegram {

/// When the next message may go where: Telegram's limits for a bot (limits::telegram_chat_every, _group_per_minute,
/// _per_second) and what it asked for by 429. Pure: the time is given.
class outbound_rate_limiter {
public:
    using time = std::chrono::steady_clock::time_point;

    /// The earliest time for a message to this chat; `now` or earlier: at once. A group has a negative number.
    time free_at(std::int64_t chat, time now) const;
    /// Something is sent to it now.
    void sent(std::int64_t chat, time now);
    /// What was said to be sent at this time was not.
    void withdrawn(std::int64_t chat, time at);
    /// Nothing to this chat before then.
    void hold(std::int64_t chat, time until);
    /// Nothing at all before then.
    void hold_all(time until);
    /// What held everything is over.
    void let_go() { held_ = {}; }
    /// Chats that are remembered: those that a limit may still hold.
    std::size_t size() const { return chats_.size(); }

private:
    struct of_chat {
        time last{};
        time before{}; // the one before the last
        time held{};
        std::deque<time> minute; // of a group
    };
    void forget(time now);

    std::map<std::int64_t, of_chat> chats_;
    std::deque<time> second_;
    time held_{};
};

} // namespace persais::telegram

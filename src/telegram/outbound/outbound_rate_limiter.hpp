#pragma once
#include "telegram/outbound/limits.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>

namespace persais::telegram {

/// Tells when the next message may be sent to which chat: Telegram's limits for a bot (limits::telegram_chat_every,
/// _group_per_minute, _per_second) and the pauses that it asked for by 429. Pure: the caller gives the time.
class outbound_rate_limiter {
public:
    using time = std::chrono::steady_clock::time_point;

    /// The earliest time for a message to this chat; `now` or earlier means at once. Groups have negative numbers.
    time free_at(std::int64_t chat, time now) const;
    /// A message is sent to this chat now.
    void sent(std::int64_t chat, time now);
    /// The message that sent() recorded for this time was not sent.
    void withdrawn(std::int64_t chat, time at);
    /// Nothing is sent to this chat before `until`.
    void hold(std::int64_t chat, time until);
    /// Nothing is sent to any chat before `until`.
    void hold_all(time until);
    /// Ends what hold_all() began.
    void let_go() { held_ = {}; }
    /// How many chats are remembered: those that a limit may still delay.
    std::size_t size() const { return chats_.size(); }

private:
    struct of_chat {
        time last{};
        time before{}; // the send before the last one
        time held{};
        std::deque<time> minute; // sends to a group within the last minute
    };
    void forget(time now);

    std::map<std::int64_t, of_chat> chats_;
    std::deque<time> second_;
    time held_{};
};

} // namespace persais::telegram

#pragma once
#include "base/clock.hpp"
#include "telegram/api/api.hpp"
#include "telegram/api/methods.hpp"
#include "telegram/outbound/outbound_rate_limiter.hpp"

#include <functional>
#include <string>

namespace persais::telegram {

/// The outcome of a request that shows something in a chat.
struct delivery {
    enum class kind {
        done,         // it was sent; `message` is its number when the method gives one
        later,        // it did not happen; no retry before `pause`
        in_doubt,     // it may have happened; no retry before `pause`
        message_gone, // the message to change does not exist any more
        topic_gone,   // the chat's topic was closed or deleted
        chat_gone,    // nothing can be sent there any more
        moved,        // the chat now has the number `moved_to`
        refused,      // our own mistake: a retry would be refused again
    };
    kind how = kind::later;
    std::optional<std::int64_t> message;
    std::int64_t moved_to = 0;
    std::chrono::milliseconds pause{0};
    std::string why;
    place tried; // where: what is wrong there is wrong nowhere else
};

/// All requests to chats go through here, at the rate that Telegram allows. Used from one executor.
class telegram_client {
public:
    telegram_client(api& bot, const clock& time) : bot_(bot), time_(time) {} // declared before us in the wiring

    /// The time until something may be sent to this chat.
    std::chrono::milliseconds free_in(std::int64_t chat) const;
    /// Waits until something may be sent to this chat. Two that wait for one chat continue one after the other.
    awaitable<void> turn(std::int64_t chat);
    /// Gives up the turn: there was nothing to send after turn().
    void pass(std::int64_t chat);
    /// Sends, after turn(). `body`: JSON as the method takes it, with its chat and, for a new message, its topic.
    awaitable<delivery> deliver(place to, std::string method, std::string body);
    awaitable<delivery> deliver(place to, std::string method, std::string body, upload file);

    /// How many calls for this chat were begun: two readings tell whether there were any in between.
    std::uint64_t begun(std::int64_t chat) const;
    /// The bot's token or address changed: what was refused before is retried now.
    void begin_anew();

    /// Called once for each change: whether Telegram answers, and if not why.
    std::function<void(bool answers, const std::string& why)> told;

private:
    void begin(std::int64_t chat);
    delivery judge(const place& to, const called& c);
    delivery judge(std::int64_t chat, const called& c);
    void note(bool answers, const std::string& why);

    api& bot_;
    const clock& time_;
    outbound_rate_limiter rate_limiter_;
    std::map<std::int64_t, outbound_rate_limiter::time> turns_; // turns of chats that nothing was sent to yet
    std::map<std::int64_t, int> failures_;                      // failures in a row
    std::map<std::int64_t, std::uint64_t> begun_;
    std::optional<bool> answers_;
};

} // namespace persais::telegram

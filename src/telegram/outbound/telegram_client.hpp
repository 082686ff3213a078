#pragma once
#include "base/clock.hpp"
#include "telegram/api/api.hpp"
#include "telegram/outbound/outbound_rate_limiter.hpp"

#include <functional>
#include <string>

namespace persais::telegram {

/// What became of something that was to be shown in a chat.
struct delivery {
    enum class kind {
        done,         // it stands there; `message` is its number when the method gives one
        later,        // it did not happen; not again before `pause`
        in_doubt,     // it may have happened; not again before `pause`
        message_gone, // what was to be changed is not there any more
        chat_gone,    // nothing can be sent there any more
        moved,        // the chat has the number `moved_to` now
        refused,      // our own mistake: again would be refused again
    };
    kind how = kind::later;
    std::optional<std::int64_t> message;
    std::int64_t moved_to = 0;
    std::chrono::milliseconds pause{0};
    std::string why;
};

/// All that is shown in chats goes through here, at the pace that Telegram allows. One executor.
class telegram_client {
public:
    telegram_client(api& bot, const clock& time) : bot_(bot), time_(time) {} // declared before us in the wiring

    /// How long until something may be sent to this chat.
    std::chrono::milliseconds free_in(std::int64_t chat) const;
    /// Waits until then. Two that wait for one chat are let on one after the other.
    awaitable<void> turn(std::int64_t chat);
    /// There was nothing to send after turn().
    void pass(std::int64_t chat);
    /// After turn(). `body`: as the method takes it, JSON with its chat.
    awaitable<delivery> deliver(std::int64_t chat, std::string method, std::string body);
    awaitable<delivery> deliver(std::int64_t chat, std::string method, std::string body, upload file);

    /// How many calls for this chat were begun: whether there were any between two looks.
    std::uint64_t begun(std::int64_t chat) const;
    /// The bot has another token, or is elsewhere: what was refused there is tried again now.
    void begin_anew();

    /// Told once for each change: whether Telegram answers, and if not why.
    std::function<void(bool answers, const std::string& why)> told;

private:
    delivery judge(std::int64_t chat, const called& c);
    void note(bool answers, const std::string& why);

    api& bot_;
    const clock& time_;
    outbound_rate_limiter rate_limiter_;
    std::map<std::int64_t, outbound_rate_limiter::time> turns_; // of chats that were let on and sent nothing yet
    std::map<std::int64_t, int> failures_;                      // in a row
    std::map<std::int64_t, std::uint64_t> begun_;
    std::optional<bool> answers_;
};

} // namespace persais::telegram

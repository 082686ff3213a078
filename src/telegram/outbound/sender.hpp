#pragma once
#include "base/background.hpp"
#include "telegram/outbound/telegram_client.hpp"
#include "telegram/store/outbox.hpp"

#include <functional>
#include <map>

namespace persais::telegram {

/// Tells of tasks: their one message, and the short words that it is done.
class notifier {
public:
    virtual ~notifier() = default;
    /// Brings the task's own message to what the task is now. Not `done`: what hindered it.
    /// Of a turn that another one followed, only what that turn came to: the newer one's message stands behind it.
    virtual awaitable<delivery> show(task_id task, std::optional<int> turn = {}) = 0;
    /// The messages that tell of what happened in this turn (nullopt: the newest): requests as the outbox holds them.
    virtual awaitable<std::vector<std::string>> words(task_id task, std::optional<int> turn, std::string sentence) = 0;
};

struct sender_events {
    std::function<void()> in_doubt;             // a send whose answer was lost, or whose sender died, is repeated
    std::function<void(std::string_view)> sent; // "sent", "refused", "gone"
};

/// Sends what stands in the outbox: in order in each chat, several chats at once, at Telegram's pace, each at least
/// once. One that is stopped gives back what it has in hand; what a killed one had is free after a while. What Telegram
/// does not take now is tried again with backoff; a chat that is gone is given up, its tasks are not. Asks the database
/// only after `wake`, and when something is due.
class sender {
public:
    sender(store::pool& db, telegram_client& way, notifier& notifier, sender_events events)
        : db_(db), way_(way), notifier_(notifier), events_(std::move(events)) {}

    /// Until cancelled.
    awaitable<void> run();
    /// Something was put into the outbox.
    void wake();

private:
    awaitable<void> send_what_comes();
    awaitable<void> stop_all();
    awaitable<void> serve(std::int64_t chat);
    awaitable<bool> send(telegram::unsent what);
    awaitable<void> give_back(std::int64_t id, bool in_doubt);
    awaitable<void> keep_sent(std::int64_t id, std::vector<store::statement> also);
    awaitable<delivery> attempt(telegram::unsent what, std::vector<store::statement>& also);
    awaitable<delivery> send_one(const telegram::unsent& what, std::string request,
                                 std::vector<store::statement>& also);
    awaitable<std::optional<std::chrono::milliseconds>> look();

    store::pool& db_; // these outlive us
    telegram_client& way_;
    notifier& notifier_;
    sender_events events_;
    std::optional<event> news_;
    std::map<std::int64_t, std::unique_ptr<background<void>>> chats_;
};

} // namespace persais::telegram

#pragma once
#include "base/background.hpp"
#include "telegram/outbound/telegram_client.hpp"
#include "telegram/store/outbox.hpp"

#include <functional>
#include <map>

namespace persais::telegram {

/// Tells chats about tasks: each task's one message, and the short notice that it is done.
class notifier {
public:
    virtual ~notifier() = default;
    /// Brings the task's own message to the task's current state. A result other than `done` says what hindered it.
    /// With a `turn` that another turn followed, only the result of that turn is shown, because the newer turn has a
    /// message of its own.
    virtual awaitable<delivery> show(task_id task, std::optional<int> turn = {}) = 0;
    /// The messages that tell what happened in this turn (nullopt: the newest), as requests for the outbox.
    virtual awaitable<std::vector<std::string>> words(task_id task, std::optional<int> turn, std::string sentence) = 0;
};

struct sender_events {
    std::function<void()> in_doubt;             // a send whose answer was lost, or whose sender died, is repeated
    std::function<void(std::string_view)> sent; // "sent", "refused", "gone"
};

/// Opens a body that is sealed (sealed_message); nullopt: the key is another one.
using message_opener = std::function<std::optional<secret>(std::string_view sealed)>;

/// Who a sender is to others that send from the same outbox.
struct sender_identity {
    std::string name; // that no other process has
    std::function<std::chrono::milliseconds()> lease;
};

/// What is stored follows a place that changed: a chat that moved, a topic that was closed. False: `d` says nothing of
/// that. `telling`: the task that was being told of. Throws store::db_error.
awaitable<bool> follow_place(store::pool& db, const delivery& d, std::optional<task_id> telling);
/// The chat that was tried is gone: nothing is sent there until it is back. Throws store::db_error.
awaitable<void> give_up_chat(store::pool& db, const delivery& d);

/// Sends the rows of the outbox: in order within each chat, several chats at once, at the rate that Telegram allows,
/// each row at least once. A sender that is stopped releases its rows; those of a killed one are free when its process
/// starts again (free_holds), else limits::telegram_send_slack after its lease has ended. What Telegram does not accept
/// now is retried with backoff; a chat that is gone is given up, its tasks are not. Asks the database only after
/// `wake`, and when a row is due.
class sender {
public:
    sender(store::pool& db, telegram_client& way, notifier& notifier, sender_identity self, sender_events events,
           message_opener open = {})
        : db_(db), way_(way), notifier_(notifier), self_(std::move(self)), events_(std::move(events)),
          open_(std::move(open)) {}

    /// Runs until cancelled.
    awaitable<void> run();
    /// A row was put into the outbox.
    void wake();
    /// How long nobody else sends what a sender has in hand, unless that sender renews it.
    std::chrono::milliseconds holds_for() const;

private:
    telegram::hold hold() const { return {self_.name, holds_for()}; }
    awaitable<void> keep_hold(std::int64_t id);
    awaitable<bool> send_held(telegram::unsent what);
    awaitable<void> send_what_comes();
    awaitable<void> stop_all();
    awaitable<void> serve(std::int64_t chat);
    awaitable<bool> send(telegram::unsent what);
    awaitable<void> give_up(delivery d);
    awaitable<void> give_back(std::int64_t id, bool in_doubt);
    awaitable<void> keep_sent(std::int64_t id, std::vector<store::statement> also);
    awaitable<delivery> attempt(telegram::unsent what, std::vector<store::statement>& also);
    awaitable<delivery> send_one(const telegram::unsent& what, std::string request,
                                 std::vector<store::statement>& also);
    awaitable<std::optional<std::chrono::milliseconds>> look();

    store::pool& db_; // these outlive the sender
    telegram_client& way_;
    notifier& notifier_;
    sender_identity self_;
    sender_events events_;
    message_opener open_;
    std::optional<event> news_;
    std::map<std::int64_t, std::unique_ptr<background<void>>> chats_;
};

} // namespace persais::telegram

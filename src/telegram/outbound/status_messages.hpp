#pragma once
#include "base/background.hpp"
#include "mechanic/progress.hpp"
#include "mechanic/task.hpp"
#include "telegram/api/methods.hpp"
#include "telegram/api/say.hpp"
#include "telegram/outbound/limits.hpp"
#include "telegram/outbound/outgoing.hpp"
#include "telegram/outbound/sender.hpp"
#include "telegram/store/task_messages.hpp"

#include <functional>
#include <map>
#include <memory>

namespace persais::telegram {

/// A task's message as it should be, and what it shows; both come from one read of the task.
struct task_view {
    outgoing what;
    int turn = 0;
    std::string state;    // mechanic::name_of
    bool settled = false; // nothing more happens in this turn
};

/// Make what a task's message shows, where all of it is known (src/app). They may throw store::db_error.
struct task_views {
    /// `doing`: the newest progress; nullopt: none. The answer is nullopt when the task does not exist any more.
    std::function<awaitable<std::optional<task_view>>(task_id, std::optional<mechanic::progress> doing, reader)>
        message;
    /// The messages that tell that something happened, as many as it needs.
    std::function<awaitable<std::vector<outgoing>>(task_id, std::string sentence, reader)> notices;
    /// The result of a turn that another turn followed, for its own message; nullopt: nothing is known of it.
    std::function<awaitable<std::optional<outgoing>>(task_id, int turn, reader)> earlier = {};
    /// The messages that tell of such a result.
    std::function<awaitable<std::vector<outgoing>>(task_id, int turn, reader)> earlier_notices = {};
    /// Whether an admin reads this chat alone; without it nobody is known to be one.
    std::function<bool(std::int64_t chat)> admin_reads = {};
    /// Told when an edit found that its chat is gone.
    std::function<void()> chat_gone = {};
};

/// Keeps each task's one message up to date: progress as it comes, at most every limits::telegram_edit_every, and the
/// result. A message that a crash left out of date is brought up to date at the next start.
class status_messages final : public notifier {
public:
    status_messages(store::pool& db, telegram_client& way, const clock& time, task_views views)
        : db_(db), way_(way), time_(time), views_(std::move(views)) {}

    /// Runs until cancelled.
    awaitable<void> run();
    /// The task's state changed. For a task that came from no chat this is looked up only once.
    void moved(task_id task, bool settled);
    /// What is being done for the task now.
    void progress(task_id task, const mechanic::progress& doing);
    /// The queue changed, so that the places of waiting tasks may have changed.
    void queue_moved();

    awaitable<delivery> show(task_id task, std::optional<int> turn = {}) override;
    awaitable<std::vector<std::string>> words(task_id task, std::optional<int> turn, std::string sentence) override;

private:
    struct followed {
        std::optional<mechanic::progress> doing;
        std::string shown; // body of the last edit
        std::chrono::steady_clock::time_point next{};
        bool wanted = false;
        bool foreign = false; // the task came from no chat
        bool queued = false;
        std::optional<event> free; // set while nobody edits its message
    };
    /// A lock: one at a time edits a task's message, because an older state would overwrite a newer one.
    class alone;
    std::shared_ptr<followed> followed_of(task_id task);
    void want(task_id task);
    awaitable<delivery> bring(task_id task, bool only_now);
    awaitable<delivery> bring_earlier(task_id task, int last, bool only_now);
    awaitable<delivery> put(telegram::task_message m, outgoing view, std::string* shown, bool only_now);
    awaitable<keyboard> keys(std::int64_t chat, task_id task, const button_rows& rows);
    awaitable<void> edit_due();
    reader reader_of(const telegram::task_message& m) const;

    store::pool& db_; // these outlive status_messages
    telegram_client& way_;
    const clock& time_;
    task_views views_;
    std::optional<event> news_;
    /// Shared with those that edit it: two may use an entry at once, and the first may remove it from here.
    std::map<task_id, std::shared_ptr<followed>> tasks_;
};

} // namespace persais::telegram

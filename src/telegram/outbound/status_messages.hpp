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

/// A task's message as it should be, and what it shows: of one look at the task.
struct task_view {
    outgoing what;
    int turn = 0;
    std::string state;    // mechanic::name_of
    bool settled = false; // nothing more comes in this turn
};

/// What a task's message shows, made where all is known (src/app). They may throw store::db_error.
struct task_views {
    /// `doing`: the newest; nullopt: none. The answer is nullopt when there is no such task any more.
    std::function<awaitable<std::optional<task_view>>(task_id, std::optional<mechanic::progress> doing, language)>
        message;
    /// The words that tell that something happened, in as many messages as it takes.
    std::function<awaitable<std::vector<outgoing>>(task_id, std::string sentence, language)> notices;
    /// The result of a turn that another one followed, for its own message; nullopt: nothing is known of it.
    std::function<awaitable<std::optional<outgoing>>(task_id, int turn, language)> earlier = {};
    /// And the words that tell of it.
    std::function<awaitable<std::vector<outgoing>>(task_id, int turn, language)> earlier_notices = {};
};

/// Keeps each task's one message at what the task is: progress as it comes, at most every limits::telegram_edit_every,
/// and the result. What a crash left frozen is brought up to date by the next start.
class status_messages final : public notifier {
public:
    status_messages(store::pool& db, telegram_client& way, const clock& time, task_views views)
        : db_(db), way_(way), time_(time), views_(std::move(views)) {}

    /// Until cancelled.
    awaitable<void> run();
    /// The task moved. Of one that came from no chat this is found out once.
    void moved(task_id task, bool settled);
    /// What is being done.
    void progress(task_id task, const mechanic::progress& doing);
    /// The queue moved: what waits in it may stand elsewhere.
    void queue_moved();

    awaitable<delivery> show(task_id task, std::optional<int> turn = {}) override;
    awaitable<std::vector<std::string>> words(task_id task, std::optional<int> turn, std::string sentence) override;

private:
    struct followed {
        std::optional<mechanic::progress> doing;
        std::string shown; // body of the last edit
        std::chrono::steady_clock::time_point next{};
        bool wanted = false;
        bool foreign = false; // it came from no chat
        bool queued = false;
        std::optional<event> free; // nobody brings its message just now
    };
    /// One brings a task's message at a time: what an earlier one had read would stand over the words of a later one.
    class alone;
    std::shared_ptr<followed> followed_of(task_id task);
    void want(task_id task);
    awaitable<delivery> bring(task_id task, bool only_now);
    awaitable<delivery> bring_earlier(task_id task, int last, bool only_now);
    awaitable<delivery> put(telegram::task_message m, outgoing view, std::string* shown, bool only_now);
    awaitable<keyboard> keys(std::int64_t chat, task_id task, const button_rows& rows);
    awaitable<void> edit_due();

    store::pool& db_; // these outlive us
    telegram_client& way_;
    const clock& time_;
    task_views views_;
    std::optional<event> news_;
    /// Shared with whoever shows it: it may be brought twice at once, and forgotten by the first one.
    std::map<task_id, std::shared_ptr<followed>> tasks_;
};

} // namespace persais::telegram

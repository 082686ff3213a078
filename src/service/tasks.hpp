#pragma once
#include "base/clock.hpp"
#include "service/access.hpp"
#include "service/orders.hpp"

namespace persais::service {

/// asked: a worker holds the task, and ends it within seconds. turn_aborted: what earlier turns brought to the branch
/// is in review again.
enum class abort_end { aborted, turn_aborted, asked };

struct reply_end {
    int turn = 1;
    bool begun = false; ///< else it is kept until the turn under way has ended
};

/// What people want of tasks, whoever works on them and wherever it was said: chat, command line, API. Functions throw
/// store::db_error. Whoever calls them wakes the workers afterwards (app/doorbell.hpp from another process). A chat,
/// which tells of a change in the transaction that makes it, writes the order itself (queue::add_statement); what it
/// writes is decided here or in orders.hpp and access.hpp all the same.
class tasks {
public:
    /// All outlive it; `settings` may change meanwhile.
    tasks(const config::settings& settings, queue::requests& queue, const clock& time)
        : settings_(settings), queue_(queue), time_(time) {}

    /// nullopt: there is no such task.
    awaitable<std::optional<queue::snapshot>> load(task_id id) { return queue_.load(id); }

    /// `conversation`: JSON, of a task that it carries on.
    awaitable<task_id> submit(mechanic::order what, std::string conversation = "[]");

    /// Ends a task, or the turn of it that is under way. Replies that were not begun are dropped.
    awaitable<answer<abort_end>> abort(task_id id);

    /// Goes on with a task: the next turn of its conversation, on the same branch. Whatever the task came to; one that
    /// is under way goes on when it has settled, and several replies go on in their order.
    awaitable<answer<reply_end>> reply(task_id id, std::string instruction, std::optional<std::int64_t> person = {});
    /// The same for a terminal that waits for it: nobody else works on this turn. Refused when the task is under way.
    awaitable<answer<reply_end>> reply_here(task_id id, std::string instruction);

    /// A new task that makes the change which an answer proposes. It names the question, and knows what was said there.
    awaitable<answer<task_id>> change_from_answer(task_id question, bool foreground = false);

    /// A new task by order_of_retry. When the newest turn came to nothing and an earlier result stands, that turn is
    /// begun again instead, and the value is the same task.
    awaitable<answer<task_id>> retry(task_id id);
    /// The order of one more try, for whoever writes it in a transaction of their own.
    awaitable<answer<mechanic::order>> order_of_next_try(mechanic::task old);

    /// The task may spend `usd` in all. One that waits for that goes on. `who`, `what`: of whoever asks (access.hpp).
    awaitable<answer<void>> raise_budget(task_id id, double usd, role who, relation what);

    const config::settings& settings() const { return settings_; }

private:
    const config::settings& settings_;
    queue::requests& queue_;
    const clock& time_;
};

} // namespace persais::service

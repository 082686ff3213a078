#pragma once
#include "base/clock.hpp"
#include "base/result.hpp"
#include "config/settings.hpp"
#include "mechanic/limits.hpp"
#include "queue/tasks.hpp"

namespace persais::service {

/// What people want of a task that exists, whoever works on it. They throw db_error. Errors are one sentence for the
/// person. Whoever calls them rings (doorbell.hpp) afterwards.

/// Ends a task, or the turn of it that is under way: what earlier turns brought to the branch is then in review again.
/// Replies that were not begun are dropped.
enum class abort_end { aborted, turn_aborted, asked }; ///< asked: a worker holds it, and ends it within seconds
awaitable<result<abort_end>> abort_task(queue::tasks& all, const clock& time, task_id id);

/// What a person wrote, as an order or a reply takes it: trimmed; an error says why it is none (empty, not UTF-8,
/// longer than limits::instruction_bytes).
result<std::string> instruction_from(std::string_view written,
                                     mechanic::order::kind what = mechanic::order::kind::change);

/// Goes on with a task: the next turn of its conversation, on the same branch. Whatever the task came to; one that is
/// under way goes on when it has settled, and several replies go on in their order.
struct reply_end {
    int turn = 1;
    bool begun = false; // else it is kept
};
awaitable<result<reply_end>> reply(queue::tasks& all, task_id id, std::string instruction,
                                   std::optional<std::int64_t> person = {});
/// The same for a terminal that waits for it: nobody else works on this turn. An error when the task is under way.
awaitable<result<reply_end>> reply_here(queue::tasks& all, task_id id, std::string instruction);

/// What a task is that makes the change which an answer proposes; an error when there is no answer. For whoever adds it
/// in a transaction of their own, with the question's conversation.
result<mechanic::order> order_of_answer(const mechanic::task& question, const config::settings& now);
/// A new task that makes the change which an answer proposes. It names the question, and knows what was said there.
awaitable<result<task_id>> task_from_answer(queue::tasks& all, const config::settings& now, task_id question,
                                            bool foreground = false);

/// The task may spend `usd` in all. One that waits for that goes on. Said twice, nothing happens the second time.
awaitable<result<void>> more_budget(queue::tasks& all, task_id id, double usd);

/// A new task that asks for the same, in all its turns, and names the old one, which must have ended. What the person
/// said is the old task's; what came from the settings (model, budget, attempts, rounds) is taken from what they are
/// now: a retry is often wanted because one of them was changed. When the newest turn came to nothing and an earlier
/// result stands, that turn is begun again instead, and the value is the same task.
awaitable<result<task_id>> retry_task(queue::tasks& all, const config::settings& now, task_id id);
/// The two ways of it, for whoever writes it in a transaction of their own: a reply with what its last turn was asked
/// (mechanic::retries_its_turn), or a new task. `turns`: those that were begun.
result<mechanic::order> order_of_retry(const mechanic::task& old, const std::vector<queue::reply>& turns,
                                       const config::settings& now);

} // namespace persais::service

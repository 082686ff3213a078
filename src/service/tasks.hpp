#pragma once
#include "base/clock.hpp"
#include "mechanic/event.hpp"
#include "service/access.hpp"
#include "service/known_repositories.hpp"
#include "service/orders.hpp"

namespace persais::service {

/// asked: a worker holds the task, and will end it within seconds. turn_aborted: the branch with the result of earlier
/// turns is in review again. discarded: it had a result, which can be taken up again. landing: its way to the base
/// branch, or back, goes no further, and the state says what came of it; while a push is in doubt it has not settled.
enum class abort_end { aborted, turn_aborted, asked, discarded, landing };

struct reply_end {
    int turn = 1;
    bool begun = false; ///< else it is kept until the current turn has ended
};

/// The operations on tasks that people request, the same for chat, command line and API. Functions throw
/// store::db_error. The caller wakes the workers afterwards (app/doorbell.hpp from another process). A chat, which
/// reports a change in the transaction that makes it, writes the order itself (queue::add_statement); but what it
/// writes is decided here or in orders.hpp and access.hpp.
class tasks {
public:
    /// All arguments must outlive this object; `settings` may change meanwhile.
    tasks(const config::settings& settings, queue::requests& queue, const clock& time)
        : settings_(settings), queue_(queue), time_(time) {}

    /// What is set for repositories counts for tasks that are made again; `known` outlives this object.
    void know(const known_repositories* known) { known_ = known; }

    /// nullopt: there is no such task.
    awaitable<std::optional<queue::snapshot>> load(task_id id) { return queue_.load(id); }

    /// Adds a task and returns its number. `conversation`: JSON, of the task that this one carries on.
    awaitable<task_id> submit(mechanic::order what, std::string conversation = "[]");

    /// Ends a task, or its current turn. Replies that were not begun are dropped. A result is put away only when it is
    /// `shown`, the commit that the person has seen: what was under way then may have come to one since.
    awaitable<answer<abort_end>> abort(task_id id, std::string shown = {});

    /// Puts away the result that stands: exactly `commit` (empty: whatever it is now). Its branch stays where it is.
    awaitable<answer<void>> discard(task_id id, std::string commit = {});
    /// What was put away is in review again: the same commit, under the same verdict. Exactly `commit`, likewise.
    awaitable<answer<void>> undiscard(task_id id, std::string commit = {});

    /// Continues a task with the next turn of its conversation, on the same branch, whatever its outcome was. A task in
    /// progress continues when it has settled, and several replies are processed in their order.
    awaitable<answer<reply_end>> reply(task_id id, std::string instruction, std::optional<std::int64_t> person = {});
    /// The same for a terminal that waits for the result: no other worker takes this turn. Refused when the task is in
    /// progress.
    awaitable<answer<reply_end>> reply_here(task_id id, std::string instruction);

    /// Lets the work that a task holds back be pushed as it is: exactly `commit` (empty: what it holds now), and once.
    /// `here`: a terminal waits for it, and no other worker takes it.
    awaitable<answer<void>> push_anyway(task_id id, std::string commit, role who, relation what, bool here = false);

    /// What a person says who has a result brought onto the base branch, or taken back from there.
    struct landing_wish {
        std::string commit;  // that the person was shown; empty: whatever it is now
        bool anyway = false; // the extra word for what is not green; of a rollback: without checks
        std::string by;      // mechanic::landing::by
    };
    /// What would be deployed, or rolled back (`back`), for a person who is asked whether it shall be.
    struct landing_offer {
        std::string commit, branch, instruction;
        bool green = true; // else deploying it needs the extra word
        mechanic::diff_size size;
        bool again = false; // `commit` took it back, and that is undone
        int approvals = 0;  // that others gave
        int needed = 1;
    };
    /// `by`: landing_wish::by. A code that it needs is asked for only when it is done.
    awaitable<answer<landing_offer>> may_land(task_id id, role who, relation what, bool back, std::string by = {});
    /// What a wish came to: a worker does it, or others have to agree first.
    struct landing_begun {
        int approvals = 1;
        int needed = 1;
        std::vector<std::int64_t> others = {}; // who may agree and has not
        std::vector<std::string> by = {};      // whose approvals count; empty: one is enough
        bool fresh = true;                     // the others have not heard of this person's yet
        bool plainly = false; // one of those who agreed did not say the extra word, so it does not count
        bool waits() const { return approvals < needed; }
    };
    /// Has the task's result brought onto the base branch: exactly that commit, once, by a worker. What was rolled back
    /// comes there again. Where several have to agree, each does so by this, and the last one has it done.
    awaitable<answer<landing_begun>> deploy(task_id id, landing_wish wish, role who, relation what);
    /// Has what the task brought there taken back: one person who may is enough.
    awaitable<answer<landing_begun>> roll_back(task_id id, landing_wish wish, role who, relation what);
    /// Who may land this task's result, for those who may not; empty: there is no such task.
    awaitable<std::vector<std::int64_t>> who_may_land(task_id id);
    /// Who agreed so far to what a task shows, and how many have to; nullopt: nobody did, or there is no such task.
    struct approvals_so_far {
        task_id task;
        std::string remote;
        std::vector<std::string> by; // landing_wish::by, the oldest first
        int needed = 1;
    };
    awaitable<std::optional<approvals_so_far>> approvals_of(task_id id);
    /// The same of several tasks: of those to which somebody agreed.
    awaitable<std::vector<approvals_so_far>> approvals_of(std::vector<task_id> ids);

    /// Adds a task that makes the change which an answer proposes. It refers to the question, and has its conversation.
    awaitable<answer<task_id>> change_from_answer(task_id question, bool foreground = false);

    /// Adds a new task by order_of_retry. When the newest turn came to nothing and an earlier result stands, that turn
    /// is begun again instead, and the returned number is that of the same task.
    awaitable<answer<task_id>> retry(task_id id);
    /// The order of a retry, for a caller that writes it in its own transaction.
    awaitable<answer<mechanic::order>> order_of_next_try(mechanic::task old);

    /// Lets the task spend `usd` in all; a task that waits for that continues. `who`, `what`: the role and relation of
    /// the person who asks (access.hpp).
    awaitable<answer<void>> raise_budget(task_id id, double usd, role who, relation what);

    const config::settings& settings() const { return settings_; }

private:
    awaitable<answer<void>> decide(task_id id, mechanic::event wish, std::string commit);
    awaitable<answer<landing_begun>> land(task_id id, landing_wish wish, role who, relation what, bool back);
    awaitable<queue::landing_record> known_of(const mechanic::task& t, std::string by);
    awaitable<queue::landing_record> record_for(const mechanic::task& t, std::string by);
    awaitable<std::optional<landing_begun>> agree(const mechanic::task& t, const landing_wish& wish);

    const config::settings& settings_;
    queue::requests& queue_;
    const clock& time_;
    const known_repositories* known_ = nullptr;
};

} // namespace persais::service

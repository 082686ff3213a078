#pragma once
#include "mechanic/task.hpp"
#include "queue/limits.hpp"
#include "store/store.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace persais::queue {

/// The channel on which workers hear of tasks that were added, woken or are to be aborted.
inline constexpr const char* channel = "persais_tasks";

/// What a person said to a task, accepted under this number of its turns.
struct reply {
    int turn = 1;
    std::string instruction;
    std::optional<std::int64_t> person = {}; // of a chat
    bool operator==(const reply&) const = default;
};

/// The SQLSTATE of a save that begins a reply with fewer words than it has by now: look again.
inline constexpr std::string_view reply_has_grown = "PX002";

/// A task as it was read, with what a fenced write of it needs.
struct snapshot {
    mechanic::task task;
    fence at;                 // the row's fence; grows by one with each claim
    time_point read_at{};     // the database's clock: the one clock of leases
    std::string conversation; // JSON, the task's talk with its agent
    bool abort_wished = false;
    std::string owner;              // of its lease: the process that took it, empty when none did
    int last_turn = 0;              // the number that was given out last; a reply that comes gets the next
    std::optional<reply> kept = {}; // the oldest reply that was not begun
};

/// What is written with a state change, in the same statement.
struct side_writes {
    std::vector<std::string> outbox;         // one row each
    std::optional<std::string> conversation; // JSON; nullopt: as it was
    std::optional<reply> begins = {};        // the turn that this change begins: a kept reply, or one that just came
};

/// A row that this version cannot work on: written by a newer one, or broken.
struct unusable_row : std::runtime_error {
    unusable_row(task_id of, const std::string& why) : std::runtime_error(why), id(of) {}
    task_id id;
};

/// What a worker does with tasks that it holds, or may hold. Every write of a task carries its fence and its row count
/// is looked at (design.md D4). All functions throw store::db_error when the database does not answer. One
/// implementation keeps the tasks in PostgreSQL (pg_tasks), and tests/world has a model of it; one contract suite
/// (tests/contract) holds the two to each other.
class leases {
public:
    leases() = default;
    virtual ~leases() = default;
    leases(const leases&) = delete;

    virtual awaitable<std::optional<snapshot>> load(task_id id) = 0;

    /// A task that may be claimed now: its lease run out, its wait over, or queued and due. Of several queued ones it
    /// is the oldest of the repository that has the fewest under way, and of those the one that waited longest since it
    /// was last served. `only`: this one, which may be a foreground task; else foreground tasks are left to the person
    /// who started them. Takes nothing yet. Throws unusable_row.
    virtual awaitable<std::optional<snapshot>> claimable(std::optional<task_id> only = {}) = 0;
    /// An unusable row stands in nobody's way for this long.
    virtual awaitable<void> set_aside(task_id id, std::chrono::seconds for_this_long) = 0;

    /// How long until something may be claimable that is not now (nullopt: never, unless somebody adds or wakes one),
    /// and how many wait in the queue, counted up to limits::queue_counted.
    struct outlook {
        std::optional<std::chrono::milliseconds> due;
        int queued = 0;
    };
    virtual awaitable<outlook> next_due() = 0;

    /// Stores `next` over `was`: one statement, `where fence = was.at`. `claim` raises the fence by one (and then also
    /// demands that nobody else moved the row since). False: the lease is lost or another was first; nothing was
    /// written, `next` must be dropped. An unknown outcome is settled here by reading the row.
    virtual awaitable<bool> save(snapshot was, mechanic::task next, bool claim, side_writes also = {}) = 0;

    /// Holds the lease for another ttl, and hears what people want.
    struct renewed {
        bool held = false;
        bool abort_wished = false;
    };
    virtual awaitable<renewed> renew(task_id id, fence at) = 0;
    /// Which of these are to be aborted.
    virtual awaitable<std::vector<task_id>> abort_wished_of(std::vector<task_id> ids) = 0;

    /// Results that stand since before then and nobody decided on: the oldest, at most limits::expire_batch.
    virtual awaitable<std::vector<task_id>> reviews_before(time_point then) = 0;

    /// Lines of what happens, for people; dropped when the fence is stale.
    struct line {
        enum class kind { progress, log } what = kind::progress;
        std::string text;
    };
    virtual awaitable<void> note(task_id id, fence at, std::vector<line> lines) = 0;

    /// Somebody gathers lines of a task that this process holds. `take` gives what has come since it was asked last; it
    /// is asked by `write_gathered` and by the task's next `save`, whichever comes first, one at a time: so each line
    /// stands before the state that came after it, in the same statement. `take` is called until `gather_no_more`.
    virtual void gather(task_id id, fence at, std::function<std::vector<line>()> take) = 0;
    virtual void gather_no_more(task_id id, fence at) = 0;
    virtual awaitable<void> write_gathered(task_id id, fence at) = 0;

    virtual std::chrono::milliseconds lease_ttl() const = 0;

    /// What this process is called in the table: by no other's name.
    virtual const std::string& owner() const = 0;
};

/// What people ask for. Throws as leases does.
class requests {
public:
    requests() = default;
    virtual ~requests() = default;
    requests(const requests&) = delete;

    /// `conversation`: JSON, of a task that it carries on.
    virtual awaitable<task_id> add(mechanic::order what, std::string conversation = "[]") = 0;
    virtual awaitable<std::optional<snapshot>> load(task_id id) = 0;
    /// As leases::save: an end, or the next turn, of a task that nobody holds.
    virtual awaitable<bool> save(snapshot was, mechanic::task next, bool claim, side_writes also = {}) = 0;

    /// Asks the worker that holds it to abort. False: nobody holds it.
    virtual awaitable<bool> wish_abort(task_id id) = 0;
    /// Tasks that wait for one of these may go on now. Returns how many.
    virtual awaitable<int> wake(std::vector<mechanic::wait_reason> causes) = 0;
    /// The task may spend `usd` in all; goes on when that is what it waited for. False: it may spend that much already,
    /// or there is no such task.
    virtual awaitable<bool> raise_budget(task_id id, double usd) = 0;

    /// Keeps a reply until its turn comes. False: the number was taken meanwhile, read the task again.
    virtual awaitable<bool> keep_reply(task_id id, reply what) = 0;
    /// Replies that were not begun never will be.
    virtual awaitable<void> drop_replies(task_id id) = 0;
    /// The replies whose turns were begun, in order.
    virtual awaitable<std::vector<reply>> turns_of(task_id id) = 0;
    /// Settled tasks with a kept reply that waits for no more parts, the one that waited longest first, at most
    /// limits::turns_begun.
    virtual awaitable<std::vector<task_id>> turns_to_begin() = 0;
};

/// A store of tasks: both, over one table. What is the same for every store is here: a save whose outcome is unknown,
/// and lines that are gathered.
class tasks : public leases, public requests {
public:
    awaitable<std::optional<snapshot>> load(task_id id) override = 0;
    awaitable<bool> save(snapshot was, mechanic::task next, bool claim, side_writes also = {}) final;
    void gather(task_id id, fence at, std::function<std::vector<line>()> take) final;
    void gather_no_more(task_id id, fence at) final;
    awaitable<void> write_gathered(task_id id, fence at) final;

protected:
    /// One write of a state, as `save` says it; `said` are the lines that stand before it.
    struct change {
        snapshot was;
        mechanic::task next;
        bool claim = false;
        side_writes also;
        std::vector<line> said;
    };
    /// False: nothing was written. May throw an unknown outcome.
    virtual awaitable<bool> write(change what) = 0;

private:
    struct gathering;
    std::shared_ptr<gathering> gathered_of(task_id id, fence at) const;

    std::map<std::pair<task_id, fence>, std::shared_ptr<gathering>> gathered_;
};

} // namespace persais::queue

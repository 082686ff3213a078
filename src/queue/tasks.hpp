#pragma once
#include "mechanic/progress.hpp"
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

/// The channel on which workers are notified of tasks that were added or woken, or are to be aborted.
inline constexpr const char* channel = "persais_tasks";

/// A message of a person to a task, accepted under this number of the task's turns.
struct reply {
    int turn = 1;
    std::string instruction;
    std::optional<std::int64_t> person = {}; // who wrote it, if it came from a chat
    bool operator==(const reply&) const = default;
};

/// The SQLSTATE of a save that begins a reply with fewer words than the reply has by now: read the task again.
inline constexpr std::string_view reply_has_grown = "PX002";

/// A task as it was read, with what a fenced write of it needs.
struct snapshot {
    mechanic::task task;
    fence at;                 // the row's fence; grows by one with each claim
    time_point read_at{};     // the database's clock: leases are measured by no other clock
    std::string conversation; // JSON, the task's talk with its agent
    bool abort_wished = false;
    std::string owner;              // of its lease: the process that claimed it; empty when none did
    int last_turn = 0;              // the highest number given to a turn so far; the next reply gets the next number
    std::optional<reply> kept = {}; // the oldest reply that was not begun
};

/// What is written with a state change, in the same statement.
struct side_writes {
    std::vector<std::string> outbox;         // one row each
    std::optional<std::string> conversation; // JSON; nullopt: as it was
    std::optional<reply> begins = {};        // the turn that this change begins: a kept reply, or one that just came
};

/// What the rules about landing (service/access.hpp) ask of people. A person is their number, or `terminal`.
struct landing_record {
    std::vector<std::string> asked_by;    // who gave the task, or a turn of it
    std::vector<std::string> approved_by; // the commit that the task shows, oldest first
    std::vector<std::string> plainly_by;  // of those, whoever did not say the extra word
    std::vector<std::string> told_of;     // of those, whoever's approval the others heard of
    std::vector<std::int64_t> admins;     // by the one-time code
    std::vector<std::int64_t> let_in;     // of those who approved it, or its landing, or ask now
    struct grant {
        std::int64_t person = 0;
        std::string repository; // empty: everywhere
        std::string role;
        bool operator==(const grant&) const = default;
    };
    std::vector<grant> grants;                  // everybody's
    std::optional<std::chrono::seconds> proved; // when the newest code of who asks now was right: so long ago
    bool factor_set_up = false;                 // who asks now has an authenticator app
    bool operator==(const landing_record&) const = default;
};
inline constexpr std::string_view terminal = "terminal";

/// A row that this version cannot work on: written by a newer one, or broken.
struct unusable_row : std::runtime_error {
    unusable_row(task_id of, const std::string& why) : std::runtime_error(why), id(of) {}
    task_id id;
};

/// What a worker does with tasks that it holds, or may claim. Every write of a task carries its fence, and its row
/// count is checked (design.md D4). All functions throw store::db_error when the database does not answer. One
/// implementation keeps the tasks in PostgreSQL (pg_tasks), and tests/world has a model of it; one contract suite
/// (tests/contract) runs against both.
class leases {
public:
    leases() = default;
    virtual ~leases() = default;
    leases(const leases&) = delete;

    /// nullopt: there is no such task. Throws unusable_row.
    virtual awaitable<std::optional<snapshot>> load(task_id id) = 0;

    /// A task that may be claimed now: its lease has expired, its wait is over, or it is queued and due. Of several
    /// queued tasks it is the oldest one of the repository with the fewest tasks in progress; of several such
    /// repositories, the one that was served least recently. `only`: only this task, which may be a foreground task;
    /// without it, foreground tasks are left to the person who started them. Claims nothing yet. Throws unusable_row.
    virtual awaitable<std::optional<snapshot>> claimable(std::optional<task_id> only = {}) = 0;
    /// Keeps an unusable row out of `claimable` for this long, so that it does not block other tasks.
    virtual awaitable<void> set_aside(task_id id, std::chrono::seconds for_this_long) = 0;

    /// How long until a task may become claimable: nullopt: never, unless somebody adds or wakes one. After a
    /// claimable() that found nothing it is exact, before it may be sooner.
    struct outlook {
        std::optional<std::chrono::milliseconds> due;
        int queued = 0; // tasks in the queue up to limits::queue_counted, if they were to be counted
    };
    virtual awaitable<outlook> next_due(bool count = true) = 0;

    /// What a service's workers see of the queue at once.
    struct seen {
        std::vector<task_id> to_abort; // of the tasks that they hold
        std::vector<task_id> turns;    // as requests::turns_to_begin
        /// What claimable() would give, if each were claimed before the next is asked for: at most `slots`.
        std::vector<snapshot> claimable;
        std::vector<unusable_row> unusable; // those among them that this version cannot work on
        outlook next;                       // as next_due(); exact when nothing can be claimed
    };
    /// abort_wished_of, turns_to_begin, claimable for each of `slots`, and next_due, in one round trip.
    virtual awaitable<seen> look(std::vector<task_id> held, int slots, bool count) = 0;

    /// Claims at once, of the tasks that claimable() would give for each of `most`, those of which nothing is known yet
    /// (mechanic::facts) and that nobody wishes to abort: each comes to the state `to`, which is mechanic::step's for
    /// such a task. One that another process is at in this moment is left out; look() finds it. An unknown outcome is
    /// resolved here, in the same call or, when that fails, in the next.
    virtual awaitable<std::vector<snapshot>> claim_new(int most, mechanic::preparing to) = 0;

    /// Replaces `was` with `next` in one statement, `where fence = was.at`. With `claim` it raises the fence by one,
    /// and also requires that nobody else changed the row since. False: the lease is lost or another process was first;
    /// nothing was written, and `next` must be dropped. An unknown outcome is resolved here by reading the row.
    virtual awaitable<bool> save(snapshot was, mechanic::task next, bool claim, side_writes also = {}) = 0;

    /// Extends the lease by another ttl, and reads whether an abort was requested.
    struct renewed {
        bool held = false;
        bool abort_wished = false;
    };
    virtual awaitable<renewed> renew(task_id id, fence at) = 0;
    /// Takes the lane of a landing's repository for the task, which is held with this fence: until it leaves
    /// `deploying` or `rolling_back`, or its lease runs out, no other task of that repository gets it. Who asked first
    /// goes first. Not taken: another landing has it, or the fence is stale. Taking it twice is as taking it once.
    struct lane {
        bool taken = false;
        std::string ahead; // not taken: what the landing in front has made, if this one may be tried on top of it
    };
    virtual awaitable<lane> take_lane(task_id id, fence at) = 0;
    /// For a landing that is about to push, and has the lane: those deploys that are made and green on top of its
    /// commit, each on the one before, and wait for their turn. From now on they are in doubt, because their commits
    /// may be pushed with it; its end tells them what became of that. Asked twice it is the same. None: the fence is
    /// stale.
    struct joined {
        task_id id;
        std::string made;
    };
    virtual awaitable<std::vector<joined>> join_landings(task_id id, fence at) = 0;
    /// Those of `ids` that are to be aborted.
    virtual awaitable<std::vector<task_id>> abort_wished_of(std::vector<task_id> ids) = 0;

    /// Tasks in review since before `then` on which nobody decided: the oldest, at most limits::expire_batch.
    virtual awaitable<std::vector<task_id>> reviews_before(time_point then) = 0;

    /// Lines of the task's log, for people; they are dropped when the fence is stale.
    struct line {
        enum class kind { progress, log } what = kind::progress;
        std::string text;
        std::optional<mechanic::progress> doing = {}; // what `text` says in English
    };
    virtual awaitable<void> note(task_id id, fence at, std::vector<line> lines) = 0;

    /// Registers a source of lines for a task that this process holds. `take` gives the lines that came since its last
    /// call. `write_gathered` and the task's next `save` call it, whichever comes first, one at a time; so each line
    /// stands before the state that came after it, in the same statement. `take` may be called until `gather_no_more`.
    virtual void gather(task_id id, fence at, std::function<std::vector<line>()> take) = 0;
    /// `take` is not called again.
    virtual void gather_no_more(task_id id, fence at) = 0;
    /// Writes the lines that `take` gives now; nothing when there is no source.
    virtual awaitable<void> write_gathered(task_id id, fence at) = 0;

    virtual std::chrono::milliseconds lease_ttl() const = 0;

    /// The name of this process in the table; no other process has it.
    virtual const std::string& owner() const = 0;
};

/// What people ask for. Its functions throw as those of leases do.
class requests {
public:
    requests() = default;
    virtual ~requests() = default;
    requests(const requests&) = delete;

    /// Adds a task and returns its number. `conversation`: JSON, of the task that this one carries on.
    virtual awaitable<task_id> add(mechanic::order what, std::string conversation = "[]") = 0;
    virtual awaitable<std::optional<snapshot>> load(task_id id) = 0;
    /// As leases::save, for a task that nobody holds: it ends the task or begins its next turn.
    virtual awaitable<bool> save(snapshot was, mechanic::task next, bool claim, side_writes also = {}) = 0;

    /// Asks the worker that holds the task to abort it. False: nobody holds it.
    virtual awaitable<bool> wish_abort(task_id id) = 0;
    /// Lets the tasks that wait for one of these causes continue now. Returns how many.
    virtual awaitable<int> wake(std::vector<mechanic::wait_reason> causes) = 0;
    /// Lets the task spend `usd` in all; a task that waited for that continues. False: it may spend that much already,
    /// or there is no such task.
    virtual awaitable<bool> raise_budget(task_id id, double usd) = 0;

    /// What is known of a task's people for `by`, who wants it landed.
    virtual awaitable<landing_record> landing_record_of(task_id id, std::string by) = 0;
    /// `by` agrees that this commit is deployed; once more is as once. False: the task shows another one by now, or has
    /// gone on. An approval lasts until it does.
    virtual awaitable<bool> approve(task_id id, std::string commit, std::string by, bool anyway) = 0;

    /// Keeps a reply until its turn comes. False: its number was taken meanwhile; read the task again.
    virtual awaitable<bool> keep_reply(task_id id, reply what) = 0;
    /// Drops the replies that were not begun; they never will be.
    virtual awaitable<void> drop_replies(task_id id) = 0;
    /// The replies whose turns were begun, in order.
    virtual awaitable<std::vector<reply>> turns_of(task_id id) = 0;
    /// Settled tasks with a kept reply that waits for no more parts, those that waited longest first, at most
    /// limits::turns_begun.
    virtual awaitable<std::vector<task_id>> turns_to_begin() = 0;
};

/// A store of tasks: both interfaces over one table. What is the same in every store is implemented here: a save or
/// claim whose outcome is unknown, and lines that are gathered.
class tasks : public leases, public requests {
public:
    awaitable<std::optional<snapshot>> load(task_id id) override = 0;
    awaitable<std::vector<snapshot>> claim_new(int most, mechanic::preparing to) final;
    awaitable<bool> save(snapshot was, mechanic::task next, bool claim, side_writes also = {}) final;
    void gather(task_id id, fence at, std::function<std::vector<line>()> take) final;
    void gather_no_more(task_id id, fence at) final;
    awaitable<void> write_gathered(task_id id, fence at) final;

protected:
    /// One write of a state, as described at `save`; `said` are the lines that stand before it.
    struct change {
        snapshot was;
        mechanic::task next;
        bool claim = false;
        side_writes also;
        std::vector<line> said;
    };
    /// False: nothing was written. May throw a db_error with an unknown outcome.
    virtual awaitable<bool> write(change what) = 0;

    /// A claim of new tasks. The number is stored with each lease, and no other claim of this process has it.
    struct claim_of_new {
        int most = 0;
        mechanic::preparing to;
        std::int64_t number = 0;
        std::vector<std::int64_t> lost; // earlier ones, whose answers never came
    };
    /// What was claimed now, and what is held by the claims that were lost. As write().
    virtual awaitable<std::vector<snapshot>> write_claims(claim_of_new what) = 0;

private:
    struct gathering;
    std::shared_ptr<gathering> gathered_of(task_id id, fence at) const;

    std::map<std::pair<task_id, fence>, std::shared_ptr<gathering>> gathered_;
    std::int64_t claims_ = 0;
    std::vector<std::int64_t> lost_claims_;
};

} // namespace persais::queue

#pragma once
#include "mechanic/task.hpp"
#include "store/store.hpp"

#include <optional>
#include <string>
#include <vector>

namespace persais::queue {

/// A task as it was read, with what a fenced write of it needs.
struct snapshot {
    mechanic::task task;
    fence at;                 // the row's fence; grows by one with each claim
    time_point read_at{};     // the database's clock: the one clock of leases
    std::string conversation; // JSON, the task's talk with its agent
};

/// What is written with a state change, in the same statement.
struct side_writes {
    std::vector<std::string> outbox;         // one row each
    std::optional<std::string> conversation; // JSON; nullopt: as it was
};

/// The tasks in PostgreSQL. Every write of a task carries its fence and its row count is looked at (design.md D4).
/// All functions throw store::db_error when the database does not answer.
class tasks {
public:
    /// `owner` names this process in the table, for people; the fence is what counts.
    tasks(store::pool& db, std::string owner, std::chrono::milliseconds lease_ttl);

    awaitable<task_id> add(mechanic::order what);
    awaitable<std::optional<snapshot>> load(task_id id);

    /// A task that may be claimed now: queued and due, its lease run out, or its wait over. `only`: this one, which may
    /// be a foreground task; else foreground tasks are left to the person who started them. Takes nothing yet.
    awaitable<std::optional<snapshot>> claimable(std::optional<task_id> only = {});

    /// Stores `next` over `was`: one statement, `where fence = was.at`. `claim` raises the fence by one (and then also
    /// demands that nobody else moved the row since). False: the lease is lost or another was first; nothing was
    /// written, `next` must be dropped. An unknown outcome is settled here by reading the row.
    awaitable<bool> save(snapshot was, mechanic::task next, bool claim, side_writes also = {});

    /// Holds the lease for another ttl. False: it is lost.
    awaitable<bool> renew(task_id id, fence at);

    /// A line of what happens, for people; dropped when the fence is stale. `body` is JSON.
    awaitable<void> note(task_id id, fence at, std::string kind, std::string body);

    std::chrono::milliseconds lease_ttl() const { return ttl_; }

private:
    store::pool& db_; // declared before us in the wiring, dies after us
    std::string owner_;
    std::chrono::milliseconds ttl_;
};

} // namespace persais::queue

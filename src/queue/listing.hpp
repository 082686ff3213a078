#pragma once
#include "base/clock.hpp"
#include "base/ids.hpp"
#include "mechanic/progress.hpp"
#include "queue/limits.hpp"
#include "store/store.hpp"

#include <optional>
#include <string>
#include <vector>

namespace persais::queue {

/// One task of a list, for people.
struct summary {
    task_id id;
    time_point created{};
    time_point changed{};
    std::string state;         // mechanic::name_of
    std::string verdict;       // of a task in review or failed, else empty
    std::string wait_reason;   // of a task that waits, else empty
    int round = 0;             // repair round of a task that is coding or checking
    bool abort_wished = false; // and a worker still holds the task
    std::string remote;
    std::string instruction; // its first 200 characters
    std::string branch;      // of a task in review, else empty
    double cost_usd = 0;
};

struct list_filter {
    std::optional<std::string> state;                 // only tasks in this state; nullopt: all
    std::optional<std::string> verdict;               // only tasks with this verdict
    bool unsettled = false;                           // only tasks that are not settled
    std::optional<std::chrono::seconds> ended_within; // only those in a final state that ended within it
    int most = 20;                                    // at most so many, the newest
};

/// The newest first. Throws db_error.
awaitable<std::vector<summary>> list(store::pool& db, list_filter what = {});

/// Tasks from the newest on, page by page.
struct page_filter {
    std::optional<task_id> before = {}; // only older ones
    std::optional<std::string> state = {}, remote = {};
    bool unsettled = false;
    std::optional<std::int64_t> giver = {}; // only those that this person gave
    int most = 20;
};
struct listed_task {
    summary what;
    std::optional<std::int64_t> giver; // nullopt: a terminal
};
/// Throws db_error.
awaitable<std::vector<listed_task>> page_of_tasks(store::pool& db, page_filter what);

/// The task that was added last; nullopt: there is none. Throws db_error.
awaitable<std::optional<task_id>> newest(store::pool& db);

/// The task whose result was brought onto a base branch last, of those that were not taken back. Throws db_error.
awaitable<std::optional<task_id>> newest_deployed(store::pool& db);

/// What is shown beside a task to people who look at one.
struct task_metadata {
    time_point read_at{}; // the database's clock
    time_point created{};
    time_point changed{}; // when its state changed last
    time_point asked{};   // when the current turn was asked for
    bool abort_wished = false;
    std::string told;                  // what the person was told last; empty: nothing yet
    std::optional<task_id> retried_as; // the newest retry
    int kept_replies = 0;              // replies whose turn has not come
};

/// nullopt: no such task. Throws db_error.
awaitable<std::optional<task_metadata>> load_task_metadata(store::pool& db, task_id id);

/// One thing that happened to a task: a state, a line of progress or a piece of the agent's output.
struct happening {
    std::int64_t number = 0;
    time_point at{};
    std::string kind; // state, progress, log
    std::string text; // of a state: "coding, attempt 1, round 0"; log: a piece of a stream, which may end anywhere
    std::string state = {}; // of a state: mechanic::name_of
    int attempt = 0;        // of a working state, else 0
    int round = 0;
    std::optional<mechanic::progress> doing = {}; // of progress, unless an older version or a newer one wrote it
};

/// One of the columns number, at (microseconds), kind and body, in this order.
happening read_happening(const store::rows& r, int row);

/// The events after the number `after`, in order, at most limits::log_page of them. Throws db_error.
awaitable<std::vector<happening>> happenings(store::pool& db, task_id id, std::int64_t after = 0);

} // namespace persais::queue

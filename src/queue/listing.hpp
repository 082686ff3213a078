#pragma once
#include "base/clock.hpp"
#include "base/ids.hpp"
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
    std::string wait_reason;   // of one that waits, else empty
    int round = 0;             // repair round, of one that is coding or checking
    bool abort_wished = false; // and a worker still holds it
    std::string remote;
    std::string instruction; // its first 200 characters
    std::string branch;      // of one in review, else empty
    double cost_usd = 0;
};

struct list_filter {
    std::optional<std::string> state;                 // only these; nullopt: all
    bool unsettled = false;                           // only what is not settled
    std::optional<std::chrono::seconds> ended_within; // of what has ended for good, only what did in this time
    int most = 20;                                    // the newest
};

/// The newest first. Throws db_error.
awaitable<std::vector<summary>> list(store::pool& db, list_filter what = {});

/// The task that was added last; nullopt: there is none. Throws db_error.
awaitable<std::optional<task_id>> newest(store::pool& db);

/// What stands beside a task, for people who look at one.
struct task_metadata {
    time_point read_at{}; // the database's clock
    time_point created{};
    time_point changed{}; // of its state
    time_point asked{};   // the turn it is at
    bool abort_wished = false;
    std::string told;                  // what the person was told last; empty: nothing yet
    std::optional<task_id> retried_as; // the newest one
    int kept_replies = 0;              // whose turn has not come
};

/// nullopt: no such task. Throws db_error.
awaitable<std::optional<task_metadata>> load_task_metadata(store::pool& db, task_id id);

/// What happened to a task, in order: states, lines of progress, the agent's words.
struct happening {
    std::int64_t number = 0;
    time_point at{};
    std::string kind; // state, progress, log
    std::string text; // of a state: "coding, attempt 1, round 0"; log: a piece of a stream, which may end anywhere
    std::string state = {}; // of a state: mechanic::name_of
    int attempt = 0;        // of a working state, else 0
    int round = 0;
};

/// Those after `after` (a number), at most limits::log_page of them. Throws db_error.
awaitable<std::vector<happening>> happenings(store::pool& db, task_id id, std::int64_t after = 0);

} // namespace persais::queue

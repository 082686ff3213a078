#pragma once
#include "worker/dependencies.hpp"

namespace persais::worker {

/// What a service does once a day, when it and its database are awake anyway: results that nobody decided on expire,
/// what is older than RETENTION_DAYS is deleted, and what crashes left in the mirrors is removed. More often, mirrors
/// are tended (git/tending.hpp), and what setups left for others is removed (shared_setup.hpp). It runs beside the
/// work; when it is interrupted, it continues the next time. An error is logged, and keeps nothing else from being
/// done.
class housekeeping {
public:
    /// Both outlive it.
    housekeeping(const dependencies& with, store::pool& db) : with_(with), db_(db) {}

    /// Whether something of it has to be done.
    bool due() const;
    /// Throws only when cancelled.
    awaitable<void> run();
    /// Fetches what first clones left out (git/first_clone.hpp). It may take hours, so nothing waits for it: it runs
    /// beside `run`. Throws only when cancelled.
    awaitable<void> fetch_rests();

private:
    awaitable<void> once_a_day();
    awaitable<void> forget_ended();
    awaitable<void> expire();
    awaitable<void> prune();
    awaitable<void> complete(std::string url);

    const dependencies& with_;
    store::pool& db_;
    std::optional<std::chrono::steady_clock::time_point> last_, tended_;
};

} // namespace persais::worker

#pragma once
#include "worker/dependencies.hpp"

namespace persais::worker {

/// What a service does once a day, when it and its database are awake anyway: results that nobody decided on expire,
/// what is older than RETENTION_DAYS is pruned, and what crashes left in the mirrors is removed. Beside the work;
/// broken off, it goes on the next time. What goes wrong is a line in the log.
class housekeeping {
public:
    /// Both outlive it.
    housekeeping(const dependencies& with, store::pool& db) : with_(with), db_(db) {}

    /// Whether a day has passed since the last time, or there was none.
    bool due() const;
    awaitable<void> run();

private:
    awaitable<void> forget_ended();

    const dependencies& with_;
    store::pool& db_;
    std::optional<std::chrono::steady_clock::time_point> last_;
};

} // namespace persais::worker

#pragma once
#include "store/store.hpp"

namespace persais::store {

/// What `persais doctor` reports about the database, besides whether it can be used (usability.hpp).
struct inspection {
    std::string version; // "17.2"
    bool read_only = false;
    int max_connections = 0;
    std::int64_t bytes = 0;                  // of the whole database
    std::chrono::nanoseconds latency{};      // of a round trip that does nothing, the fastest of three
    std::chrono::milliseconds clock_ahead{}; // of the server's clock against ours, corrected by half the round trip
    bool pooled = false, encrypted = false, verified = false; // as in pool_status
};

/// Runs a few statements and changes nothing. Throws db_error.
awaitable<inspection> inspect(pool& db);

} // namespace persais::store

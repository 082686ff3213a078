#pragma once
#include "store/store.hpp"

namespace persais::store {

/// What `persais doctor` reports about the database.
struct inspection {
    std::string version; // "17.2"
    int major = 0;       // 15 is the oldest supported one
    bool read_only = false;
    int max_connections = 0;
    std::int64_t bytes = 0;                  // of the whole database
    std::string role;                        // the role of our connection
    std::chrono::nanoseconds latency{};      // of a round trip that does nothing, the fastest of three
    std::chrono::milliseconds clock_ahead{}; // of the server's clock against ours, corrected by half the round trip
    bool pooled = false, encrypted = false, verified = false; // as in pool_status

    enum class vector { installed, creatable, not_permitted, absent };
    vector pgvector = vector::absent;
    std::string pgvector_version; // the installed version, or the one that would be installed
    std::string refusal;          // what the server said, unless the role merely lacks the right
    /// One sentence with the exact statement or package, when pgvector is not there and we may not create it; else
    /// empty.
    std::string to_do;
};

/// Runs a few statements and changes nothing: whether pgvector may be created is tried and rolled back in one
/// statement. Throws db_error.
awaitable<inspection> inspect(pool& db);

} // namespace persais::store

#pragma once
#include "store/store.hpp"

namespace persais::store {

/// What `persais doctor` tells of the database.
struct inspection {
    std::string version; // "17.2"
    int major = 0;       // 15 is the oldest that is supported
    bool read_only = false;
    int max_connections = 0;
    std::int64_t bytes = 0;                  // of the whole database
    std::string role;                        // as which we are connected
    std::chrono::nanoseconds latency{};      // a round trip that does nothing, the quickest of three
    std::chrono::milliseconds clock_ahead{}; // the server's clock before ours; half the round trip is allowed for
    bool pooled = false, encrypted = false, verified = false; // as in pool_status

    enum class vector { installed, creatable, not_permitted, absent };
    vector pgvector = vector::absent;
    std::string pgvector_version; // installed, or what would be
    std::string refusal;          // of the server, when it is not simply that the role has no right to
    /// One sentence with the exact statement or package, when pgvector is not there and we may not create it; else
    /// empty.
    std::string to_do;
};

/// A handful of statements; changes nothing: whether pgvector may be created is tried and taken back in one statement.
/// Throws db_error.
awaitable<inspection> inspect(pool& db);

} // namespace persais::store

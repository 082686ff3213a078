#include "store/inspect.hpp"

namespace persais::store {

namespace {

using steady = std::chrono::steady_clock;

constexpr auto facts = "select split_part(current_setting('server_version'), ' ', 1), "
                       "pg_is_in_recovery() or current_setting('transaction_read_only')::bool, "
                       "current_setting('max_connections')::int, pg_database_size(current_database())";

awaitable<void> measure(pool& db, inspection& found) {
    found.latency = std::chrono::hours(1);
    for (int i = 0; i < 3; ++i) {
        auto asked = steady::now();
        auto r = co_await db.query("select (extract(epoch from clock_timestamp()) * 1000)::bigint");
        auto took = steady::now() - asked;
        if (took >= found.latency) continue;
        found.latency = took;
        auto then = std::chrono::system_clock::now() - std::chrono::duration_cast<std::chrono::microseconds>(took / 2);
        found.clock_ahead = std::chrono::milliseconds(r.number(0, 0)) -
                            std::chrono::duration_cast<std::chrono::milliseconds>(then.time_since_epoch());
    }
}

} // namespace

awaitable<inspection> inspect(pool& db) {
    inspection found;
    auto r = co_await db.query(facts);
    found.version = r.text(0, 0);
    found.read_only = r.boolean(0, 1);
    found.max_connections = static_cast<int>(r.number(0, 2));
    found.bytes = r.number(0, 3);
    co_await measure(db, found);
    auto status = db.status();
    found.pooled = status.pooled;
    found.encrypted = status.encrypted;
    found.verified = status.verified;
    co_return found;
}

} // namespace persais::store

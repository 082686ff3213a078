#include "store/inspect.hpp"

#include <fmt/format.h>

namespace persais::store {

namespace {

using steady = std::chrono::steady_clock;

constexpr auto facts = "select split_part(current_setting('server_version'), ' ', 1), "
                       "current_setting('server_version_num')::int / 10000, "
                       "pg_is_in_recovery() or current_setting('transaction_read_only')::bool, "
                       "current_setting('max_connections')::int, pg_database_size(current_database()), "
                       "current_database()";

// Whoever may create in the database may create a trusted extension, and a superuser any.
constexpr auto vector_facts = "select e.installed_version, e.default_version, "
                              "(select usesuper from pg_user where usename = current_user) or "
                              "(has_database_privilege(current_database(), 'create') "
                              "and coalesce((select bool_or(v.trusted) from pg_available_extension_versions v "
                              "where v.name = e.name and v.version = e.default_version), false)) "
                              "from pg_available_extensions e where e.name = 'vector'";

awaitable<void> look_at_vector(pool& db, inspection& found, std::string database) { // `db`, `found`: of inspect()
    using enum inspection::vector;
    auto r = co_await db.query(vector_facts);
    if (r.empty()) {
        found.to_do = fmt::format("pgvector is not installed on the server: install its package there "
                                  "(Debian: postgresql-{}-pgvector), or use a server that has it",
                                  found.major);
    } else if (!r.null(0, 0)) {
        found.pgvector = installed;
        found.pgvector_version = r.text(0, 0);
    } else {
        found.pgvector = r.boolean(0, 2) ? creatable : not_permitted;
        found.pgvector_version = r.text(0, 1);
        if (found.pgvector == not_permitted)
            found.to_do = fmt::format("pgvector may not be created by us: an administrator has to run, in the database "
                                      "{}: CREATE EXTENSION vector;",
                                      database);
    }
}

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
    found.major = static_cast<int>(r.number(0, 1));
    found.read_only = r.boolean(0, 2);
    found.max_connections = static_cast<int>(r.number(0, 3));
    found.bytes = r.number(0, 4);
    co_await look_at_vector(db, found, std::string(r.text(0, 5)));
    co_await measure(db, found);
    auto status = db.status();
    found.pooled = status.pooled;
    found.encrypted = status.encrypted;
    found.verified = status.verified;
    co_return found;
}

} // namespace persais::store

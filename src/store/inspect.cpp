#include "store/inspect.hpp"

#include <fmt/format.h>

namespace persais::store {

namespace {

using steady = std::chrono::steady_clock;

constexpr auto facts = "select split_part(current_setting('server_version'), ' ', 1), "
                       "current_setting('server_version_num')::int / 10000, "
                       "pg_is_in_recovery() or current_setting('transaction_read_only')::bool, "
                       "current_setting('max_connections')::int, pg_database_size(current_database()), "
                       "current_database(), current_user";

constexpr auto vector_facts = "select a.installed_version, a.default_version, "
                              "coalesce((select v.trusted from pg_available_extension_versions v "
                              "where v.name = a.name and v.version = a.default_version), false), "
                              "(select pg_get_userbyid(datdba) from pg_database where datname = current_database()) "
                              "from pg_available_extensions a where a.name = 'vector'";

constexpr auto well = "PSVEC"; // an SQLSTATE of our own: the statement before it succeeded
constexpr auto no_right = "42501";

/// The server's refusal; nothing when the extension may be created. It is tried because the rights in the catalogues do
/// not tell what a provider's own rules allow (decision 0018).
awaitable<std::optional<db_error>> try_to_create(pool& db) { // `db` is that of inspect()
    try {
        co_await db.query(fmt::format("do $$ begin create extension vector; "
                                      "raise exception 'taken back' using errcode = '{}'; end $$",
                                      well));
    } catch (const db_error& e) {
        if (e.sqlstate != well) co_return e;
    }
    co_return std::nullopt;
}

awaitable<void> look_at_vector(pool& db, inspection& found, std::string database) { // both are inspect()'s
    using enum inspection::vector;
    auto r = co_await db.query(vector_facts);
    if (r.empty()) {
        found.to_do = fmt::format("Install its package on the server (Debian: postgresql-{}-pgvector; container: image "
                                  "pgvector/pgvector), or use a server that has it.",
                                  found.major);
        co_return;
    }
    found.pgvector_version = r.text(0, r.null(0, 0) ? 1 : 0);
    if (!r.null(0, 0)) {
        found.pgvector = installed;
        co_return;
    }
    auto refused = found.read_only ? std::nullopt : co_await try_to_create(db);
    found.pgvector = refused ? not_permitted : creatable;
    if (!refused) co_return;
    if (refused->sqlstate != no_right) found.refusal = refused->what();
    auto who = r.boolean(0, 2) ? fmt::format("its owner {} or a superuser", r.text(0, 3)) : std::string("a superuser");
    found.to_do = fmt::format("Run in the database {} as {}: CREATE EXTENSION vector;", database, who);
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
    found.role = r.text(0, 6);
    co_await look_at_vector(db, found, std::string(r.text(0, 5)));
    co_await measure(db, found);
    auto status = db.status();
    found.pooled = status.pooled;
    found.encrypted = status.encrypted;
    found.verified = status.verified;
    co_return found;
}

} // namespace persais::store

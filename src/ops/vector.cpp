#include "ops/vector.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace persais::ops {

namespace {

constexpr auto rolled_back = "PSDOC"; // a condition of our own: the statement before it went well

/// The server's refusal; nothing when it may be created.
awaitable<std::optional<store::db_error>> try_to_create(store::pool& db) {
    try {
        co_await db.query(fmt::format("do $$ begin create extension vector; "
                                      "raise exception 'rolled back' using errcode = '{}'; end $$",
                                      rolled_back));
    } catch (const store::db_error& e) {
        if (e.sqlstate != rolled_back) co_return e;
    }
    co_return std::nullopt;
}

} // namespace

awaitable<finding> probe_vector(store::pool& db) {
    auto r = co_await db.query(
        "select coalesce(a.installed_version, ''), coalesce(a.default_version, ''), "
        "coalesce((select trusted from pg_available_extension_versions v where v.name = 'vector' and "
        "v.version = a.default_version), false), current_user, pg_get_userbyid(d.datdba), current_database() "
        "from pg_database d left join pg_available_extensions a on a.name = 'vector' "
        "where d.datname = current_database()");
    std::string installed(r.text(0, 0)), available(r.text(0, 1)), role(r.text(0, 3)), owner(r.text(0, 4)),
        database(r.text(0, 5));
    boost::json::object facts{{"installed", installed}, {"available", available}};
    if (!installed.empty()) co_return ok("pgvector", fmt::format("pgvector {} is installed.", installed), facts);
    if (available.empty())
        co_return failed("pgvector", "The database server has no pgvector.",
                         "Install it on the server (Debian: package postgresql-NN-pgvector; container: image "
                         "pgvector/pgvector), then restart nothing: Persais creates the extension.",
                         facts);
    auto refused = co_await try_to_create(db);
    if (!refused)
        co_return ok("pgvector", fmt::format("pgvector {} is there and may be installed by this role.", available),
                     facts);
    if (refused->sqlstate != "42501")
        co_return failed("pgvector", fmt::format("pgvector {} cannot be installed: {}", available, refused->what()),
                         "Run `create extension vector;` in this database as its administrator.", facts);
    auto as = r.boolean(0, 2) ? fmt::format("its owner {} or a superuser", owner) : std::string("a superuser");
    facts["statement"] = "create extension vector;";
    co_return failed("pgvector", fmt::format("Role {} may not install pgvector {}.", role, available),
                     fmt::format("Run `create extension vector;` in database {} as {}.", database, as), facts);
}

} // namespace persais::ops

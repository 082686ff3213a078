#include "store/migrate.hpp"

#include "base/encoding.hpp"
#include "store/usability.hpp"

#include <map>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace persais::store {

namespace {

// The number is arbitrary, but the same in every version of Persais. The lock is taken inside each transaction, because
// a session lock would stay with another client of a transaction pooler.
constexpr auto lock = "select pg_advisory_xact_lock(5207117366120148);\n";

constexpr auto table = "create table if not exists persais_schema (\n"
                       "    number      int primary key,\n"
                       "    name        text not null,\n"
                       "    applied_at  timestamptz not null default now(),\n"
                       "    checksum    text not null\n"
                       ");\n";

using applied = std::map<int, std::string>; // number → checksum

awaitable<applied> already(pool& db) {
    applied found;
    auto there = co_await db.query("select to_regclass('persais_schema') is not null");
    if (!there.boolean(0, 0)) co_return found;
    auto r = co_await db.query("select number, checksum from persais_schema");
    for (int i = 0; i < r.size(); ++i)
        found.emplace(r.number(i, 0), r.text(i, 1));
    co_return found;
}

void refuse_changed(const migration& m, const std::string& checksum) {
    if (checksum != checksum_of(m.sql))
        throw std::runtime_error(
            fmt::format("migration {} ({}) was changed after it had been applied to this database; "
                        "a change of the schema is a new migration",
                        m.number, m.name));
}

} // namespace

std::string checksum_of(const std::string& sql) {
    return to_hex(sha256(sql));
}

awaitable<int> apply(pool& db, std::vector<migration> steps) {
    auto done = co_await already(db);
    int count = 0;
    for (const auto& m : steps) {
        if (auto found = done.find(m.number); found != done.end()) {
            refuse_changed(m, found->second);
            continue;
        }
        // The row comes first: when another process was faster, the key conflict ends the transaction before anything
        // else is done.
        auto sql = fmt::format("{}{}insert into persais_schema (number, name, checksum) values ({}, '{}', '{}');\n{}",
                               lock, table, m.number, m.name, checksum_of(m.sql), m.sql);
        std::exception_ptr failed;
        try {
            co_await db.script(std::move(sql));
        } catch (const db_error& e) {
            if (e.unreachable()) throw;
            failed = std::current_exception();
        }
        if (failed) {
            // Either another process did it, or the connection broke after the commit, or the step itself is wrong.
            done = co_await already(db);
            auto found = done.find(m.number);
            if (found == done.end()) std::rethrow_exception(failed);
            refuse_changed(m, found->second);
            continue;
        }
        spdlog::info("database: migration {} ({}) applied", m.number, m.name);
        ++count;
    }
    co_return count;
}

awaitable<schema_state> look_at_schema(pool& db) {
    schema_state state;
    state.newest = all_migrations().back().number;
    auto done = co_await already(db);
    if (!done.empty()) state.at = done.rbegin()->first;
    co_return state;
}

awaitable<int> migrate(pool& db, std::string setting) {
    auto seen = co_await judge(db, std::move(setting));
    if (seen.obstacle) throw not_usable(*seen.obstacle);
    if (seen.no_tables && (!seen.ours || (co_await look_at_schema(db)).behind())) throw not_usable(*seen.no_tables);
    co_return co_await apply(db, all_migrations());
}

awaitable<int> migrate(pool_options options) {
    options.size = 1;
    auto setting = options.setting;
    pool one(co_await asio::this_coro::executor, std::move(options));
    co_return co_await migrate(one, std::move(setting));
}

} // namespace persais::store

#include "chat_world/database.hpp"

#include "store/result.hpp"

#include <stdexcept>

#include <fmt/format.h>

namespace persais::chat_world {

namespace {

constexpr int sweep_every = 20; // runs; rolled-back rows stay in the tables' files

std::string name_of(const std::string& sql) {
    return fmt::format("s{:016x}", std::hash<std::string>()(sql));
}

} // namespace

const char* database::clocks() {
    return "create function public.clock_timestamp() returns timestamptz stable language sql as $$ select "
           "coalesce(nullif(current_setting('world.now', true), '')::timestamptz, pg_catalog.clock_timestamp()) $$;"
           "create function public.now() returns timestamptz stable language sql as $$ select public.clock_timestamp() "
           "$$;"
           "do $$ begin execute format('alter database %I set search_path = public, pg_catalog', current_database()); "
           "end $$";
}

database::database(const std::string& url) : link_(PQconnectdb(url.c_str())) {
    if (PQstatus(link_) != CONNECTION_OK) throw std::runtime_error(PQerrorMessage(link_));
    plain("set synchronous_commit = off");
    plain("set client_min_messages = warning");
}

database::~database() {
    PQfinish(link_);
}

void database::plain(const char* sql) {
    store::pg_result r(PQexec(link_, sql));
    auto status = PQresultStatus(r.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) throw std::runtime_error(PQerrorMessage(link_));
}

void database::begin_run() {
    plain("begin");
    plain("select setval(c.oid, 1, false) from pg_class c join pg_namespace n on n.oid = c.relnamespace "
          "where c.relkind = 'S' and n.nspname = 'public'");
}

void database::end_run() {
    plain("rollback");
    if (++runs_ % sweep_every != 0) return;
    auto tables = look(
        "select string_agg(format('%I', relname), ', ') from pg_class c join pg_namespace n on n.oid = c.relnamespace "
        "where c.relkind = 'r' and n.nspname = 'public'");
    plain(fmt::format("vacuum {}", tables.text(0, 0)).c_str());
}

store::rows database::look(const std::string& sql) {
    store::pg_result r(PQexec(link_, sql.c_str()));
    if (PQresultStatus(r.get()) != PGRES_TUPLES_OK) throw std::runtime_error(PQerrorMessage(link_));
    return store::rows(std::make_shared<store::rows::holder>(std::move(r)));
}

void database::send(const store::statement& one) {
    std::vector<const char*> values;
    for (const auto& p : one.params)
        values.push_back(p ? p->c_str() : nullptr);
    auto name = name_of(one.sql);
    if (!prepared_.contains(one.sql)) {
        PQsendPrepare(link_, name.c_str(), one.sql.c_str(), 0, nullptr);
        awaited_.push_back({one.sql, true});
        prepared_.insert(one.sql);
    }
    PQsendQueryPrepared(link_, name.c_str(), static_cast<int>(values.size()), values.data(), nullptr, nullptr, 0);
    awaited_.push_back({one.sql});
}

/// The answers to everything that was sent, without preparations. Throws the error of the first that failed.
std::vector<store::rows> database::answers() {
    PQpipelineSync(link_);
    std::vector<store::rows> all;
    std::optional<store::db_error> broken;
    auto next = awaited_.begin();
    for (;;) {
        store::pg_result r(PQgetResult(link_));
        if (!r) continue; // no more results of this statement
        auto status = PQresultStatus(r.get());
        if (status == PGRES_PIPELINE_SYNC) break;
        if (status == PGRES_FATAL_ERROR && !broken) {
            const char* state = PQresultErrorField(r.get(), PG_DIAG_SQLSTATE);
            broken.emplace(state ? state : "XX000", PQresultErrorMessage(r.get()));
        }
        bool done = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
        if (next->preparation && !done) prepared_.erase(next->sql);
        if (!next->preparation) all.emplace_back(std::make_shared<store::rows::holder>(std::move(r)));
        ++next;
    }
    awaited_.clear();
    if (broken) throw *broken;
    return all;
}

std::vector<store::rows> database::run(const std::vector<store::statement>& all, time_point now) {
    PQenterPipelineMode(link_);
    send({"savepoint one", {}});
    send({"select set_config('world.now', (to_timestamp(0) + $1::bigint * interval '1 microsecond')::text, false)",
          {std::to_string(now.time_since_epoch().count())}});
    for (const auto& one : all)
        send(one);
    send({"release savepoint one", {}});
    std::vector<store::rows> got;
    std::optional<store::db_error> broken;
    try {
        got = answers();
    } catch (const store::db_error& e) {
        broken = e;
        send({"rollback to savepoint one", {}});
        send({"release savepoint one", {}});
        answers();
    }
    PQexitPipelineMode(link_);
    if (broken) throw *broken;
    return {std::make_move_iterator(got.begin() + 2), std::make_move_iterator(got.end() - 1)};
}

} // namespace persais::chat_world

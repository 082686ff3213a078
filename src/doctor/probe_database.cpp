#include "base/background.hpp"
#include "base/told.hpp"
#include "doctor/database.hpp"
#include "doctor/limits.hpp"
#include "doctor/probes.hpp"
#include "store/address.hpp"
#include "store/inspect.hpp"
#include "store/limits.hpp"
#include "store/listener.hpp"
#include "store/migrate.hpp"
#include "store/usability.hpp"

#include <algorithm>
#include <cmath>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace persais::doctor {

namespace json = boost::json;

namespace {

store::pool_options options(const subject& of, secret url, int size, std::string setting) {
    return {.url = std::move(url),
            .size = size,
            .ca_file = of.settings.ssl_cert_file,
            .setting = std::move(setting),
            .connect = limits::db_connect,
            .statement = limits::db_connect,
            .absent = limits::doctor_database};
}

/// The setting that sentences name; empty: our own embedded server.
std::string setting_of(const database_seen& seen) {
    return seen.server ? "" : "DATABASE_URL";
}

double seconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

struct looked {
    findings said; // `database`, `role`, `schema`, `pgvector`
    bool usable = false;
};

finding failed_by(std::string name, const store::objection& why, json::object facts) {
    if (!why.statement.empty()) facts["statement"] = why.statement;
    return failed(std::move(name), why.what, why.to_do, std::move(facts));
}

finding judge_vector(const store::vector_state& seen, const std::string& role) {
    json::object facts{{"version", seen.version}, {"installed", seen.installed}};
    if (seen.lack) return failed_by("pgvector", *seen.lack, std::move(facts));
    return ok("pgvector",
              seen.installed ? told<"pgvector {} is installed.", "pgvector {} установлен.">(seen.version)
                             : told<"pgvector {} is there, and role {} may install it.",
                                    "pgvector {} есть, и роль {} может его установить.">(seen.version, role),
              std::move(facts));
}

finding judge_role(const store::usability& found) {
    json::object facts{{"name", found.role}, {"superuser", found.superuser}};
    if (found.superuser)
        return warn(
            "role",
            told<"The role {} is a superuser: whoever reaches the database in Persais' name can read "
                 "files and run programs on its server.",
                 "Роль {} — суперпользователь: кто доберётся до базы данных от имени Persais, сможет читать файлы и "
                 "запускать программы на её сервере.">(found.role),
            told<
                "Make a role that owns Persais' tables only, and name it in DATABASE_URL: docs/postgresql.md, \"A role "
                "of its own\".",
                "Создайте роль, которой принадлежат только таблицы Persais, и укажите её в DATABASE_URL: "
                "docs/postgresql.md, раздел `A role of its own`.">(),
            std::move(facts));
    return ok("role", told<"The role {} is no superuser.", "Роль {} — не суперпользователь.">(found.role),
              std::move(facts));
}

std::string way_of(const store::inspection& seen, const database_seen& which) {
    if (which.trial)
        return told<"embedded, tried in a temporary folder: there is none in PERSAIS_DATA yet",
                    "встроенная, проверена во временной папке: в PERSAIS_DATA её ещё нет">();
    if (which.server) return told<"embedded, on this machine's disk", "встроенная, на диске этой машины">();
    auto way = !seen.encrypted ? told<"without TLS", "без TLS">()
               : seen.verified ? told<"over verified TLS", "по проверенному TLS">()
                               : told<"over TLS that is not verified", "по непроверенному TLS">();
    return seen.pooled ? told<"{}, pooled", "{}, через пулер">(way) : told<"{}, direct", "{}, напрямую">(way);
}

finding judge_schema(const store::schema_state& seen, const store::usability& found) {
    json::object facts{{"at", seen.at}, {"newest", seen.newest}};
    if (found.no_tables && seen.behind()) return failed_by("schema", *found.no_tables, std::move(facts));
    if (seen.at > seen.newest)
        return warn("schema",
                    told<"The tables are those of a newer Persais (step {}).",
                         "Таблицы — от более новой версии Persais (шаг {}).">(seen.at),
                    told<"It works with the one before; this one knows {} steps: update it.",
                         "Она работает и с предыдущей; эта знает шагов: {}, обновите её.">(seen.newest),
                    std::move(facts));
    return ok("schema",
              seen.at == seen.newest
                  ? told<"Persais' tables are there, at step {}.", "Таблицы Persais на месте, шаг {}.">(seen.at)
              : seen.at == 0
                  ? told<"Persais' tables are not there yet; `persais serve` makes them, and "
                         "role {} may.",
                         "Таблиц Persais пока нет; их создаст `persais serve`, роль {} это может.">(found.role)
                  : told<"Persais' tables are at step {}; `persais serve` brings them to {}.",
                         "Таблицы Persais на шаге {}; `persais serve` доведёт их до {}.">(seen.at, seen.newest),
              std::move(facts));
}

awaitable<looked> look(store::pool& db, subject& of, const database_seen& which) {
    bool embedded = which.server != nullptr;
    auto seen = co_await store::inspect(db);
    auto ms = std::chrono::duration<double, std::milli>(seen.latency).count();
    if (!embedded) // the embedded server's clock is ours
        of.clocks.push_back(
            {"the database", std::chrono::duration<double>(seen.clock_ahead).count(), ms / 2000 + 0.001});
    json::object facts{{"version", seen.version},     {"latency_ms", std::round(ms * 100) / 100},
                       {"encrypted", seen.encrypted}, {"verified", seen.verified},
                       {"pooled", seen.pooled},       {"embedded", embedded},
                       {"read_only", seen.read_only}, {"max_connections", seen.max_connections},
                       {"bytes", seen.bytes}};
    auto says = told<"PostgreSQL {} answers in {:.1f} ms, {}", "PostgreSQL {} отвечает за {:.1f} мс, {}">(
        seen.version, ms, way_of(seen, which));
    auto found = co_await store::judge(db);
    if (found.obstacle && found.obstacle->part == store::objection::about::server)
        co_return looked{{failed_by("database", *found.obstacle, std::move(facts))}};
    auto answers = ok("database", says + ".", std::move(facts));
    if (found.obstacle)
        co_return looked{{std::move(answers), judge_role(found), failed_by("schema", *found.obstacle, {})}};
    auto schema = co_await store::look_at_schema(db);
    co_return looked{{std::move(answers), judge_role(found),
                      judge_schema(which.trial ? store::schema_state{.newest = schema.newest} : schema, found),
                      judge_vector(co_await store::look_at_vector(db), found.role)},
                     true};
}

awaitable<void> hold_one(store::pool& db, std::set<std::string>& sessions) { // probe_pool() owns both, and waits
    auto r = co_await db.query(fmt::format("select pg_backend_pid() from pg_sleep({})",
                                           std::chrono::duration<double>(limits::doctor_pool_hold).count()));
    sessions.emplace(r.text(0, 0));
}

/// Runs as many statements at once as the pool may have connections; each keeps its connection for a moment.
awaitable<finding> probe_pool(const subject& of, const database_seen& seen) {
    auto size = of.settings.database_pool_size;
    auto executor = co_await asio::this_coro::executor;
    store::pool db(executor, options(of, seen.url, size, setting_of(seen)));
    std::set<std::string> sessions;
    auto start = std::chrono::steady_clock::now();
    std::vector<background<void>> held;
    for (int i = 0; i < size; ++i)
        held.emplace_back(executor, hold_one(db, sessions));
    std::string why;
    for (auto& one : held)
        try {
            co_await one.join();
        } catch (const store::db_error& e) {
            why = e.what();
        }
    auto seconds = seconds_since(start);
    auto status = db.status();
    db.close();
    json::object facts{{"size", size}, {"opened", sessions.size()}, {"seconds", seconds}};
    if (!why.empty())
        co_return failed(
            "pool",
            told<"The pool's {} connections do not all come about: {}",
                 "Не все соединения пула ({}) устанавливаются: {}">(size, why),
            told<"Lower DATABASE_POOL_SIZE, or raise the server's max_connections (role's CONNECTION LIMIT).",
                 "Уменьшите DATABASE_POOL_SIZE или поднимите max_connections сервера (CONNECTION LIMIT роли).">(),
            std::move(facts));
    if (static_cast<int>(sessions.size()) < size && !status.pooled)
        co_return warn("pool",
                       told<"Only {} of the pool's {} connections were open at once.",
                            "Одновременно открылось только {} соединений пула из {}.">(sessions.size(), size),
                       told<"The server may be at its limit of connections: lower DATABASE_POOL_SIZE.",
                            "Возможно, сервер у предела соединений: уменьшите DATABASE_POOL_SIZE.">(),
                       std::move(facts));
    co_return ok(
        "pool",
        told<"{0} {0:connection|connections} opened at once in {1:.2f} s.",
             "Одновременно {0:открылось|открылись|открылись} {0} {0:соединение|соединения|соединений} за {1:.2f} с.">(
            number{static_cast<std::int64_t>(size)}, seconds),
        std::move(facts));
}

/// Connects to DIRECT_URL, or to the pooled address without its pooler.
awaitable<finding> probe_direct(const subject& of, secret url) {
    bool given = !of.settings.direct_url.empty();
    auto name = given ? std::string("DIRECT_URL") : told<"The address without its pooler", "Адрес без пулера">();
    store::pool db(co_await asio::this_coro::executor,
                   options(of, std::move(url), 1, given ? "DIRECT_URL" : "DATABASE_URL"));
    std::string why;
    bool pooled = false;
    try {
        auto r = co_await db.query("select 1");
        pooled = db.status().pooled;
    } catch (const store::db_error& e) {
        why = e.what();
    }
    db.close();
    if (!why.empty())
        co_return failed(
            "direct", told<"{} does not work: {}", "{} не работает: {}">(name, why),
            given
                ? told<"Correct it, or take it away: then DATABASE_URL is used for all.",
                       "Исправьте или уберите: тогда для всего берётся DATABASE_URL.">()
                : told<"Name the address without a pooler in DIRECT_URL.", "Укажите в DIRECT_URL адрес без пулера.">());
    if (pooled)
        co_return warn(
            "direct",
            told<"{} leads to a pooler too, which LISTEN cannot pass.",
                 "{} тоже ведёт к пулеру, а LISTEN через него не проходит.">(name),
            told<"Name the server's own address in DIRECT_URL.", "Укажите в DIRECT_URL адрес самого сервера.">());
    co_return ok("direct",
                 told<"{} works: migrations and LISTEN go there.", "{} работает: миграции и LISTEN идут туда.">(name));
}

awaitable<result<database_seen>> open(const subject& of) {
    database_seen seen;
    seen.url = of.settings.database_url;
    if (!seen.url.empty()) co_return seen;
    auto binaries = config::find_beside(of.settings, of.exe_folder, "postgres");
    if (!binaries) co_return std::unexpected(binaries.error());
    auto data = of.settings.data;
    if (!pgserver::embedded::exists(data)) {
        if (auto why = why_no_folder(data); !why.empty())
            co_return fail(told<"no place for it: {}", "для неё нет места: {}">(why));
        seen.trial = std::make_shared<temp_dir>();
        data = seen.trial->path();
    }
    auto server = co_await pgserver::embedded::start(data, *binaries);
    if (!server) co_return std::unexpected(server.error());
    seen.server = std::move(*server);
    seen.url = secret(seen.server->url());
    co_return seen;
}

/// nullopt: spending goes on, or there is nothing of ours yet.
awaitable<std::optional<finding>> look_for_pause(store::pool& db) {
    auto there = co_await db.query("select to_regclass('pause') is not null");
    if (!there.boolean(0, 0)) co_return std::nullopt;
    auto since = co_await db.query("select to_char(since at time zone 'utc', 'YYYY-MM-DD HH24:MI') from pause");
    if (since.empty()) co_return std::nullopt;
    co_return warn(
        "spending",
        told<"All spending is paused since {} UTC: tasks wait.", "Все расходы приостановлены с {} UTC: задачи ждут.">(
            std::string(since.text(0, 0))),
        told<"`persais resume` ends it.", "Закончить: `persais resume`.">());
}

} // namespace

awaitable<database_seen> probe_database(subject& of) {
    auto opened = co_await open(of);
    if (!opened) {
        database_seen none;
        none.said = {
            failed("database",
                   told<"The embedded database is not there: {}.", "Встроенной базы данных нет: {}.">(opened.error()),
                   config::find_beside(of.settings, of.exe_folder, "postgres")
                       ? told<"See the line of data; or name a server in DATABASE_URL.",
                              "Смотрите строку data или укажите сервер в DATABASE_URL.">()
                       : told<"Run `make setup`, name its programs in PERSAIS_POSTGRES, or a server in "
                              "DATABASE_URL.",
                              "Выполните `make setup`, укажите её программы в PERSAIS_POSTGRES или сервер в "
                              "DATABASE_URL.">()),
            skipped("pool", told<"No database to connect to.", "Нет базы данных, с которой соединяться.">())};
        co_return none;
    }
    auto seen = std::move(*opened);
    store::pool db(co_await asio::this_coro::executor, options(of, seen.url, 1, setting_of(seen)));
    std::string broken;
    try {
        if (seen.server) co_await store::migrate(db);
        auto found = co_await look(db, of, seen);
        seen.said = std::move(found.said);
        auto there = co_await db.query("select to_regclass('llm_calls') is not null");
        seen.has_ledger = found.usable && there.boolean(0, 0);
        if (auto paused = co_await look_for_pause(db)) seen.said.push_back(std::move(*paused));
    } catch (const std::runtime_error& e) { // db_error, or a schema that is not ours
        broken = e.what();
    }
    db.close();
    if (!broken.empty()) {
        seen.said = {
            failed(
                "database", told<"The database cannot be used: {}", "Базой данных нельзя пользоваться: {}">(broken),
                seen.server
                    ? told<"Look at the log in PERSAIS_DATA/postgres.", "Посмотрите журнал в PERSAIS_DATA/postgres.">()
                    : told<"Look at DATABASE_URL: host, port, name, role and password, sslmode.",
                           "Посмотрите на DATABASE_URL: хост, порт, имя, роль и пароль, sslmode.">()),
            skipped("pool", told<"No database to connect to.", "Нет базы данных, с которой соединяться.">())};
        seen.url = {};
        co_return seen;
    }
    seen.said.push_back(co_await probe_pool(of, seen));
    if (!seen.server)
        if (auto direct = store::direct_url(seen.url, of.settings.direct_url); direct && *direct != seen.url)
            seen.said.push_back(co_await probe_direct(of, *direct));
    co_return seen;
}

} // namespace persais::doctor

#include "store/usability.hpp"

#include "base/told.hpp"
#include "store/queries.hpp"

#include <fmt/format.h>

namespace persais::store {

namespace {

constexpr int least_version = 15;
constexpr auto well = "PSVEC"; // an SQLSTATE of our own: the statement before it succeeded
constexpr auto no_right = "42501";

std::string text_of(const rows& r, int column) {
    return std::string(r.text(0, column));
}

/// A statement, which the query gives without its semicolon.
std::string statement_of(const rows& r, int column) {
    return text_of(r, column) + ";";
}

/// What stands in the way, the first that a person has to mend.
std::optional<objection> obstacle_in(const rows& r, const usability& seen, const std::string& setting) {
    using enum objection::about;
    if (r.number(0, 0) < least_version)
        return objection{
            server,
            told<"The server is PostgreSQL {}; Persais needs {} or newer.",
                 "На сервере PostgreSQL {}, а Persais нужен {} или новее.">(r.text(0, 1), least_version),
            told<"Move to a newer server (pg_dump, pg_restore), or name another in {}.",
                 "Перейдите на более новый сервер (pg_dump, pg_restore) или укажите другой в {}.">(setting)};
    if (r.boolean(0, 3))
        return objection{
            server,
            told<"The server is a standby, which is read-only.", "Этот сервер — резервный, он только для чтения.">(),
            told<"Name the primary in {}.", "Укажите основной сервер в {}.">(setting)};
    if (r.boolean(0, 4)) {
        auto mend = statement_of(r, 14);
        return objection{
            server,
            told<"For role {} the database {} is read-only (default_transaction_read_only is on).",
                 "Для роли {} база данных {} только для чтения (включено default_transaction_read_only).">(
                seen.role, seen.database),
            told<"Run as a superuser: {} At Neon look whether the project is over its quota.",
                 "Выполните как суперпользователь: {} В Neon посмотрите, не исчерпана ли квота проекта.">(mend),
            mend};
    }
    if (r.text(0, 2) != "UTF8") {
        std::string mend = "CREATE DATABASE persais ENCODING 'UTF8' LOCALE 'C' TEMPLATE template0;";
        return objection{
            server,
            told<"The database {} has the encoding {}, which does not hold every text; Persais "
                 "needs UTF8.",
                 "База данных {} в кодировке {}, которая вмещает не всякий текст; Persais нужна UTF8.">(seen.database,
                                                                                                        r.text(0, 2)),
            told<"Make one with {} and name it in {}.", "Создайте базу так: {} — и укажите её в {}.">(mend, setting),
            mend};
    }
    if (!r.boolean(0, 8))
        return objection{schema,
                         told<"Persais' tables in this database belong to another role than {}.",
                              "Таблицы Persais в этой базе данных принадлежат не роли {}.">(seen.role),
                         told<"Run in it as that role or a superuser: {}",
                              "Выполните в ней от имени той роли или суперпользователя: {}">(statement_of(r, 9)),
                         statement_of(r, 9)};
    if (r.boolean(0, 16))
        return objection{schema,
                         told<"The database holds half of a restore, which is under way or was interrupted.",
                              "В базе данных половина восстановления, которое ещё идёт или было прервано.">(),
                         told<"When none runs, run `persais restore` again.",
                              "Если оно не идёт, запустите `persais restore` ещё раз.">()};
    return std::nullopt;
}

std::optional<objection> no_tables_in(const rows& r, const usability& seen, const std::string& setting) {
    using enum objection::about;
    if (!r.null(0, 10))
        return objection{schema,
                         told<"The database holds tables of another program ({}) and none of Persais, so "
                              "nothing was changed in it.",
                              "В базе данных есть таблицы другой программы ({}) и нет таблиц Persais, поэтому в ней "
                              "ничего не изменено.">(r.text(0, 10)),
                         told<"Name an empty one in {}, and look whether a .env in the working folder sets it.",
                              "Укажите в {} пустую базу и посмотрите, не задаёт ли её .env в рабочей папке.">(setting)};
    if (r.boolean(0, 12)) return std::nullopt;
    auto mend = r.null(0, 11) ? std::string("CREATE SCHEMA public;") : statement_of(r, 13);
    return objection{schema,
                     told<"Role {} may not create Persais' tables in this database.",
                          "Роли {} нельзя создавать в этой базе данных таблицы Persais.">(seen.role),
                     told<"Run in it as its owner or a superuser: {}",
                          "Выполните в ней от имени владельца или суперпользователя: {}">(mend),
                     mend};
}

/// The server's refusal; nothing when the extension may be created. It is tried because the rights in the catalogues do
/// not tell what a provider's own rules allow (decision 0018).
awaitable<std::optional<db_error>> try_to_create(pool& db) { // `db` is that of look_at_vector()
    try {
        co_await db.query(fmt::format("do $$ begin create extension vector; "
                                      "raise exception 'taken back' using errcode = '{}'; end $$",
                                      well));
    } catch (const db_error& e) {
        if (e.sqlstate != well) co_return e;
    }
    co_return std::nullopt;
}

} // namespace

awaitable<usability> judge(pool& db, std::string setting) {
    auto r = co_await db.query(queries::usability);
    usability seen{
        .ours = r.boolean(0, 7), .role = text_of(r, 6), .database = text_of(r, 5), .superuser = r.boolean(0, 15)};
    seen.obstacle = obstacle_in(r, seen, setting);
    seen.no_tables = no_tables_in(r, seen, setting);
    co_return seen;
}

awaitable<vector_state> look_at_vector(pool& db) {
    using enum objection::about;
    constexpr auto mend = "CREATE EXTENSION vector;";
    vector_state seen;
    auto r = co_await db.query(queries::vector_state);
    if (r.null(0, 1)) {
        seen.lack = {vector, told<"The database server has no pgvector.", "На сервере базы данных нет pgvector.">(),
                     told<"Install its package on the server (Debian: postgresql-{}-pgvector; container: image "
                          "pgvector/pgvector), or use a server that has it.",
                          "Установите его пакет на сервере (Debian: postgresql-{}-pgvector; контейнер: образ "
                          "pgvector/pgvector) или возьмите сервер, где он есть.">(r.text(0, 8))};
        co_return seen;
    }
    seen.installed = !r.null(0, 0);
    seen.version = r.text(0, seen.installed ? 0 : 1);
    if (seen.installed) {
        if (!r.null(0, 6))
            seen.lack = {
                vector,
                told<"pgvector is in the schema {}, where role {} does not look for it.",
                     "pgvector лежит в схеме {}, где роль {} его не ищет.">(r.text(0, 6), r.text(0, 5)),
                told<"Run in the database {}: {}", "Выполните в базе данных {}: {}">(r.text(0, 4), statement_of(r, 7)),
                statement_of(r, 7)};
        co_return seen;
    }
    auto refused = co_await try_to_create(db);
    if (!refused) co_return seen;
    auto who = r.boolean(0, 2) ? fmt::format("its owner {} or a superuser", r.text(0, 3)) : std::string("a superuser");
    seen.lack = {
        vector,
        refused->sqlstate == no_right
            ? told<"pgvector {} is there, but role {} may not install it.",
                   "pgvector {} есть, но роли {} нельзя его установить.">(seen.version, r.text(0, 5))
            : told<"pgvector {} cannot be installed: {}", "pgvector {} не удаётся установить: {}">(seen.version,
                                                                                                   refused->what()),
        told<"Run in the database {} as {}: {}", "Выполните в базе данных {} от имени {}: {}">(r.text(0, 4), who, mend),
        mend};
    co_return seen;
}

} // namespace persais::store

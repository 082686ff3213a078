#include "app/restoring.hpp"

#include "backup/tools.hpp"
#include "base/age_key.hpp"
#include "base/on_a_thread.hpp"
#include "base/told.hpp"
#include "config/backup_key.hpp"
#include "queue/restored.hpp"
#include "store/migrate.hpp"
#include "store/usability.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace persais::app {

namespace fs = std::filesystem;

namespace {

struct target {
    bool ours = false;  // our tables are there
    bool empty = false; // and hold nothing that anybody gave
    bool used = false;  // another Persais is connected
    int major = 0;
};

awaitable<target> look_at(store::pool& db) { // restore() waits, and owns it
    target seen;
    auto r = co_await db.query(
        "select current_setting('server_version_num')::int / 10000, to_regclass('persais_schema') is not null, exists "
        "(select from pg_stat_activity where datname = current_database() and application_name = 'persais' and pid <> "
        "pg_backend_pid())");
    seen.major = static_cast<int>(r.number(0, 0));
    seen.ours = r.boolean(0, 1);
    seen.used = r.boolean(0, 2);
    if (!seen.ours) co_return seen;
    auto any = co_await db.query("select to_regclass('tasks') is null or not exists (select from tasks)");
    seen.empty = any.boolean(0, 0);
    co_return seen;
}

/// What the database holds is written into a file first. An error is one sentence, and nothing was changed.
awaitable<result<fs::path>> put_aside(backup::source from, backup::tools with) {
    auto file = from.settings.data / fmt::format("before-restore-{:%Y%m%dT%H%M%SZ}.dump",
                                                 fmt::gmtime(std::chrono::system_clock::to_time_t(from.time.now())));
    auto written = co_await backup::dump_database(std::move(with), from.url, from.settings.ssl_cert_file, file);
    if (!written) co_return std::unexpected(written.error());
    co_return file;
}

/// The database is as it was. `aside`: what it held; empty: tables without tasks.
awaitable<void> put_back(backup::source from, backup::tools with, database& db, fs::path aside) { // restore() waits
    co_await queue::clear_tables(db.pool());
    if (aside.empty()) {
        co_await db.migrate(from.settings);
        co_return;
    }
    auto back = co_await backup::restore_database(std::move(with), from.url, from.settings.ssl_cert_file, aside);
    if (!back) throw std::runtime_error(back.error() + " " + aside.string());
    fs::remove(aside);
}

awaitable<result<backup::manifest>> open_backup(backup::source from, fs::path file, fs::path folder) {
    auto key = config::backup_key(from.settings);
    if (!key) co_return std::unexpected(key.error());
    if (key->made) {
        std::error_code ignored;
        fs::remove(config::backup_key_file(from.settings), ignored);
        co_return fail(told<"There is no key for backups here: set BACKUP_KEY to the one that was shown when the first "
                            "backup was made.",
                            "Здесь нет ключа резервных копий: укажите в BACKUP_KEY тот, что был показан при создании "
                            "первой копии.">());
    }
    try {
        auto bytes = age_key_bytes(key->key);
        co_return co_await on_a_thread([&] { return backup::unpack(file, *bytes, folder, from.stop); });
    } catch (const backup::broken& e) {
        co_return fail(e.what());
    }
}

/// The key that seals secrets comes back where there is none; one that is there stays, and is told when it is another.
void bring_master_key_back(const backup::source& from, const fs::path& folder, restored& done) {
    auto saved = folder / backup::master_key_file, here = from.settings.data / backup::master_key_file;
    std::error_code ec;
    if (!fs::exists(saved, ec)) return;
    if (!fs::exists(here, ec)) {
        fs::copy_file(saved, here, ec);
        if (!ec) return;
    } else if (same_content(saved, here)) {
        return;
    }
    done.troubles.push_back(
        told<"{} is another key than that of the backup: secrets that were stored in the database have to be given "
             "again.",
             "{} — не тот ключ, что в резервной копии: секреты, которые хранились в базе данных, придётся задать "
             "заново.">(here.string()));
}

} // namespace

awaitable<result<restored>> restore(restoring how, backup::source from, database& db) {
    auto work = backup::working_folder(from.settings);
    if (!work) co_return std::unexpected(work.error());
    auto folder = (*work)->path() / "parts";
    auto what = co_await open_backup(from, how.file, folder);
    if (!what) co_return std::unexpected(what.error());
    int newest = store::all_migrations().back().number;
    if (what->schema > newest)
        co_return fail(
            told<"The backup was made by a newer Persais ({}, step {} of the tables; this one knows {}): install "
                 "that version first.",
                 "Резервную копию сделала более новая версия Persais ({}, шаг таблиц {}, эта знает {}): "
                 "сначала установите её.">(what->version, what->schema, newest));
    auto& pool = db.pool();
    auto seen = co_await look_at(pool);
    if (seen.used)
        co_return fail(told<"A Persais is connected to the database: stop the service first.",
                            "К базе данных подключена другая Persais: сначала остановите сервис.">());
    if (seen.ours && !seen.empty && !how.replace)
        co_return fail(told<"The database holds tasks already; with --replace they are put into a file, and the backup "
                            "takes their place.",
                            "В базе данных уже есть задачи; с --replace они будут сохранены в файл, а их место займёт "
                            "резервная копия.">());
    auto with = co_await backup::find_tools(from.settings, from.exe_folder, seen.major);
    if (!with) co_return std::unexpected(with.error());
    restored done{.what = *what};
    if (seen.ours && !seen.empty) {
        auto aside = co_await put_aside(from, *with);
        if (!aside) co_return std::unexpected(aside.error());
        done.put_aside = *aside;
    }
    if (seen.ours) co_await queue::clear_tables(pool);
    auto read =
        co_await backup::restore_database(*with, from.url, from.settings.ssl_cert_file, folder / backup::dump_file);
    if (!read) {
        if (seen.ours) co_await put_back(from, *with, db, done.put_aside);
        co_return std::unexpected(read.error());
    }
    co_await db.migrate(from.settings);
    co_await queue::take_over_restored(pool);
    bring_master_key_back(from, folder, done);
    for (const auto& lost : done.what.lacks)
        done.troubles.push_back(told<"Work of {} that was not pushed is not in the backup: {}",
                                     "Неотправленной работы {} в резервной копии нет: {}">(lost.remote, lost.why));
    co_await compare_with_remotes(from, pool, folder, done);
    done.chats_told = co_await tell_chats(pool, done);
    co_return done;
}

} // namespace persais::app

#include "app/restoring.hpp"

#include "backup/tools.hpp"
#include "base/age_key.hpp"
#include "base/on_a_thread.hpp"
#include "base/told.hpp"
#include "base/uninterrupted.hpp"
#include "config/backup_key.hpp"
#include "queue/restored.hpp"
#include "store/migrate.hpp"
#include "store/own_objects.hpp"

#include <ranges>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace persais::app {

namespace fs = std::filesystem;

namespace {

struct target {
    bool ours = false;  // our tables are there
    bool empty = false; // and hold no tasks
    int major = 0;
    std::vector<std::string> foreign;
    std::optional<std::string> begun; // a restore did not come to its end; what it put aside
};

/// Another Persais is connected.
awaitable<bool> is_used(store::pool& db) { // restore() waits, and owns it
    auto r = co_await db.query("select exists (select from pg_stat_activity where datname = current_database() and "
                               "application_name = 'persais' and pid <> pg_backend_pid())");
    co_return r.boolean(0, 0);
}

awaitable<target> look_at(store::pool& db) { // restore() waits, and owns it
    target seen;
    auto r = co_await db.query("select current_setting('server_version_num')::int / 10000, "
                               "to_regclass('persais_schema') is not null, to_regclass('tasks') is null");
    seen.major = static_cast<int>(r.number(0, 0));
    seen.ours = r.boolean(0, 1);
    seen.foreign = (co_await store::find_foreign_objects(db)).here;
    seen.begun = co_await queue::begun_restoring(db);
    seen.empty = r.boolean(0, 2) || (co_await db.query("select from tasks limit 1")).empty();
    co_return seen;
}

std::string is_in_use() {
    return told<"A Persais is connected to the database: stop the service first.",
                "К базе данных подключена другая Persais: сначала остановите сервис.">();
}

/// Why nothing can be restored here; empty: it can.
std::string why_not(const target& seen, const restoring& how) {
    if (!seen.foreign.empty())
        return told<
            "The database holds more than Persais's tables ({}), which a restore might overwrite: name one that "
            "Persais has for itself.",
            "В базе данных не только таблицы Persais ({}), а восстановление могло бы их задеть: укажите базу, "
            "где только Persais.">(fmt::join(seen.foreign | std::views::take(3), ", "));
    if (seen.ours && !seen.empty && !seen.begun && !how.replace)
        return told<"The database holds tasks already; with --replace they are put into a file, and the backup takes "
                    "their place.",
                    "В базе данных уже есть задачи; с --replace они будут сохранены в файл, а их место займёт "
                    "резервная копия.">();
    return {};
}

/// What the database holds is written into a file first. An error is one sentence, and nothing was changed.
awaitable<result<fs::path>> put_aside(backup::source from, backup::tools with) {
    auto file = from.settings.data / fmt::format("before-restore-{:%Y%m%dT%H%M%SZ}.dump",
                                                 fmt::gmtime(std::chrono::system_clock::to_time_t(from.time.now())));
    auto written = co_await backup::dump_database(std::move(with), from.url, from.settings.ssl_cert_file, file);
    if (!written) co_return std::unexpected(written.error());
    co_return file;
}

/// The database is as it was, and so is the data folder. `aside`: what it held; empty: nothing of ours. Until that is
/// done, the mark keeps everybody off.
awaitable<void> put_back(backup::source from, backup::tools with, fs::path aside, bool had_key) { // restore() waits
    co_await queue::clear_tables(from.db);
    if (!aside.empty()) {
        auto back = co_await backup::restore_database(std::move(with), from.url, from.settings.ssl_cert_file, aside);
        if (!back) throw std::runtime_error(back.error() + " " + aside.string());
    }
    co_await queue::end_restoring(from.db);
    std::error_code ignored;
    if (!aside.empty()) fs::remove(aside, ignored);
    if (!had_key) fs::remove(from.settings.data / backup::master_key_file, ignored);
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

/// Without a look at whether the database may be used: it may not, until this restore has ended.
awaitable<void> bring_up_to_date(backup::source from) { // restore() waits
    store::pool one(co_await asio::this_coro::executor,
                    {.url = from.url, .size = 1, .ca_file = from.settings.ssl_cert_file, .setting = ""});
    co_await store::apply(one, store::all_migrations());
    one.close();
}

/// What comes after the mark: the database gets its content, which becomes fit to work with.
awaitable<result<void>> fill(backup::source from, backup::tools with, fs::path folder, restored& done) {
    auto read = co_await backup::restore_database(std::move(with), from.url, from.settings.ssl_cert_file,
                                                  folder / backup::dump_file);
    if (!read) co_return read;
    co_await bring_up_to_date(from);
    co_await queue::take_over_restored(from.db);
    bring_master_key_back(from, folder, done);
    for (const auto& lost : done.what.lacks)
        done.troubles.push_back(told<"Work of {} that was not pushed is not in the backup: {}",
                                     "Неотправленной работы {} в резервной копии нет: {}">(lost.remote, lost.why));
    co_await stop_landings(from, from.db, done);
    co_await compare_with_remotes(from, from.db, folder, done);
    done.chats_told = co_await tell_chats(from.db, done);
    done.people = co_await queue::team(from.db);
    co_return result<void>{};
}

/// From now on nobody works with the database, and it holds nothing of ours. An error is one sentence, and then it is
/// as it was.
awaitable<result<void>> keep_off_and_clear(store::pool& db, target seen, fs::path aside) { // restore() waits
    co_await queue::begin_restoring(db, aside.string());
    std::string why;
    if (co_await is_used(db)) why = is_in_use(); // it came after the first look, and before the mark
    try {
        if (why.empty()) co_await queue::clear_tables(db);
    } catch (const store::db_error& e) {
        if (e.unreachable() || e.unknown_outcome()) throw;
        why = told<"The tables that are there cannot be removed: {}", "Имеющиеся таблицы нельзя удалить: {}">(e.what());
    }
    if (why.empty()) co_return result<void>{};
    if (!seen.begun) {
        co_await queue::end_restoring(db);
        std::error_code ignored;
        if (!aside.empty()) fs::remove(aside, ignored);
    }
    co_return fail(why);
}

} // namespace

awaitable<result<restored>> restore(restoring how, backup::source from) {
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
    auto& pool = from.db;
    if (co_await is_used(pool)) co_return fail(is_in_use());
    auto seen = co_await look_at(pool);
    if (auto why = why_not(seen, how); !why.empty()) co_return fail(why);
    auto with = co_await backup::find_tools(from.settings, from.exe_folder, seen.major);
    if (!with) co_return std::unexpected(with.error());
    restored done{.what = *what};
    if (seen.begun) { // what is there now is half of something
        done.put_aside = *seen.begun;
    } else if (seen.ours) {
        auto aside = co_await put_aside(from, *with);
        if (!aside) co_return std::unexpected(aside.error());
        done.put_aside = *aside;
    }
    if (auto ok = co_await keep_off_and_clear(pool, seen, done.put_aside); !ok) co_return std::unexpected(ok.error());
    bool had_key = fs::exists(from.settings.data / backup::master_key_file);
    auto back = [&] { return put_back(from, *with, done.put_aside, had_key); };
    auto filled = co_await clean_up_on_exception(fill(from, *with, folder, done), back());
    if (!filled) {
        co_await back();
        co_return std::unexpected(filled.error());
    }
    co_await queue::end_restoring(pool);
    co_return done;
}

} // namespace persais::app

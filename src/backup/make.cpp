#include "backup/make.hpp"

#include "backup/keep.hpp"
#include "backup/limits.hpp"
#include "backup/tools.hpp"
#include "backup/work.hpp"
#include "base/age_key.hpp"
#include "base/encoding.hpp"
#include "base/locked_directory.hpp"
#include "base/on_a_thread.hpp"
#include "base/own_folder.hpp"
#include "base/random.hpp"
#include "base/told.hpp"
#include "config/backup_key.hpp"
#include "pgserver/scratch.hpp"
#include "store/migrate.hpp"
#include "store/own_objects.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace persais::backup {

namespace fs = std::filesystem;

namespace {

struct server {
    int major = 0;
    std::string version;
    bool half = false; // a restore into this database did not come to its end
};

awaitable<server> look_at_server(store::pool& db) { // the caller waits, and outlives it
    auto r = co_await db.query(
        "select current_setting('server_version_num')::int / 10000, "
        "split_part(current_setting('server_version'), ' ', 1), to_regclass('persais_restoring') is not null");
    co_return server{static_cast<int>(r.number(0, 0)), std::string(r.text(0, 1)), r.boolean(0, 2)};
}

/// The remotes of tasks whose work may stand in a mirror alone.
awaitable<std::vector<std::string>> remotes_with_work(store::pool& db) { // the caller waits, and outlives it
    auto r = co_await db.query("select distinct remote from tasks where state not in ('aborted', 'expired', "
                               "'rolled_back', 'answered', 'deployed') order by remote");
    std::vector<std::string> all;
    for (int i = 0; i < r.size(); ++i)
        all.emplace_back(r.text(i, 0));
    co_return all;
}

/// What stands in files of its own goes into the folder too; names them all.
awaitable<result<std::vector<std::string>>> gather(source from, manifest& what,
                                                   fs::path folder) { // in the caller's frame
    std::vector<std::string> names{std::string(dump_file)};
    std::error_code ec;
    // The key that seals the secrets in the database: without it they would have to be given again.
    if (fs::copy_file(from.settings.data / master_key_file, folder / master_key_file, ec))
        names.emplace_back(master_key_file);
    else if (ec != std::errc::no_such_file_or_directory)
        co_return fail(told<"{} cannot be put into the backup: {}. Without it the secrets in the database are lost.",
                            "{} не удаётся положить в резервную копию: {}. Без него секреты из базы данных пропадут.">(
            (from.settings.data / master_key_file).string(), ec.message()));
    for (const auto& remote : co_await remotes_with_work(from.db)) {
        auto file = fmt::format("work-{}.bundle", what.work.size() + 1);
        auto saved = co_await save_work(from.settings.data / "mirrors", service::remote_at(remote, from.settings),
                                        folder / file);
        // One mirror that is broken is no reason to have no backup of all the rest.
        if (!saved) {
            spdlog::error("the backup lacks work of {}: {}", remote, saved.error());
            what.lacks.push_back({remote, saved.error()});
        }
        if (!saved || !*saved) continue;
        what.work.push_back({file, remote});
        names.push_back(file);
    }
    co_return names;
}

awaitable<result<manifest>> read_database(source from, fs::path folder) {
    auto server = co_await look_at_server(from.db);
    if (server.half)
        co_return fail(told<"The database holds half of a restore: run `persais restore` again, then back it up.",
                            "В базе данных половина восстановления: запустите `persais restore` ещё раз, потом "
                            "делайте копию.">());
    auto with = co_await find_tools(from.settings, from.exe_folder, server.major);
    if (!with) co_return std::unexpected(with.error());
    manifest what{.version = from.version,
                  .made = std::chrono::floor<std::chrono::seconds>(from.time.now()),
                  .server = server.version};
    what.schema = (co_await store::look_at_schema(from.db)).at;
    what.newest_task = (co_await from.db.query("select coalesce(max(id), 0) from tasks")).number(0, 0);
    if (auto ok = co_await dump_database(*with, from.url, from.settings.ssl_cert_file, folder / dump_file,
                                         (co_await store::find_foreign_objects(from.db)).tables);
        !ok)
        co_return std::unexpected(ok.error());
    co_return what;
}

/// The others are the rule's to keep; what cannot be removed now is removed after the next backup.
awaitable<void> tidy(place& at, time_point now) { // make_backup's caller owns it
    auto there = co_await at.list();
    if (!there) {
        spdlog::warn("older backups are not removed: {}", there.error());
        co_return;
    }
    std::vector<std::string> names;
    for (auto& each : *there)
        names.push_back(std::move(each.name));
    for (const auto& name : not_kept(std::move(names), now))
        if (auto gone = co_await at.remove(name); !gone) spdlog::warn("{}", gone.error());
}

awaitable<result<void>> check_restored(std::string url, manifest what) {
    store::pool db(co_await asio::this_coro::executor, {.url = secret(url), .size = 1, .setting = ""});
    std::string why;
    try {
        auto state = co_await store::look_at_schema(db);
        auto newest = (co_await db.query("select coalesce(max(id), 0) from tasks")).number(0, 0);
        if (state.at != what.schema || newest < what.newest_task)
            why = told<"it holds step {} of the tables and tasks up to {}, and should hold step {} and tasks up to {}",
                       "в ней шаг таблиц {} и задачи до {}, а должны быть шаг {} и задачи до {}">(
                state.at, newest, what.schema, what.newest_task);
    } catch (const store::db_error& e) {
        why = e.what();
    }
    db.close();
    if (why.empty()) co_return result<void>{};
    co_return fail(told<"The backup was restored for a trial, and is not whole: {}.",
                        "Пробно восстановленная резервная копия неполна: {}.">(why));
}

awaitable<result<tried>> restore_for_trial(source from, manifest what, fs::path folder) {
    int major = std::atoi(what.server.c_str());
    auto binaries = config::find_beside(from.settings, from.exe_folder, "postgres");
    if (!binaries) co_return tried{.why_not = binaries.error()};
    auto with = co_await find_tools(from.settings, from.exe_folder, major);
    if (!with) co_return std::unexpected(with.error());
    auto server = co_await pgserver::scratch::start(folder / "trial", *binaries);
    if (!server) co_return tried{.why_not = server.error()};
    auto url = (*server)->url();
    auto restore = [&]() -> awaitable<result<void>> {
        auto done = co_await restore_database(*with, secret(url), "", folder / dump_file);
        if (done) done = co_await check_restored(url, what);
        co_return done;
    };
    auto done = co_await clean_up_on_exception(restore(), (*server)->leave());
    co_await (*server)->leave();
    if (!done) co_return std::unexpected(done.error());
    co_return tried{};
}

} // namespace

result<std::unique_ptr<locked_directory>> working_folder(const config::settings& settings) {
    auto root = settings.data / "backup";
    if (auto own = make_own_folder(settings.data); !own)
        return fail(told<"The data folder {} cannot be used: {} (PERSAIS_DATA names it).",
                         "Папкой данных {} нельзя пользоваться: {} (её задаёт PERSAIS_DATA).">(settings.data.string(),
                                                                                               own.error()));
    std::error_code ec;
    fs::create_directories(root, ec);
    if (!ec) fs::permissions(root, fs::perms::owner_all, ec);
    if (ec) return fail(root.string() + ": " + ec.message());
    left_folders(root); // they are removed with this list of them
    return locked_directory::make(root, to_hex(random_bytes(4)));
}

awaitable<result<made>> make_backup(source from, place& to) {
    auto key = config::backup_key(from.settings);
    if (!key) co_return std::unexpected(key.error());
    auto bytes = age_key_bytes(key->key);
    if (!bytes) co_return fail(told<"BACKUP_KEY is no age key.", "BACKUP_KEY — не ключ age.">());
    auto folder = working_folder(from.settings);
    if (!folder) co_return std::unexpected(folder.error());
    auto where = (*folder)->path();
    auto what = co_await read_database(from, where);
    if (!what) co_return std::unexpected(what.error());
    auto names = co_await gather(from, *what, where);
    if (!names) co_return std::unexpected(names.error());
    auto name = name_of(what->made, to_hex(random_bytes(2)));
    auto file = where / name;
    co_await on_a_thread([&] {
        what->parts = measure(where, *names, from.stop);
        pack(*what, where, *bytes, file, from.stop);
        fs::create_directory(where / "again");
        if (unpack(file, *bytes, where / "again", from.stop) != *what) throw broken(broken::how::changed);
        return true;
    });
    stored done{.name = name, .bytes = fs::file_size(file)};
    if (auto ok = co_await to.put(file, name); !ok) co_return std::unexpected(ok.error());
    co_await tidy(to, what->made);
    co_return made{done, *what, key->made ? key->key : secret()};
}

awaitable<result<tried>> try_backup(source from, place& at, std::string name) {
    auto begun = std::chrono::steady_clock::now();
    auto key = config::backup_key(from.settings);
    if (!key) co_return std::unexpected(key.error());
    auto folder = working_folder(from.settings);
    if (!folder) co_return std::unexpected(folder.error());
    auto where = (*folder)->path();
    if (auto ok = co_await at.get(name, where / name); !ok) co_return std::unexpected(ok.error());
    manifest what;
    try {
        what = co_await on_a_thread(
            [&] { return unpack(where / name, *age_key_bytes(key->key), where / "parts", from.stop); });
    } catch (const broken& e) {
        co_return fail(e.what());
    }
    auto how = co_await restore_for_trial(from, what, where / "parts");
    if (how)
        how->took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begun);
    co_return how;
}

} // namespace persais::backup

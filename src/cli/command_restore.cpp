// `persais restore`: lists the backups, or reads one back into the database.
#include "app/restoring.hpp"
#include "cli/at_database.hpp"
#include "cli/backups.hpp"
#include "cli/commands.hpp"
#include "cli/log.hpp"
#include "cli/on_tasks.hpp"
#include "cli/people_words.hpp"
#include "cli/terminal.hpp"
#include "cli/tongue.hpp"
#include "cli/version.hpp"
#include "config/checks.hpp"

#include <memory>

#include <boost/asio/io_context.hpp>
#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace persais::cli {

namespace fs = std::filesystem;

namespace {

struct restore_request {
    std::string which; // empty: list them
    std::string from;
    bool replace = false;
};

constexpr std::string_view newest = "newest";

/// The file of the backup: one on this machine, or one that is fetched into `folder`.
awaitable<result<fs::path>> fetch(const restore_request& what, const config::settings& settings, fs::path folder) {
    std::error_code ec;
    if (what.which.find('/') != what.which.npos && fs::is_regular_file(what.which, ec)) co_return fs::path(what.which);
    auto url = what.from.empty() ? settings.backup_url : secret(what.from);
    auto place = backup::open_place(co_await asio::this_coro::executor, url, settings.ssl_cert_file);
    if (!place) co_return std::unexpected(place.error());
    auto all = co_await (*place)->list();
    if (!all) co_return std::unexpected(all.error());
    auto found = std::ranges::find_if(
        *all, [&](const backup::stored& s) { return what.which == newest || s.name == what.which; });
    if (found == all->end())
        co_return fail(
            told<"There is no backup {} at {}; `persais restore` lists those that there are.",
                 "Резервной копии {} в {} нет; `persais restore` покажет имеющиеся.">(what.which, (*place)->shown()));
    auto got = co_await (*place)->get(found->name, folder / found->name);
    if (!got) co_return std::unexpected(got.error());
    co_return folder / found->name;
}

awaitable<int> list(const restore_request& what, const config::settings& settings) {
    auto url = what.from.empty() ? settings.backup_url : secret(what.from);
    auto place = backup::open_place(co_await asio::this_coro::executor, url, settings.ssl_cert_file);
    if (!place) co_return say("restore", place.error());
    auto all = co_await (*place)->list();
    if (!all) co_return say("restore", all.error(), 3);
    put(stdout, backup_list(*all, (*place)->shown(), system_clock().now()));
    co_return 0;
}

void tell(const app::restored& done, const config::settings& settings) {
    put(stdout, said<"Restored: what the database held at {}, tasks up to {}.\n",
                     "Восстановлено: содержимое базы данных на {}, задачи до {}.\n">(backup::moment(done.what.made),
                                                                                     done.what.newest_task));
    if (!done.put_aside.empty())
        put(stdout, said<"What it held before is in {}, as pg_dump writes it.\n",
                         "Прежнее содержимое — в {}, в формате pg_dump.\n">(done.put_aside.string()));
    std::string tasks;
    for (auto id : done.parked)
        tasks += (tasks.empty() ? "" : ", ") + id.str();
    if (!tasks.empty())
        put(stdout,
            said<"Not done again, because they had gone on since (`persais show N` says why): {}.\n",
                 "Не делаются повторно, потому что успели продвинуться (почему — `persais show N`): {}.\n">(tasks));
    std::string landings;
    for (auto id : done.stopped)
        landings += (landings.empty() ? "" : ", ") + id.str();
    if (!landings.empty())
        put(stdout, said<"Approved, but not deployed by this; look, and approve them again: {}.\n",
                         "Одобрены, но сами развёрнуты не будут; посмотрите и одобрите снова: {}.\n">(landings));
    if (!done.people.empty())
        put(stdout, said<"These have rights again as the backup has them; whoever lost them since, `persais people "
                         "remove` takes out:\n{}",
                         "У этих людей снова те права, что были в резервной копии; кто их с тех пор лишился, того "
                         "уберёт `persais people remove`:\n{}">(people_words(done.people, settings)));
    for (const auto& trouble : done.troubles)
        put(stdout, in_tongue(trouble) + "\n");
    put(stdout, said<"Chats that will be told to repeat what came later: {}. Now start the service: `persais serve`.\n",
                     "Чатов, где попросят повторить более позднее: {}. Теперь запустите сервис: `persais serve`.\n">(
                    done.chats_told));
}

awaitable<int> read_back(const restore_request& what, const config::settings& settings, app::database& db) {
    system_clock time;
    backup::stop_flag stop = false;
    auto folder = backup::working_folder(settings);
    if (!folder) co_return say("restore", folder.error(), 3);
    auto file = co_await fetch(what, settings, (*folder)->path());
    if (!file) co_return say("restore", file.error(), 1);
    std::error_code ec;
    backup::source from{.settings = settings,
                        .exe_folder = fs::read_symlink("/proc/self/exe", ec).parent_path(),
                        .db = db.pool(),
                        .url = db.direct_url(settings),
                        .version = std::string(version()),
                        .time = time,
                        .stop = stop};
    auto done = co_await app::restore({.file = *file, .replace = what.replace}, from);
    if (!done) co_return say("restore", done.error(), 1);
    tell(*done, settings);
    co_return 0;
}

/// Runs it to its end on a loop; for what needs no database.
int on_loop(awaitable<int> work) {
    asio::io_context io(1);
    int code = 3;
    asio::co_spawn(io, std::move(work), [&](std::exception_ptr error, int ended) {
        code = ended;
        if (!error) return;
        code = 3;
        try {
            std::rethrow_exception(error);
        } catch (const std::exception& e) {
            say("restore", e.what());
        }
    });
    io.run();
    return code;
}

int run(const restore_request& what) {
    auto settings = settings_or_say();
    if (!settings) return 2;
    set_up_log(*settings, spdlog::level::warn);
    bool file = what.which.find('/') != what.which.npos;
    if (what.from.empty() && settings->backup_url.empty() && !file)
        return say("restore",
                   told<"Set BACKUP_URL, or say from where with --from: a folder, or s3://KEY:SECRET@BUCKET/PREFIX.",
                        "Задайте BACKUP_URL или укажите место в --from: папка или s3://KEY:SECRET@BUCKET/PREFIX.">());
    if (!what.from.empty())
        if (auto wrong = config::backup_url(what.from); !wrong.empty()) return say("restore", "--from: " + wrong);
    if (what.which.empty()) return on_loop(list(what, *settings));
    return at_database(*settings, {.why = app::database_options::purpose::bare,
                                   .work = [&](app::database& db) { return read_back(what, *settings, db); }});
}

} // namespace

void add_restore(CLI::App& app, int& exit_code) {
    auto what = std::make_shared<restore_request>();
    auto* command =
        app.add_subcommand("restore", said<"read a backup back into the database; without a name, list the backups",
                                           "восстановить базу данных из резервной копии; без имени — список копий">());
    command->add_option(
        "which", what->which,
        said<"its name in the list, `newest`, or a file with its path", "имя из списка, `newest` или путь к файлу">());
    command->add_option("--from", what->from,
                        said<"where they are, instead of BACKUP_URL", "где они, вместо BACKUP_URL">());
    command->add_flag("--replace", what->replace,
                      said<"also where there are tasks already, which are put into a file",
                           "даже если задачи уже есть: они будут сохранены в файл">());
    command->callback([what, &exit_code] { exit_code = run(*what); });
}

} // namespace persais::cli

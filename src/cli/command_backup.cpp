// `persais backup`: makes a backup, restores it for a trial, and says where it is.
#include "backup/limits.hpp"
#include "backup/make.hpp"
#include "cli/at_database.hpp"
#include "cli/backups.hpp"
#include "cli/commands.hpp"
#include "cli/in_force.hpp"
#include "cli/log.hpp"
#include "cli/on_tasks.hpp"
#include "cli/terminal.hpp"
#include "cli/tongue.hpp"
#include "cli/version.hpp"
#include "config/backup_key.hpp"
#include "config/checks.hpp"
#include "i18n/format.hpp"
#include "queue/backups.hpp"

#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace persais::cli {

namespace {

struct backup_request {
    std::string to;
    bool untried = false;
};

/// It is shown here and nowhere else: no log and no chat is a place for it.
std::string key_words(const secret& key, const config::settings& settings) {
    return said<
        "\nThis key encrypts the backups, and nothing opens them without it. It is shown this once: keep it "
        "elsewhere, as BACKUP_KEY of the next machine. Here it is in {}.\n\n    {}\n\n",
        "\nЭтим ключом зашифрованы резервные копии, без него их не открыть. Он показан один раз: сохраните его в "
        "другом месте, на новой машине это BACKUP_KEY. Здесь он лежит в {}.\n\n    {}\n\n">(
        config::backup_key_file(settings).string(), key.reveal());
}

/// What the service is told of it. Older tables know nothing of backups, and are backed up all the same.
class turn {
public:
    turn(store::pool& db, bool counts) : db_(db), counts_(counts) {}

    awaitable<void> take() {
        if (!counts_) co_return;
        try {
            held_ = co_await queue::take_backup_turn(db_, {.holder = holder_,
                                                           .interval = {},
                                                           .lasts = limits::backup_most,
                                                           .tried_every = limits::backup_tried_every});
        } catch (const store::db_error& e) {
            if (e.sqlstate != "42P01") throw;
        }
    }
    awaitable<void> good(const backup::made& what, std::optional<std::chrono::milliseconds> tried) {
        if (held_)
            co_await queue::backup_is_good(db_, {.holder = holder_,
                                                 .name = what.file.name,
                                                 .made = what.what.made,
                                                 .bytes = static_cast<std::int64_t>(what.file.bytes),
                                                 .xid = held_->xid,
                                                 .tried = tried});
    }
    awaitable<void> failed(std::string why) {
        if (held_) co_await queue::backup_failed(db_, holder_, std::move(why));
    }
    /// So that others need not wait until it runs out.
    awaitable<void> give_back() {
        if (held_) co_await queue::give_backup_turns_back(db_, {holder_});
    }

private:
    store::pool& db_;
    bool counts_;
    std::string holder_ = "backup-" + std::to_string(::getpid());
    std::optional<queue::backup_turn> held_;
};

awaitable<int> make_in_turn(const backup_request& what, const config::settings& settings, app::database& db,
                            turn& mine) {
    auto executor = co_await asio::this_coro::executor;
    system_clock time;
    backup::stop_flag stop = false;
    auto url = what.to.empty() ? settings.backup_url : secret(what.to);
    auto place = backup::open_place(executor, url, settings.ssl_cert_file);
    if (!place) co_return say("backup", place.error());
    std::error_code ec;
    backup::source from{.settings = settings,
                        .exe_folder = std::filesystem::read_symlink("/proc/self/exe", ec).parent_path(),
                        .db = db.pool(),
                        .url = db.direct_url(settings),
                        .version = std::string(version()),
                        .time = time,
                        .stop = stop};
    co_await mine.take();
    auto made = co_await backup::make_backup(from, **place);
    if (!made) {
        co_await mine.failed(made.error());
        co_return say("backup", made.error(), 3);
    }
    if (!made->new_key.empty()) put(stdout, key_words(made->new_key, settings));
    std::optional<std::chrono::milliseconds> took;
    if (!what.untried) {
        auto tried = co_await backup::try_backup(from, **place, made->file.name);
        if (!tried) {
            co_await mine.failed(tried.error());
            co_return say("backup", tried.error(), 3);
        }
        if (tried->why_not.empty())
            took = tried->took;
        else
            say("backup", told<"It could only be opened, not restored for a trial: {}",
                               "Её удалось только открыть, но не восстановить пробно: {}">(tried->why_not));
    }
    co_await mine.good(*made, took);
    put(stdout, said<"{} at {}, {}.\n", "{} в {}, {}.\n">(made->file.name, (*place)->shown(),
                                                          i18n::size(tongue(), made->file.bytes)));
    if (took)
        put(stdout, said<"It was restored for a trial in {:.1f} s.\n", "Пробное восстановление заняло {:.1f} с.\n">(
                        std::chrono::duration<double>(*took).count()));
    co_return 0;
}

std::string no_place() {
    return told<"Set BACKUP_URL, or say where with --to: a folder, or s3://KEY:SECRET@BUCKET/PREFIX.",
                "Задайте BACKUP_URL или укажите место в --to: папка или s3://KEY:SECRET@BUCKET/PREFIX.">();
}

awaitable<int> make(const backup_request& what, config::settings& settings, app::database& db) {
    co_await put_in_force(db.pool(), settings, spdlog::level::warn);
    if (what.to.empty() && settings.backup_url.empty()) co_return say("backup", no_place());
    turn mine(db.pool(), what.to.empty());
    co_return co_await clean_up_on_exception(make_in_turn(what, settings, db, mine), mine.give_back());
}

int run(const backup_request& what) {
    auto settings = settings_or_say();
    if (!settings) return 2;
    set_up_log(*settings, spdlog::level::warn);
    if (!what.to.empty())
        if (auto wrong = config::backup_url(what.to); !wrong.empty()) return say("backup", "--to: " + wrong);
    if (!app::database::may_be_there(*settings))
        return say("backup", what.to.empty() && settings->backup_url.empty() ? no_place()
                                                                             : app::database::nothing_there(*settings));
    return at_database(*settings, {.why = app::database_options::purpose::bare,
                                   .work = [&](app::database& db) { return make(what, *settings, db); }});
}

} // namespace

void add_backup(CLI::App& app, int& exit_code) {
    auto what = std::make_shared<backup_request>();
    auto* command = app.add_subcommand(
        "backup",
        said<"back up the database, and what stands beside it and nowhere else, encrypted; the service does it "
             "by itself where BACKUP_URL is set",
             "сделать зашифрованную резервную копию базы данных и того, чего больше нигде нет; сервис делает "
             "это сам, если задан BACKUP_URL">());
    command->add_option(
        "--to", what->to,
        said<"where to, instead of BACKUP_URL: a folder, or s3://…", "куда вместо BACKUP_URL: папка или s3://…">());
    command->add_flag("--untried", what->untried,
                      said<"do not restore it for a trial", "не восстанавливать её пробно">());
    command->callback([what, &exit_code] { exit_code = run(*what); });
}

} // namespace persais::cli

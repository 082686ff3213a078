// `persais uninstall`: takes back what Persais did elsewhere, removes its data where that is said, and names what is
// left to revoke.
#include "app/own_tokens.hpp"
#include "app/uninstalling.hpp"
#include "base/text.hpp"
#include "cli/at_database.hpp"
#include "cli/commands.hpp"
#include "cli/in_force.hpp"
#include "cli/log.hpp"
#include "cli/on_tasks.hpp"
#include "cli/terminal.hpp"
#include "cli/tongue.hpp"
#include "config/backup_key.hpp"
#include "doctor/terminal.hpp"
#include "queue/repositories.hpp"
#include "queue/restored.hpp"
#include "service/revoking.hpp"

#include <memory>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace persais::cli {

namespace {

constexpr std::string_view word = "uninstall";

struct uninstall_request {
    bool yes = false;       // to the branches
    bool data = false;      // is removed without a question
    bool data_goes = false; // the folder, when the database is closed
};

void line(std::string_view text) {
    put(stdout, fmt::format("{}\n", text));
}

/// nullopt: nobody is there to ask.
std::optional<std::string> asked(const std::string& question) {
    if (!doctor::terminal::present()) return std::nullopt;
    doctor::terminal person;
    return person.ask(question);
}

awaitable<void> webhook(const config::settings& settings) {
    auto gone = co_await app::remove_webhook(settings);
    if (!gone.trouble.empty())
        line(in_tongue(gone.trouble));
    else if (gone.removed)
        line(said<"The bot's webhook is taken away: {}", "Вебхук бота убран: {}">(gone.address));
    else if (!gone.address.empty())
        line(said<"The bot's webhook leads elsewhere and stays: {}", "Вебхук бота ведёт в другое место и остаётся: {}">(
            text::printable(gone.address)));
}

awaitable<void> branches(const uninstall_request& what, app::database& db, const config::settings& settings) {
    system_clock time;
    auto tokens =
        co_await app::own_tokens(db.pool(), settings, time, [](const std::string& why) { line(in_tongue(why)); });
    auto seen = co_await app::look_at_branches(db, settings, tokens);
    for (const auto& each : seen.troubles)
        line(in_tongue(each));
    for (const auto& each : seen.not_ours)
        line(in_tongue(each));
    if (seen.ours.empty()) {
        line(said<"No branch of a task is left at the remotes.", "Веток задач в репозиториях не осталось.">());
        co_return;
    }
    line(said<"Branches that tasks pushed, and nobody else wrote to:",
              "Ветки, отправленные задачами, в которые больше никто не писал:">());
    for (const auto& each : seen.ours)
        line(fmt::format("  {}  {}  {}{}", each.branch, each.commit.substr(0, 10), text::printable(each.remote),
                         each.undecided ? said<"  (a result that nobody decided about)", "  (результат без решения)">()
                                        : ""));
    if (!what.yes) {
        auto answer = asked(said<"Delete them there? Their commits may be nowhere else. [y/N] ",
                                 "Удалить их там? Их коммитов может больше нигде не быть. [y/N] ">());
        bool agreed = answer && (*answer == "y" || *answer == "Y" || *answer == "yes" || *answer == "д" ||
                                 *answer == "Д" || *answer == "да");
        if (!agreed) {
            line(answer ? said<"They stay.", "Они остаются.">()
                        : said<"They stay; --yes deletes them.", "Они остаются; удалит их --yes.">());
            co_return;
        }
    }
    auto stay = co_await app::delete_branches(seen.ours, settings, tokens);
    for (const auto& each : stay)
        line(in_tongue(each));
    line(said<"Deleted: {} of {}.", "Удалено: {} из {}.">(seen.ours.size() - stay.size(), seen.ours.size()));
}

void secrets(const std::vector<std::string>& all) {
    if (all.empty()) return;
    line(said<"To revoke, where it was given:", "Отозвать там, где выдано:">());
    for (const auto& each : all)
        line("  " + in_tongue(each));
}

/// Whether the person said the word; anything else leaves everything as it is.
bool data_may_go(const uninstall_request& what, const config::settings& settings) {
    auto where = settings.database_url.empty()
                     ? said<"database and data folder {}", "база данных и папка {}">(settings.data.string())
                     : said<"the tables of the database that DATABASE_URL names, and the data folder {}",
                            "таблицы в базе данных из DATABASE_URL и папка {}">(settings.data.string());
    line(said<"The data: {}. `persais export FOLDER` writes it down, `persais backup` keeps it.",
              "Данные: {}. `persais export ПАПКА` запишет их, `persais backup` сохранит.">(where));
    std::error_code ec;
    if (std::filesystem::exists(config::backup_key_file(settings), ec))
        line(said<"{} goes with it: backups open with nothing else, so copy it first if you keep any.",
                  "Вместе с ними удаляется {}: без него копии не открыть, сохраните его, если копии нужны.">(
            config::backup_key_file(settings).string()));
    if (what.data) return true;
    const std::string delete_it = said<"delete everything", "удалить всё">();
    auto answer = asked(said<"To delete it for good, type: delete everything\n> ",
                             "Чтобы удалить их навсегда, напишите: удалить всё\n> ">());
    if (answer && *answer == delete_it) return true;
    line(answer ? said<"The data stays.", "Данные остаются.">()
                : said<"The data stays; --data deletes it.", "Данные остаются; удалит их --data.">());
    return false;
}

awaitable<int> uninstall(uninstall_request& what, app::database& db, const config::settings& settings) {
    if (auto busy = co_await app::why_busy(db, settings); !busy.empty()) co_return say(word, busy);
    co_await webhook(settings);
    co_await branches(what, db, settings);
    secrets(service::to_revoke(settings, co_await queue::repositories_of(db.pool())));
    what.data_goes = data_may_go(what, settings);
    if (!what.data_goes || settings.database_url.empty()) co_return 0;
    co_await queue::clear_tables(db.pool());
    line(said<"The tables are gone.", "Таблицы удалены.">());
    co_return 0;
}

int run(uninstall_request& what) {
    auto settings = settings_or_say();
    if (!settings) return 2;
    set_up_log(*settings, spdlog::level::err);
    int code = at_database(*settings, {.why = app::database_options::purpose::changing,
                                       .work = [&](app::database& db) -> awaitable<int> {
                                           co_await put_in_force(db.pool(), *settings, spdlog::level::err);
                                           co_return co_await uninstall(what, db, *settings);
                                       },
                                       .none =
                                           [&](const std::string& where) {
                                               line(in_tongue(where));
                                               secrets(service::to_revoke(*settings, {}));
                                               what.data_goes = !app::own_data(settings->data).empty() &&
                                                                data_may_go(what, *settings);
                                               return 0;
                                           }});
    if (code != 0 || !what.data_goes) return code;
    if (auto why = app::remove_data(settings->data); !why.empty())
        return say(word, told<"Not everything could be removed: {}", "Не всё удалось удалить: {}">(why), 3);
    std::error_code ec;
    line(std::filesystem::exists(settings->data, ec)
             ? said<"The data is gone; what else is in {} stays.", "Данные удалены; остальное в {} остаётся.">(
                   settings->data.string())
             : said<"The data is gone.", "Данные удалены.">());
    return 0;
}

} // namespace

void add_uninstall(CLI::App& app, int& exit_code) {
    auto what = std::make_shared<uninstall_request>();
    auto* command = app.add_subcommand(
        std::string(word),
        said<"take the webhook away, delete tasks' branches and the data where you say so, and name what to revoke",
             "убрать вебхук, удалить ветки задач и данные, если вы это подтвердите, и назвать, что отозвать">());
    command->add_flag("--yes", what->yes,
                      said<"delete the branches that are still as tasks pushed them, without a question",
                           "удалить без вопроса ветки, оставшиеся такими, какими их отправили задачи">());
    command->add_flag("--data", what->data,
                      said<"delete the data, without a question", "удалить данные без вопроса">());
    command->callback([what, &exit_code] { exit_code = run(*what); });
}

} // namespace persais::cli

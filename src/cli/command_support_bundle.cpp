// `persais support-bundle`: what is needed to find a fault, without secrets, and without what people wrote unless that
// is asked for.
#include "base/json.hpp"
#include "base/text.hpp"
#include "cli/at_database.hpp"
#include "cli/commands.hpp"
#include "cli/in_force.hpp"
#include "cli/limits.hpp"
#include "cli/log.hpp"
#include "cli/on_tasks.hpp"
#include "cli/support_bundle.hpp"
#include "cli/terminal.hpp"
#include "cli/tongue.hpp"
#include "cli/version.hpp"
#include "config/row_value.hpp"
#include "doctor/alone.hpp"
#include "doctor/examine.hpp"
#include "doctor/report.hpp"
#include "service/known_repositories.hpp"
#include "service/master_seal.hpp"

#include <ctime>
#include <memory>
#include <sys/utsname.h>

#include <boost/json.hpp>
#include <CLI/CLI.hpp>
#include <fmt/chrono.h>

namespace persais::cli {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view word = "support-bundle";

struct bundle_request {
    std::string file, log;
    bool words = false, offline = false;
};

std::string about() {
    utsname system{};
    ::uname(&system);
    return fmt::format("{}\nmade {:%FT%TZ}\n{} {} {}\n", full_version(), fmt::gmtime(std::time(nullptr)),
                       system.sysname, system.release, system.machine);
}

/// As `persais config check` has it; whom settings name is left out without `words`.
std::string settings_page(const config::reading& all, bool words) {
    std::string page;
    for (std::size_t i = 0; i < all.origins.size(); ++i) {
        const auto& row = config::table()[i];
        auto value = config::shown_value(row, *all.made);
        bool of_people = std::holds_alternative<config::ids>(row.is) || row.name == "GIT_CO_AUTHORS" ||
                         row.name == "DEPLOY_RULES" || row.name == "GIT_REMOTE_URL";
        if (of_people && !words && !value.empty()) value = "set";
        page +=
            json_line(boost::json::object{{"name", row.name},
                                          {"value", value.empty() ? boost::json::value() : boost::json::value(value)},
                                          {"source", all.origins[i].words()}});
    }
    return page;
}

/// nullopt: interrupted.
std::optional<std::string> doctor_page(const config::settings& settings, const std::vector<config::origin>& origins,
                                       bool offline) {
    std::error_code ec;
    auto folder = fs::read_symlink("/proc/self/exe", ec).parent_path();
    auto seen = doctor::run_alone<doctor::findings>([&](const asio::any_io_executor& executor, auto& kept) {
        auto visit = std::make_shared<doctor::visit>(executor, settings, folder, offline);
        visit->of.origins = origins;
        kept.push_back(visit);
        return doctor::examine(visit->of);
    });
    if (!seen) return std::nullopt;
    std::string page;
    for (const auto& one : *seen)
        page += doctor::json_line("probe", one) + "\n";
    return page;
}

/// Hides what only the database has.
awaitable<void> hide_stored(support_bundle& into, store::pool& db, const config::settings& settings, bool words) {
    if (auto keys = co_await service::read_master_keys(db, settings)) {
        into.hide(keys->here);
        if (keys->next) into.hide(*keys->next);
        if (keys->before) into.hide(*keys->before);
    }
    service::remote_tokens tokens;
    co_await service::known_repositories(db, settings, tokens, [&](const secret& s) { into.hide(s); }).refresh();
    if (words) co_return;
    for (const auto& said : co_await queue::newest_words(db))
        into.hide_words(said);
}

awaitable<int> pages_of_database(support_bundle& into, store::pool& db, const config::settings& settings, bool words) {
    co_await hide_stored(into, db, settings, words);
    for (const auto& page : queue::support_pages(words)) {
        std::string all;
        for (const auto& row : co_await queue::read_support_page(db, page))
            all += row + "\n";
        into.add(page.name, all);
    }
    co_return 0;
}

int run(bundle_request what) {
    auto [all, unknown] = read_in_force();
    if (!all.made) {
        for (const auto& each : all.made.error())
            say("", each);
        return 2;
    }
    auto& settings = *all.made;
    set_up_log(settings, spdlog::level::critical);
    std::string log;
    if (!what.log.empty()) {
        auto tail = tail_of(what.log, limits::support_log_bytes);
        if (!tail) return say(word, tail.error());
        log = std::move(*tail);
    }
    if (what.file.empty())
        what.file = fmt::format("persais-support-{:%Y%m%dT%H%M%SZ}.tar", fmt::gmtime(std::time(nullptr)));
    auto made = support_bundle::make(what.file);
    if (!made) return say(word, made.error());
    made->hide(settings);
    int code = 0;
    if (app::database::may_be_there(settings)) {
        code = at_database(
            settings,
            {.why = app::database_options::purpose::reading,
             .work = [&](app::database& db) { return pages_of_database(*made, db.pool(), settings, what.words); },
             .none = [](const std::string&) { return 0; }});
        if (code != 0) {
            made->add("database.txt", "unreachable\n");
            log.clear(); // what people wrote is not known, so it could not be taken out
        }
    }
    made->add("version.txt", about());
    made->add("settings.jsonl", settings_page(all, what.words));
    auto doctor = doctor_page(settings, all.origins, what.offline);
    if (doctor) made->add("doctor.jsonl", *doctor);
    if (!log.empty()) made->add("log.txt", log);
    if (auto ended = made->end(); !ended) return say(word, ended.error(), 3);
    if (!doctor) return 130;
    if (code != 0 && !what.log.empty())
        say(word, told<"The log is left out, because the database could not be asked what people wrote.",
                       "Лог не вложен: базу данных не удалось спросить, что писали люди.">());
    put(stdout, what.words
                    ? said<"{}: no secret is in it; it holds what people wrote.\n",
                           "{}: секретов в нём нет; там есть то, что писали люди.\n">(made->path().string())
                    : said<"{}: no secret is in it, and nothing that people wrote. Look through it before you give it "
                           "away: tar xf.\n",
                           "{}: секретов и слов людей в нём нет. Просмотрите его, прежде чем отдавать: tar xf.\n">(
                          made->path().string()));
    return 0;
}

} // namespace

void add_support_bundle(CLI::App& app, int& exit_code) {
    auto what = std::make_shared<bundle_request>();
    auto* command = app.add_subcommand(
        std::string(word),
        said<"a tar with what is needed to find a fault: version, doctor, settings, newest states, sizes; no secret",
             "tar с тем, что нужно, чтобы найти ошибку: версия, doctor, настройки, последние состояния, размеры; без "
             "секретов">());
    command->add_option("file", what->file,
                        said<"a file that is not there yet (default: persais-support-TIME.tar here)",
                             "файл, которого ещё нет (по умолчанию persais-support-ВРЕМЯ.tar здесь)">());
    command->add_option(
        "--log", what->log,
        said<"a file with the service's log, whose end is put in", "файл с логом сервиса; будет вложен его конец">());
    command->add_flag("--words", what->words,
                      said<"with what people wrote, and whose repositories they are",
                           "вместе с тем, что писали люди, и с адресами репозиториев">());
    command->add_flag("--offline", what->offline,
                      said<"the doctor asks nobody outside", "doctor ни к кому не обращается">());
    command->callback([what, &exit_code] { exit_code = run(*what); });
}

} // namespace persais::cli

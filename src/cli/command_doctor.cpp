#include "cli/commands.hpp"
#include "cli/in_force.hpp"
#include "cli/log.hpp"
#include "cli/terminal.hpp"
#include "cli/tongue.hpp"
#include "doctor/alone.hpp"
#include "doctor/boxes.hpp"
#include "doctor/examine.hpp"
#include "doctor/report.hpp"

#include <algorithm>
#include <functional>
#include <iterator>
#include <memory>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace persais::cli {

namespace fs = std::filesystem;

namespace {

struct doctor_request {
    bool json = false;
    bool offline = false;
};

fs::path exe_folder() {
    std::error_code ec;
    return fs::read_symlink("/proc/self/exe", ec).parent_path();
}

std::optional<doctor::findings> look(const config::settings& settings, const std::vector<config::origin>& origins,
                                     bool offline, std::function<void(const doctor::findings&)> tell) {
    return doctor::run_alone<doctor::findings>([&](const asio::any_io_executor& executor, auto& kept) {
        auto visit = std::make_shared<doctor::visit>(executor, settings, exe_folder(), offline);
        visit->of.tell = std::move(tell);
        visit->of.origins = origins;
        kept.push_back(visit);
        return doctor::examine(visit->of);
    });
}

/// Prints what was found as it becomes known, and at the end what follows from all of it.
class printer {
public:
    explicit printer(bool json) : json_(json) {
        if (!json_)
            put(stdout,
                said<"What is looked at; this takes up to a minute\n", "Что проверяется; это займёт до минуты\n">());
    }
    void add(const doctor::findings& found) {
        if (!json_) return lines_.add(doctor::in_language(tongue(), found));
        for (const auto& one : found)
            put(stdout, doctor::json_line("probe", one) + "\n");
    }
    void end(const doctor::findings& boxes, const doctor::findings& seen) {
        if (json_) {
            for (const auto& one : boxes)
                put(stdout, doctor::json_line("box", one) + "\n");
            put(stdout, doctor::json_result(seen) + "\n");
            return;
        }
        lines_.end();
        doctor::findings shown;
        for (bool untried : {false, true})
            std::ranges::copy_if(boxes, std::back_inserter(shown), [&](const doctor::finding& box) {
                return (box.how == doctor::grade::skipped) == untried;
            });
        put(stdout, fmt::format("\nDefinition of Done\n{}\n{}\n",
                                doctor::words(doctor::in_language(tongue(), std::move(shown)),
                                              doctor::dress_for(STDOUT_FILENO)),
                                in_tongue(doctor::summary(seen))));
    }

private:
    bool json_;
    doctor::stream lines_{doctor::dress_for(STDOUT_FILENO), [](const std::string& text) { put(stdout, text); }};
};

/// The findings for wrong settings, with which nothing else can be examined.
doctor::findings wrong_settings(const std::vector<std::string>& lines) {
    doctor::findings all;
    for (const auto& line : lines)
        all.push_back(
            doctor::failed("settings", line,
                           said<"Correct it; `persais config check` shows where each comes from.",
                                "Исправьте; откуда взято каждое значение, покажет `persais config check`.">()));
    return all;
}

int doctor(const doctor_request& what) {
    auto [read, unknown] = read_in_force(); // that the database does not answer is a finding of its own
    auto& settings = read.made;
    printer out(what.json);
    if (!settings) {
        auto wrong = wrong_settings(settings.error());
        out.add(wrong);
        out.end(doctor::boxes(wrong, doctor::surroundings()), wrong);
        return 1;
    }
    set_up_log(*settings, spdlog::level::critical);
    auto seen = look(*settings, read.origins, what.offline, [&](const doctor::findings& found) { out.add(found); });
    if (!seen) {
        fmt::print(stderr, "{}", said<"persais doctor: interrupted\n", "persais doctor: прервано\n">());
        return 130;
    }
    out.end(doctor::boxes(*seen, doctor::surroundings()), *seen);
    return doctor::any_failed(*seen) ? 1 : 0;
}

} // namespace

void add_doctor(CLI::App& app, int& exit_code) {
    auto what = std::make_shared<doctor_request>();
    auto* doctor_command = app.add_subcommand(
        "doctor", said<"look at this machine and all that the settings name; exit 1 if something fails",
                       "проверить эту машину и всё, что названо в настройках; код 1, если что-то не работает">());
    doctor_command->add_flag("--json", what->json, said<"one JSON object a line", "по объекту JSON на строку">());
    doctor_command->add_flag(
        "--offline", what->offline,
        said<"ask nothing of model, Telegram, forge and remote; the database is looked at",
             "не обращаться к модели, Telegram, хостингу и репозиторию; база данных проверяется">());
    doctor_command->callback([what, &exit_code] { exit_code = doctor(*what); });
}

} // namespace persais::cli

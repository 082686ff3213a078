#include "cli/commands.hpp"
#include "cli/log.hpp"
#include "doctor/alone.hpp"
#include "doctor/boxes.hpp"
#include "doctor/examine.hpp"
#include "doctor/report.hpp"

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

std::optional<doctor::findings> look(const config::settings& settings, bool offline) {
    return doctor::run_alone<doctor::findings>([&](const asio::any_io_executor& executor, auto& kept) {
        auto visit = std::make_shared<doctor::visit>(executor, settings, exe_folder(), offline);
        kept.push_back(visit);
        return doctor::examine(visit->of);
    });
}

void show(const doctor::findings& boxes, const doctor::findings& seen, bool json) {
    if (json) {
        for (const auto& one : boxes)
            fmt::print("{}\n", doctor::json_line("box", one));
        for (const auto& one : seen)
            fmt::print("{}\n", doctor::json_line("probe", one));
        fmt::print("{}\n", doctor::json_result(seen));
        return;
    }
    auto dress = doctor::dress_for(1);
    fmt::print("Definition of Done\n{}\nWhat was looked at\n{}\n{}\n", doctor::words(boxes, dress),
               doctor::words(seen, dress), doctor::summary(seen));
}

/// The findings for wrong settings, with which nothing else can be examined.
doctor::findings wrong_settings(const std::vector<std::string>& lines) {
    doctor::findings all;
    for (const auto& line : lines)
        all.push_back(
            doctor::failed("settings", line, "Correct it; `persais config check` shows where each comes from."));
    return all;
}

int doctor(const doctor_request& what) {
    auto settings = config::load(config::process_environment(), fs::current_path());
    if (!settings) {
        auto wrong = wrong_settings(settings.error());
        show(doctor::boxes(wrong, doctor::surroundings()), wrong, what.json);
        return 1;
    }
    set_up_log(*settings, spdlog::level::critical);
    if (!what.json && ::isatty(2)) fmt::print(stderr, "Looking; this takes up to a minute.\n");
    auto seen = look(*settings, what.offline);
    if (!seen) {
        fmt::print(stderr, "persais doctor: interrupted\n");
        return 130;
    }
    show(doctor::boxes(*seen, doctor::surroundings()), *seen, what.json);
    return doctor::any_failed(*seen) ? 1 : 0;
}

} // namespace

void add_doctor(CLI::App& app, int& exit_code) {
    auto what = std::make_shared<doctor_request>();
    auto* doctor_command =
        app.add_subcommand("doctor", "look at this machine and all that the settings name; exit 1 if something fails");
    doctor_command->add_flag("--json", what->json, "one JSON object a line");
    doctor_command->add_flag("--offline", what->offline,
                             "ask nothing of model, Telegram, forge and remote; the database is looked at");
    doctor_command->callback([what, &exit_code] { exit_code = doctor(*what); });
}

} // namespace persais::cli

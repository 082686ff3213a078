#include "base/limits.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "config/read_file.hpp"
#include "doctor/draft.hpp"
#include "doctor/init.hpp"
#include "doctor/questions.hpp"

#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace persais::cli {

namespace fs = std::filesystem;

namespace {

struct init_flags {
    std::map<std::string, std::string> values, files; // a setting's name: its value, or the file that holds the value
    bool yes = false, no_test = false, all = false;
};

int run_init(const init_flags& flags) {
    std::error_code ec;
    doctor::init_request what{.folder = fs::current_path(),
                              .exe_folder = fs::read_symlink("/proc/self/exe", ec).parent_path(),
                              .variables = config::process_environment(),
                              .given = flags.values,
                              .yes = flags.yes,
                              .test = !flags.no_test,
                              .again = flags.all};
    for (const auto& [name, file] : flags.files) {
        auto text = config::read_file(file, limits::settings_file_bytes);
        if (text && text::trim(*text).empty()) text = fail("is empty");
        if (!text) {
            fmt::print(stderr, "persais init: the file for {}: {}: {}\n", name, file, text.error());
            return 2;
        }
        what.given[name] = text::trim(*text);
    }
    spdlog::set_level(spdlog::level::off); // the findings say what the log would
    return doctor::init(std::move(what));
}

} // namespace

void add_init(CLI::App& app, int& exit_code) {
    auto flags = std::make_shared<init_flags>();
    auto* init = app.add_subcommand("init", "ask for what is missing, test it, write .env in this folder");
    for (const auto& topic : doctor::topics())
        for (const auto& q : topic.questions) {
            std::string name(q.name), flag(q.flag);
            bool by_file = flag.ends_with("-file");
            auto keep = [flags, name, by_file](const std::string& given) {
                (by_file ? flags->files : flags->values)[name] = given;
            };
            init->add_option_function<std::string>(flag, keep,
                                                   by_file ? fmt::format("file that holds {}", name) : name);
            if (!by_file && config::is_secret(doctor::row_of(q.name)))
                init->add_option_function<std::string>(
                    flag + "-file", [flags, name](const std::string& given) { flags->files[name] = given; },
                    fmt::format("file that holds {} (a password in it is then in no process list)", name));
        }
    init->add_flag("--yes", flags->yes, "ask nothing: take flags, environment and what .env has");
    init->add_flag("--no-test", flags->no_test, "do not try the answers");
    init->add_flag("--all", flags->all, "ask for what is there already, too");
    init->callback([flags, &exit_code] { exit_code = run_init(*flags); });
}

} // namespace persais::cli

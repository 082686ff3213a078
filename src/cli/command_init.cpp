#include "base/limits.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/tongue.hpp"
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
        if (text && text::trim(*text).empty()) text = fail(told<"is empty", "пуст">());
        if (!text) {
            fmt::print(stderr, "{}",
                       said<"persais init: the file for {}: {}: {}\n", "persais init: файл для {}: {}: {}\n">(
                           name, file, in_tongue(text.error())));
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
    auto* init = app.add_subcommand("init", said<"ask for what is missing, test it, write .env in this folder",
                                                 "спросить недостающее, проверить и записать .env в этой папке">());
    for (const auto& topic : doctor::topics())
        for (const auto& q : topic.questions) {
            std::string name(q.name), flag(q.flag);
            bool by_file = flag.ends_with("-file");
            auto keep = [flags, name, by_file](const std::string& given) {
                (by_file ? flags->files : flags->values)[name] = given;
            };
            init->add_option_function<std::string>(
                flag, keep, by_file ? said<"file that holds {}", "файл, в котором лежит {}">(name) : name);
            if (!by_file && config::is_secret(doctor::row_of(q.name)))
                init->add_option_function<std::string>(
                    flag + "-file", [flags, name](const std::string& given) { flags->files[name] = given; },
                    said<"file that holds {} (a password in it is then in no process list)",
                         "файл, в котором лежит {} (тогда пароль не виден в списке процессов)">(name));
        }
    init->add_flag("--yes", flags->yes,
                   said<"ask nothing: take flags, environment and what .env has",
                        "ничего не спрашивать: взять флаги, окружение и то, что есть в .env">());
    init->add_flag("--no-test", flags->no_test, said<"do not try the answers", "не проверять ответы">());
    init->add_flag("--all", flags->all, said<"ask for what is there already, too", "спросить и то, что уже задано">());
    init->callback([flags, &exit_code] { exit_code = run_init(*flags); });
}

} // namespace persais::cli

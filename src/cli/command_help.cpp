#include "cli/command_table.hpp"
#include "cli/commands.hpp"
#include "cli/on_tasks.hpp"
#include "cli/tongue.hpp"

#include <memory>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace persais::cli {

void add_help(CLI::App& app, int& exit_code) {
    auto words = std::make_shared<std::vector<std::string>>();
    auto* command =
        app.add_subcommand("help", said<"what there is, or what one command takes, with examples",
                                        "какие есть команды или как пользоваться одной из них, с примерами">());
    command->add_option("command", *words, said<"one of the commands", "одна из команд">());
    command->callback([words, &app, &exit_code] {
        auto found = find_command(app, *words);
        if (!found) {
            exit_code = say("help", found.error());
            return;
        }
        auto name = fmt::format("persais{}{}", words->empty() ? "" : " ", fmt::join(*words, " "));
        fmt::print("{}", (*found)->get_formatter()->make_help(*found, name, CLI::AppFormatMode::Normal));
    });
}

} // namespace persais::cli

#include "cli/commands.hpp"
#include "cli/completion.hpp"
#include "cli/options.hpp"
#include "cli/tongue.hpp"

#include <memory>

#include <fmt/format.h>

namespace persais::cli {

void add_completion(CLI::App& app, int&) {
    auto shell = std::make_shared<std::string>();
    auto* command =
        app.add_subcommand("completion", said<"what makes the Tab key of a shell know the commands and flags",
                                              "подсказки команд и флагов по клавише Tab для оболочки">());
    command->add_option("shell", *shell, said<"bash, zsh or fish", "bash, zsh или fish">())
        ->required()
        ->check(choice_of({"bash", "zsh", "fish"}));
    command->callback([shell, &app] { fmt::print("{}", completion(*shell, command_table(app))); });
}

} // namespace persais::cli

#include "cli/commands.hpp"
#include "cli/completion.hpp"
#include "cli/options.hpp"

#include <memory>

#include <fmt/format.h>

namespace persais::cli {

void add_completion(CLI::App& app, int&) {
    auto shell = std::make_shared<std::string>();
    auto* command = app.add_subcommand("completion", "what makes the Tab key of a shell know the commands and flags");
    command->add_option("shell", *shell, "bash, zsh or fish")->required()->check(choice_of({"bash", "zsh", "fish"}));
    command->callback([shell, &app] { fmt::print("{}", completion(*shell, command_table(app))); });
}

} // namespace persais::cli

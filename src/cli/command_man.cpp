#include "cli/commands.hpp"
#include "cli/manual.hpp"
#include "cli/on_tasks.hpp"
#include "cli/tongue.hpp"

#include <memory>
#include <unistd.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace persais::cli {

namespace {

/// Shows a page by man(1); it is written as it is where no person reads, or where there is no man(1).
void show_page(const std::string& page) {
    if (::isatty(STDOUT_FILENO) == 1)
        if (std::FILE* man = ::popen("man -l - 2>/dev/null", "w")) {
            std::fwrite(page.data(), 1, page.size(), man);
            if (::pclose(man) == 0) return;
        }
    fmt::print("{}", page);
}

} // namespace

void add_man(CLI::App& app, int& exit_code) {
    auto words = std::make_shared<std::vector<std::string>>();
    auto* command =
        app.add_subcommand("man", said<"the manual of the program, or of one command, as a page for man(1)",
                                       "руководство по программе или по одной команде, страница для man(1)">());
    command->add_option("command", *words, said<"one of the commands", "одна из команд">());
    command->callback([words, &app, &exit_code] {
        if (auto found = find_command(app, *words); !found)
            exit_code = say("man", found.error());
        else
            show_page(manual(command_table(app), fmt::format("{}", fmt::join(*words, " "))));
    });
}

} // namespace persais::cli

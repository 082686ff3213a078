#pragma once
#include "base/result.hpp"

#include <span>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace persais::cli {

/// A flag, or a word without one, of a command.
struct argument {
    std::vector<std::string> names; // "--json"; "-d", "--detach"; of a word its name alone: "task"
    std::string what;
    std::string takes;              // "NUMBER", "WORDS"; empty: it takes no value
    std::vector<std::string> words; // that it takes; empty: any
    bool needed = false;
};

/// The commands as the program's parser has them, from which help, completions and manuals are made.
struct command_row {
    std::string name; // "config check"; of the program itself ""
    std::string what;
    std::string footer; // examples, and more
    std::vector<argument> flags, positionals;
    std::vector<command_row> below;
};

/// Without hidden commands.
command_row command_table(const CLI::App& app);

/// The names of all commands at any depth, in the table's order: "run", "config", "config check".
std::vector<std::string> command_names(const command_row& from);

/// The command of these words, {"config", "check"}; of none: the program. An error is a sentence that names the one
/// that was probably meant.
result<const CLI::App*> find_command(const CLI::App& app, std::span<const std::string> words);

} // namespace persais::cli

#pragma once
#include <string>

#include <CLI/CLI.hpp>

namespace persais::cli {

/// What was wrong with the words of a command line: "persais show: task: `abc` is not the number of a task; …", and a
/// second line that says where the command is explained. Names the command, flag or value that was probably meant.
std::string usage_error(const CLI::App& app, const CLI::ParseError& error);

} // namespace persais::cli

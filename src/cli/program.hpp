#pragma once
#include <CLI/CLI.hpp>

namespace persais::cli {

/// Makes `app` the whole program: each subcommand with its options, its callback and its examples. The callbacks set
/// `exit_code`, which outlives the parsing.
void make_program(CLI::App& app, int& exit_code);

} // namespace persais::cli

#include "cli/commands.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#ifndef PERSAIS_VERSION
#define PERSAIS_VERSION "0.1.0"
#endif

namespace persais::cli {

void add_version(CLI::App& app, int&) {
    app.add_subcommand("version", "print the version")->callback([] { fmt::print("persais {}\n", PERSAIS_VERSION); });
}

} // namespace persais::cli

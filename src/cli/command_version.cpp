#include "cli/commands.hpp"
#include "cli/version.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace persais::cli {

void add_version(CLI::App& app, int&) {
    app.add_subcommand("version", "print the version")->callback([] { fmt::print("persais {}\n", version); });
}

} // namespace persais::cli

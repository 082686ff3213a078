#include "cli/commands.hpp"
#include "cli/tongue.hpp"
#include "cli/version.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace persais::cli {

void add_version(CLI::App& app, int&) {
    app.add_subcommand("version", said<"print the version", "вывести версию">())->callback([] {
        fmt::print("{}\n", full_version());
    });
}

} // namespace persais::cli

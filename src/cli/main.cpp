#include "cli/log.hpp"
#include "cli/run.hpp"

#include <csignal>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#ifndef PERSAIS_VERSION
#define PERSAIS_VERSION "0.1.0"
#endif

namespace {

/// Settings or the lines that say what is wrong with them (exit 2).
std::optional<persais::config::settings> settings_or_say() {
    auto loaded = persais::config::load(persais::config::process_environment(), std::filesystem::current_path());
    if (loaded) return std::move(*loaded);
    for (auto& line : loaded.error())
        fmt::print(stderr, "persais: {}\n", line);
    return std::nullopt;
}

} // namespace

int main(int argc, char** argv) {
    std::signal(SIGPIPE, SIG_IGN);
    CLI::App app{"Persais: write what should change; it is changed, checked and pushed as a branch."};
    app.require_subcommand(1);
    int code = 0;

    persais::cli::run_request what;
    auto* run = app.add_subcommand("run", "one task in the foreground, to its end");
    run->add_option("instruction", what.instruction, "what should change, in quotes");
    run->add_option("--repo", what.repo, "URL or path of the repository (default: GIT_REMOTE_URL)");
    run->add_option("--setup", what.setup, "command that installs what the checks need; has the network");
    run->add_option("--check", what.check, "command that is green when the change is good; has no network");
    run->add_option("--base", what.base, "branch that the change stands on (default: the remote's HEAD)");
    run->add_option("--resume", what.resume, "go on with this interrupted task");
    run->add_flag("--json", what.json, "one JSON object a line");
    run->callback([&] {
        auto settings = settings_or_say();
        if (!settings) {
            code = 2;
            return;
        }
        persais::cli::set_up_log(*settings, spdlog::level::err);
        code = persais::cli::run(what, *settings);
    });
    app.add_subcommand("version", "print the version")->callback([] { fmt::print("persais {}\n", PERSAIS_VERSION); });

    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        return app.exit(e) == 0 ? 0 : 2;
    }
    return code;
}

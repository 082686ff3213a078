#include "cli/commands.hpp"

#include <csignal>

#include <CLI/CLI.hpp>

int main(int argc, char** argv) {
    std::signal(SIGPIPE, SIG_IGN);
    CLI::App app{"Persais: write what should change; it is changed, checked and pushed as a branch."};
    app.require_subcommand(1);
    int exit_code = 0;
    for (auto* add : {
             // in the order of the help
             persais::cli::add_init,
             persais::cli::add_doctor,
             persais::cli::add_serve,
             persais::cli::add_run,
             persais::cli::add_reply,
             persais::cli::add_ask,
             persais::cli::add_tasks,
             persais::cli::add_show,
             persais::cli::add_diff,
             persais::cli::add_log,
             persais::cli::add_abort,
             persais::cli::add_retry,
             persais::cli::add_budget,
             persais::cli::add_config,
             persais::cli::add_demo,
             persais::cli::add_version,
         })
        add(app, exit_code);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        return app.exit(e) == 0 ? 0 : 2;
    }
    return exit_code;
}

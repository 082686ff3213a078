#include "base/heap.hpp"
#include "base/private_process.hpp"
#include "cli/program.hpp"
#include "cli/usage_error.hpp"

#include <csignal>

#include <fmt/format.h>

int main(int argc, char** argv) {
    persais::keep_heap_small();
    std::signal(SIGPIPE, SIG_IGN);
    persais::make_process_private();
    CLI::App app;
    int exit_code = 0;
    persais::cli::make_program(app, exit_code);
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& wanted) { // --help, --version
        return app.exit(wanted);
    } catch (const CLI::ParseError& e) {
        fmt::print(stderr, "{}", persais::cli::usage_error(app, e));
        return 2;
    }
    if (app.get_subcommands().empty()) { // the help is of more use than the sentence that a command is missing
        fmt::print(stderr, "{}", app.help());
        return 2;
    }
    return exit_code;
}

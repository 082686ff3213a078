#include "cli/commands.hpp"
#include "cli/run.hpp"

#include <memory>

#include <CLI/CLI.hpp>

namespace persais::cli {

void add_ask(CLI::App& app, int& exit_code) {
    auto what = std::make_shared<run_request>();
    what->command = "ask";
    what->question = true;
    auto* ask = app.add_subcommand("ask", "a question about the code, answered; nothing is changed");
    ask->add_option("question", what->instruction, "in quotes")->required();
    ask->add_option("--repo", what->repo,
                    "URL or path of the repository (default: GIT_REMOTE_URL, else this checkout's remote)");
    ask->add_option("--base", what->base, "branch that is asked about (default: the remote's HEAD)");
    ask->add_flag("--detach,-d", what->detach, "leave it to the service (persais serve) and print its number");
    ask->add_flag("--json", what->json, "one JSON object a line");
    ask->callback([what, &exit_code] { exit_code = cli::run(*what); });
}

} // namespace persais::cli

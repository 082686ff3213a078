#include "cli/commands.hpp"
#include "cli/options.hpp"
#include "cli/run.hpp"

#include <memory>

#include <CLI/CLI.hpp>

namespace persais::cli {

void add_run(CLI::App& app, int& exit_code) {
    auto what = std::make_shared<run_request>();
    auto* run = app.add_subcommand("run", "one task in the foreground, to its end");
    run->add_option("instruction", what->instruction, "what should change, in quotes");
    run->add_option("--repo", what->repo,
                    "URL or path of the repository (default: GIT_REMOTE_URL, else this checkout's remote)");
    run->add_option("--setup", what->setup, "command that installs what the checks need; has the network");
    run->add_option("--check", what->check, "command that is green when the change is good; has no network");
    run->add_option("--base", what->base, "branch that the change stands on (default: the remote's HEAD)");
    run->add_option("--resume", what->resume, "go on with this interrupted task")->check(task_number());
    run->add_option("--from-answer", what->from_answer, "make the change that the answer to this question proposes")
        ->check(task_number());
    run->add_flag("--detach,-d", what->detach, "leave it to the service (persais serve) and print its number");
    run->add_flag("--json", what->json, "one JSON object a line");
    run->callback([what, &exit_code] { exit_code = cli::run(*what); });
}

} // namespace persais::cli

#include "cli/commands.hpp"
#include "cli/options.hpp"
#include "cli/run.hpp"

#include <memory>

#include <CLI/CLI.hpp>

namespace persais::cli {

void add_reply(CLI::App& app, int& exit_code) {
    auto what = std::make_shared<run_request>();
    what->command = "reply";
    auto* reply = app.add_subcommand("reply", "go on with a task that has ended: same branch, same conversation");
    reply->add_option("task", what->reply_to, "its number")->required()->check(task_number());
    reply->add_option("instruction", what->instruction, "what should change now, in quotes")->required();
    reply->add_flag("--detach,-d", what->detach,
                    "leave it to the service (persais serve); one that is under way goes on when it has ended");
    reply->add_flag("--json", what->json, "one JSON object a line");
    reply->callback([what, &exit_code] { exit_code = cli::run(*what); });
}

} // namespace persais::cli

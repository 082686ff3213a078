#include "cli/commands.hpp"
#include "cli/options.hpp"
#include "cli/run.hpp"
#include "cli/tongue.hpp"

#include <memory>

#include <CLI/CLI.hpp>

namespace persais::cli {

void add_reply(CLI::App& app, int& exit_code) {
    auto what = std::make_shared<run_request>();
    what->command = "reply";
    auto* reply = app.add_subcommand("reply", said<"go on with a task that has ended: same branch, same conversation",
                                                   "продолжить законченную задачу: та же ветка, тот же разговор">());
    reply->add_option("task", what->reply_to, said<"its number", "номер задачи">())->required()->check(task_number());
    reply
        ->add_option("instruction", what->instruction,
                     said<"what should change now, in quotes", "что изменить теперь, в кавычках">())
        ->required();
    reply->add_flag("--detach,-d", what->detach,
                    said<"leave it to the service (persais serve); one that is under way goes on when it has ended",
                         "оставить сервису (persais serve); если задача выполняется, он займётся этим после неё">());
    reply->add_flag("--json", what->json, said<"one JSON object a line", "по объекту JSON на строку">());
    reply->callback([what, &exit_code] { exit_code = cli::run(*what); });
}

} // namespace persais::cli

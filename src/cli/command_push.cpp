#include "cli/commands.hpp"
#include "cli/options.hpp"
#include "cli/run.hpp"
#include "cli/tongue.hpp"

#include <memory>

#include <CLI/CLI.hpp>

namespace persais::cli {

void add_push(CLI::App& app, int& exit_code) {
    auto what = std::make_shared<run_request>();
    what->command = "push";
    auto task = std::make_shared<long long>(0);
    auto* push = app.add_subcommand("push", said<"push what a task holds because it looks as if it had a credential",
                                                 "отправить то, что задача удерживает из-за похожего на секрет">());
    push->add_option("task", *task, said<"its number", "номер задачи">())->required()->check(task_number());
    push->add_flag("--detach,-d", what->detach,
                   said<"leave it to the service (persais serve)", "оставить это сервису (persais serve)">());
    push->add_flag("--json", what->json, said<"one JSON object a line", "по объекту JSON на строку">());
    push->callback([what, task, &exit_code] {
        what->push = *task;
        exit_code = cli::run(*what);
    });
}

} // namespace persais::cli

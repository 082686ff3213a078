#include "app/doorbell.hpp"
#include "cli/commands.hpp"
#include "cli/on_tasks.hpp"
#include "cli/options.hpp"
#include "cli/tongue.hpp"
#include "service/tasks.hpp"

#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace persais::cli {

namespace {

/// on_tasks() owns `db` and `settings`. Whoever can run this program is an admin.
awaitable<int> raise_one(task_id id, double usd, app::database& db, const config::settings& settings) {
    system_clock time;
    auto done = co_await service::tasks(settings, db.tasks(), time)
                    .raise_budget(id, usd, service::role::admin, service::relation::owns);
    if (!done) co_return say("budget", done.error().sentence);
    app::ring(settings.data);
    fmt::print(
        "{}", said<"Task {} may spend ${:.2f} in all.\n", "Задача {} может потратить всего ${:.2f}.\n">(id.value, usd));
    co_return 0;
}

} // namespace

void add_budget(CLI::App& app, int& exit_code) {
    auto task = std::make_shared<std::int64_t>(0);
    auto usd = std::make_shared<double>(0);
    auto* command = app.add_subcommand("budget", said<"let a task spend more; one that waits for that goes on",
                                                      "увеличить бюджет задачи; та, что ждёт этого, продолжится">());
    command->add_option("task", *task, said<"its number", "номер задачи">())->required()->check(task_number());
    command
        ->add_option("usd", *usd,
                     said<"dollars that it may spend in all", "сколько долларов она может потратить всего">())
        ->required()
        ->check(dollars_amount());
    command->callback([task, usd, &exit_code] {
        exit_code = on_tasks({.word = "budget",
                              .why = app::database_options::purpose::changing,
                              .work = [task, usd](app::database& db, const config::settings& settings) {
                                  return raise_one({*task}, *usd, db, settings);
                              }});
    });
}

} // namespace persais::cli

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

/// Prints the new task's number as one line on standard output, as `persais run --detach` does.
awaitable<int> retry_one(task_id id, app::database& db, const config::settings& settings) { // on_tasks() owns both
    system_clock time;
    auto added = co_await service::tasks(settings, db.tasks(), time).retry(id);
    if (!added) co_return say("retry", added.error().sentence);
    bool heard = app::ring(settings.data) > 0;
    fmt::print("{}\n", added->value);
    auto anew =
        *added == id
            ? said<"Task {} does its last turn anew", "Последнее дополнение к задаче {} выполняется заново">(id.value)
            : said<"Task {} does task {} anew", "Задача {} заново выполняет задачу {}">(added->value, id.value);
    fmt::print(stderr, "{}{}.\n", anew,
               heard
                   ? ""
                   : said<"; no service runs on this data folder, so `persais serve` here or elsewhere takes it later",
                          "; с этой папкой данных сервис не работает, поэтому её возьмёт `persais serve`, запущенный "
                          "позже здесь или на другой машине">());
    co_return 0;
}

} // namespace

void add_retry(CLI::App& app, int& exit_code) {
    auto task = std::make_shared<std::int64_t>(0);
    auto* command =
        app.add_subcommand("retry", said<"give a task that has ended again, as a new one, and print its number",
                                         "выполнить законченную задачу заново, как новую, и вывести её номер">());
    command->add_option("task", *task, said<"its number", "номер задачи">())->required()->check(task_number());
    command->callback([task, &exit_code] {
        exit_code = on_tasks({.word = "retry",
                              .why = app::database_options::purpose::changing,
                              .work = [task](app::database& db, const config::settings& settings) {
                                  return retry_one({*task}, db, settings);
                              }});
    });
}

} // namespace persais::cli

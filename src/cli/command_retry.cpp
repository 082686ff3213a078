#include "app/doorbell.hpp"
#include "cli/commands.hpp"
#include "cli/on_tasks.hpp"
#include "cli/options.hpp"
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
    auto anew = *added == id ? fmt::format("Task {} does its last turn anew", id.value)
                             : fmt::format("Task {} does task {} anew", added->value, id.value);
    fmt::print(stderr, "{}{}.\n", anew,
               heard ? ""
                     : "; no service runs on this data folder, so `persais serve` here or elsewhere takes it later");
    co_return 0;
}

} // namespace

void add_retry(CLI::App& app, int& exit_code) {
    auto task = std::make_shared<std::int64_t>(0);
    auto* command = app.add_subcommand("retry", "give a task that has ended again, as a new one, and print its number");
    command->add_option("task", *task, "its number")->required()->check(task_number());
    command->callback([task, &exit_code] {
        exit_code = on_tasks({.word = "retry",
                              .why = app::database_options::purpose::changing,
                              .work = [task](app::database& db, const config::settings& settings) {
                                  return retry_one({*task}, db, settings);
                              }});
    });
}

} // namespace persais::cli

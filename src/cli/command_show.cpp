#include "cli/commands.hpp"
#include "cli/on_tasks.hpp"
#include "cli/options.hpp"
#include "cli/task_card.hpp"
#include "cli/terminal.hpp"
#include "cli/tongue.hpp"
#include "llm/ledger.hpp"
#include "memory/recall.hpp"

#include <memory>

#include <boost/json.hpp>
#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace persais::cli {

namespace {

struct show_request {
    std::optional<std::int64_t> task;
    bool json = false;
};

awaitable<int> show_task(const show_request& what, app::database& db,
                         const config::settings& settings) { // they outlive the command's loop
    auto which = co_await choose(db, what.task);
    if (!which) co_return say("show", which.error());
    auto id = which->found.task.id;
    auto around = co_await queue::load_task_metadata(db.pool(), id);
    if (!around)
        co_return say("show",
                      said<"There is no task {}.", "Задачи {} нет.">(id.value)); // deleted between the two reads
    system_clock time;
    task_card card{std::move(which->found.task),
                   std::move(*around),
                   co_await llm::ledger(db.pool(), time).spent_by(id, {}),
                   co_await db.tasks().turns_of(id),
                   co_await service::tasks(settings, db.tasks(), time).approvals_of(id),
                   co_await memory::given_to(db.pool(), id)};
    put(stdout, what.json ? json_line(card_json(card)) : card_text(card));
    co_return 0;
}

} // namespace

void add_show(CLI::App& app, int& exit_code) {
    auto what = std::make_shared<show_request>();
    auto* command = app.add_subcommand(
        "show", said<"how a task stands: what was asked, made, checked and spent, what to do",
                     "как обстоят дела с задачей: что просили, сделано, проверено и потрачено, что делать дальше">());
    command
        ->add_option("task", what->task,
                     said<"its number (default: the newest task)", "номер задачи (по умолчанию самая новая)">())
        ->check(task_number());
    command->add_flag("--json", what->json, said<"one JSON object", "один объект JSON">());
    command->callback([what, &exit_code] {
        exit_code = on_tasks({.word = "show", .work = [what](app::database& db, const config::settings& settings) {
                                  return show_task(*what, db, settings);
                              }});
    });
}

} // namespace persais::cli

// `persais status`: what /status of a chat shows of the queue, whose turn it is to land, and what waits for approvals.
#include "cli/commands.hpp"
#include "cli/lane_words.hpp"
#include "cli/on_tasks.hpp"
#include "cli/task_words.hpp"
#include "cli/terminal.hpp"
#include "cli/tongue.hpp"
#include "queue/approvals.hpp"
#include "queue/audit.hpp"
#include "queue/overview.hpp"

#include <memory>

#include <boost/json.hpp>
#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace persais::cli {

namespace {

awaitable<int> show_status(bool as_json, app::database& db, const config::settings& settings) {
    system_clock time;
    service::tasks rules(settings, db.tasks(), time);
    status shown{.now = co_await queue::overview_of(db.pool()),
                 .lanes = co_await queue::lanes_of(db.pool()),
                 .approvals = co_await rules.approvals_of(co_await queue::tasks_with_approvals(db.pool())),
                 .day_budget_usd = settings.budget_day_usd,
                 .backup = co_await queue::backup_state_of(db.pool()),
                 .paused = co_await queue::paused(db.pool())};
    put(stdout, as_json ? json_line(status_json(shown)) : status_words(shown));
    co_return 0;
}

} // namespace

void add_status(CLI::App& app, int& exit_code) {
    auto as_json = std::make_shared<bool>(false);
    auto* command = app.add_subcommand(
        "status", said<"how much is under way, what it cost today, and which task is being deployed",
                       "сколько выполняется, сколько потрачено за день и какая задача выкладывается">());
    command->add_flag("--json", *as_json, said<"one JSON object", "объект JSON">());
    command->callback([as_json, &exit_code] {
        exit_code = on_tasks({.word = "status", .work = [as_json](app::database& db, const config::settings& settings) {
                                  return show_status(*as_json, db, settings);
                              }});
    });
}

} // namespace persais::cli

// `persais costs`: what the calls to models came to, from the ledger.
#include "cli/commands.hpp"
#include "cli/cost_table.hpp"
#include "cli/on_tasks.hpp"
#include "cli/options.hpp"
#include "cli/terminal.hpp"
#include "cli/tongue.hpp"

#include <memory>

#include <CLI/CLI.hpp>

namespace persais::cli {

namespace {

struct cost_request {
    std::string by = "day", since, until;
    bool csv = false, json = false;
};

queue::costs_of group_of(const std::string& by) {
    using enum queue::costs_of;
    if (by == "repository") return repository;
    if (by == "person") return person;
    if (by == "model") return model;
    return by == "task" ? task : day;
}

awaitable<int> show_costs(const cost_request& what, app::database& db) { // `what` outlives the command's loop
    auto given = [](const std::string& day) { return day.empty() ? std::nullopt : std::optional(day); };
    auto all = co_await queue::costs(db.pool(), group_of(what.by), given(what.since),
                                     what.until.empty() ? std::nullopt : std::optional(day_after(what.until)));
    if (what.json) {
        for (const auto& each : all)
            if (!put(stdout, json_line(cost_json(what.by, each)))) break;
        co_return 0;
    }
    put(stdout, what.csv ? costs_csv(what.by, all) : cost_table(what.by, all));
    co_return 0;
}

} // namespace

void add_costs(CLI::App& app, int& exit_code) {
    auto what = std::make_shared<cost_request>();
    auto* command =
        app.add_subcommand("costs", said<"what models cost, from the ledger: by day, repository, person, model",
                                         "сколько стоили модели, по учёту: по дням, репозиториям, людям, моделям">());
    command
        ->add_option("--by", what->by,
                     said<"a line for each day, repository, person, model or task",
                          "строка на каждый день, репозиторий, человека, модель или задачу">())
        ->check(choice_of({"day", "repository", "person", "model", "task"}))
        ->capture_default_str();
    command
        ->add_option("--since", what->since,
                     said<"the first day (UTC), as 2026-11-01", "первый день (UTC): 2026-11-01">())
        ->check(calendar_day());
    command->add_option("--until", what->until, said<"the last day (UTC)", "последний день (UTC)">())
        ->check(calendar_day());
    auto* csv =
        command->add_flag("--csv", what->csv, said<"comma-separated, with all digits", "CSV, со всеми цифрами">());
    command->add_flag("--json", what->json, said<"one JSON object a line", "по объекту JSON на строку">())
        ->excludes(csv);
    command->callback([what, &exit_code] {
        exit_code =
            on_tasks({.word = "costs",
                      .work = [what](app::database& db, const config::settings&) { return show_costs(*what, db); },
                      .none =
                          [what](const std::string&) {
                              if (!what->json)
                                  put(stdout, what->csv ? costs_csv(what->by, {}) : cost_table(what->by, {}));
                              return 0;
                          }});
    });
}

} // namespace persais::cli

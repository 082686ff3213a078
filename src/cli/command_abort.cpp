#include "app/doorbell.hpp"
#include "cli/commands.hpp"
#include "cli/limits.hpp"
#include "cli/on_tasks.hpp"
#include "cli/options.hpp"
#include "mechanic/step.hpp"
#include "service/tasks.hpp"

#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace persais::cli {

namespace {

/// The task when it has settled, or as it is when limits::abort_seen_within is over.
awaitable<mechanic::task> wait_for_end(app::database& db, mechanic::task t) {
    const auto until = std::chrono::steady_clock::now() + limits::abort_seen_within;
    while (!mechanic::is_settled(t.now) && std::chrono::steady_clock::now() < until) {
        co_await sleep_for(limits::abort_look_every);
        auto found = co_await db.tasks().load(t.id);
        if (!found) break;
        t = std::move(found->task);
    }
    co_return t;
}

std::string turn_aborted(task_id id) {
    return fmt::format("The turn of task {} that was under way is aborted; the result before it is in review again.\n",
                       id.value);
}

awaitable<int> abort_one(task_id id, app::database& db, const config::settings& settings) { // on_tasks() owns both
    system_clock time;
    auto ended = co_await service::tasks(settings, db.tasks(), time).abort(id);
    if (!ended) co_return say("abort", ended.error().sentence);
    app::ring(settings.data);
    if (*ended == service::abort_end::aborted) {
        fmt::print("Task {} is aborted.\n", id.value);
        co_return 0;
    }
    if (*ended == service::abort_end::turn_aborted) {
        fmt::print("{}", turn_aborted(id));
        co_return 0;
    }
    fmt::print("Task {} is under way; its worker was asked to abort it.\n", id.value);
    std::fflush(stdout);
    auto found = co_await db.tasks().load(id);
    if (!found) co_return say("abort", fmt::format("There is no task {}.", id.value));
    auto t = co_await wait_for_end(db, std::move(found->task));
    if (std::holds_alternative<mechanic::aborted>(t.now)) {
        fmt::print("Task {} is aborted.\n", id.value);
    } else if (mechanic::verdict_of(t) == mechanic::verdict::aborted) {
        fmt::print("{}", turn_aborted(id));
    } else if (auto how = mechanic::verdict_of(t); how && mechanic::is_settled(t.now)) {
        co_return say("abort", fmt::format("Task {} ended before it could be aborted: {}.", id.value, words(*how)));
    } else {
        fmt::print("It is {} still; it ends as soon as its worker hears of it (`persais show {}`).\n",
                   mechanic::name_of(t.now), id.value);
    }
    co_return 0;
}

} // namespace

void add_abort(CLI::App& app, int& exit_code) {
    auto task = std::make_shared<std::int64_t>(0);
    auto* command = app.add_subcommand("abort", "end a task that has not ended; nothing more of it is pushed");
    command->add_option("task", *task, "its number")->required()->check(task_number());
    command->callback([task, &exit_code] {
        exit_code = on_tasks({.word = "abort",
                              .why = app::database_options::purpose::changing,
                              .work = [task](app::database& db, const config::settings& settings) {
                                  return abort_one({*task}, db, settings);
                              }});
    });
}

} // namespace persais::cli

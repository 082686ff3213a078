#include "app/doorbell.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/discard.hpp"
#include "cli/limits.hpp"
#include "cli/on_tasks.hpp"
#include "cli/options.hpp"
#include "cli/tongue.hpp"
#include "mechanic/state_words.hpp"
#include "mechanic/step.hpp"
#include "service/tasks.hpp"

#include <iostream>
#include <memory>
#include <unistd.h>

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

struct abort_request {
    std::int64_t task = 0;
    bool yes = false;
};

std::string turn_aborted(task_id id) {
    return said<"The turn of task {} that was under way is aborted; the result before it is in review again.\n",
                "Текущее дополнение к задаче {} прервано; снова действует прежний результат.\n">(id.value);
}

int too_late(task_id id, std::string_view ended_as) {
    return say("abort",
               said<"Task {} ended before it could be aborted: {}.",
                    "Задача {} закончилась раньше, чем её удалось прервать: {}.">(id.value, in_tongue(ended_as)));
}

/// What became of a task that was on its way to the base branch, or back; the result that it has stays in any case.
int landing_ended(const mechanic::task& t) {
    if (t.known.not_landed.empty()) return too_late(t.id, mechanic::word_of(t.now));
    fmt::print("{}",
               said<"Task {}: {}\n", "Задача {}: {}\n">(t.id.value, text::printable(in_tongue(t.known.not_landed))));
    return 0;
}

/// Whether the person wants this task to end though its result stands; nullopt: there is no person to ask.
std::optional<bool> wants_to_lose(const mechanic::task& t) {
    if (::isatty(STDIN_FILENO) != 1 || ::isatty(STDOUT_FILENO) != 1) return std::nullopt;
    fmt::print("{}",
               said<"Task {} has a result in review: {}. {}Discard it? [y/N] ",
                    "У задачи {} есть результат: {}. {}Отклонить его? [y/N] ">(
                   t.id.value, in_tongue(mechanic::words(std::get<mechanic::review>(t.now).how)), branch_stays(t)));
    std::fflush(stdout);
    std::string line;
    std::getline(std::cin, line);
    return line == "y" || line == "Y" || line == "yes" || line == "д" || line == "Д" || line == "да";
}

/// Asks about a result that stands. nullopt: it may be aborted; else the exit code.
std::optional<int> asked_first(const mechanic::task& t, bool yes) {
    if (yes || !std::holds_alternative<mechanic::review>(t.now)) return std::nullopt;
    auto wanted = wants_to_lose(t);
    if (!wanted)
        return say("abort", said<"Task {} has a result in review, and its branch {} stays where it is: --yes "
                                 "discards the result all the same.",
                                 "У задачи {} есть результат, а её ветка {} останется на месте: чтобы всё равно "
                                 "отклонить результат, добавьте --yes.">(t.id.value, t.known.branch));
    if (*wanted) return std::nullopt;
    fmt::print("{}", said<"Nothing was changed.\n", "Ничего не изменено.\n">());
    return 0;
}

awaitable<int> abort_one(const abort_request& what, app::database& db,
                         const config::settings& settings) { // on_tasks() owns the last two, the command the first
    task_id id{what.task};
    system_clock time;
    auto before = co_await db.tasks().load(id);
    if (!before) co_return say("abort", said<"There is no task {}.", "Задачи {} нет.">(id.value));
    if (auto code = asked_first(before->task, what.yes)) co_return *code;
    auto* result = std::get_if<mechanic::review>(&before->task.now);
    auto ended = co_await service::tasks(settings, db.tasks(), time).abort(id, result ? result->commit : "");
    if (!ended) co_return say("abort", ended.error().sentence);
    app::ring(settings.data);
    if (*ended == service::abort_end::aborted) {
        fmt::print("{}",
                   said<"Task {} is aborted.\n{}", "Задача {} прервана.\n{}">(id.value, branch_stays(before->task)));
        co_return 0;
    }
    if (*ended == service::abort_end::discarded) {
        fmt::print("{}", discarded_words(before->task));
        co_return 0;
    }
    // One that a worker is asked to stop is seen here alone.
    const bool landing = *ended == service::abort_end::landing || before->task.known.lands.has_value() ||
                         !before->task.known.was.empty();
    if (*ended == service::abort_end::turn_aborted) {
        fmt::print("{}", turn_aborted(id));
        co_return 0;
    }
    if (*ended == service::abort_end::asked)
        fmt::print("{}", said<"Task {} is under way; its worker was asked to abort it.\n",
                              "Задача {} выполняется; сервису передана просьба прервать её.\n">(id.value));
    std::fflush(stdout);
    auto found = co_await db.tasks().load(id);
    if (!found) co_return say("abort", said<"There is no task {}.", "Задачи {} нет.">(id.value));
    auto t = co_await wait_for_end(db, std::move(found->task));
    if (landing && mechanic::is_settled(t.now)) {
        co_return landing_ended(t);
    } else if (std::holds_alternative<mechanic::aborted>(t.now)) {
        fmt::print("{}", said<"Task {} is aborted.\n{}", "Задача {} прервана.\n{}">(id.value, branch_stays(t)));
    } else if (mechanic::verdict_of(t) == mechanic::verdict::aborted) {
        fmt::print("{}", turn_aborted(id));
    } else if (auto how = mechanic::verdict_of(t); how && mechanic::is_settled(t.now)) {
        co_return too_late(id, words(*how));
    } else {
        fmt::print(
            "{}",
            said<"It is {} still; it ends as soon as its worker hears of it (`persais show {}`).\n",
                 "Её состояние пока прежнее: {}; она закончится, как только просьба дойдёт (`persais show {}`).\n">(
                in_tongue(mechanic::word_of(t.now)), id.value));
    }
    co_return 0;
}

} // namespace

void add_abort(CLI::App& app, int& exit_code) {
    auto what = std::make_shared<abort_request>();
    auto* command = app.add_subcommand(
        "abort", said<"end a task that has not ended; nothing more of it is pushed, and what "
                      "is pushed stays",
                      "прервать незаконченную задачу; больше ничего не отправляется, отправленное остаётся">());
    command->add_option("task", what->task, said<"its number", "номер задачи">())->required()->check(task_number());
    command->add_flag("--yes,-y", what->yes,
                      said<"do not ask when its result is in review", "не спрашивать, если у задачи есть результат">());
    command->callback([what, &exit_code] {
        exit_code = on_tasks({.word = "abort",
                              .why = app::database_options::purpose::changing,
                              .work = [what](app::database& db, const config::settings& settings) {
                                  return abort_one(*what, db, settings);
                              }});
    });
}

} // namespace persais::cli

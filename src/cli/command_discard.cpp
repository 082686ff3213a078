// `persais discard` and `persais undiscard`.
#include "app/doorbell.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/discard.hpp"
#include "cli/landing.hpp"
#include "cli/on_tasks.hpp"
#include "cli/options.hpp"
#include "cli/report.hpp"
#include "cli/tongue.hpp"
#include "mechanic/step.hpp"
#include "service/tasks.hpp"

#include <iostream>
#include <memory>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace persais::cli {

namespace {

struct discard_request {
    std::int64_t task = 0;
    bool back = false; // undiscard
    bool yes = false;
    const char* word() const { return back ? "undiscard" : "discard"; }
};

/// Shows what would be put away and asks. nullopt: yes; else the exit code.
std::optional<int> asked(const discard_request& what, const mechanic::task& t, const mechanic::review& s) {
    if (what.yes) return std::nullopt;
    auto shown =
        said<"Task {} has a result in review: {}, commit {}. {}", "У задачи {} есть результат: {}, коммит {}. {}">(
            t.id.value, in_tongue(words(s.how)), s.commit.substr(0, 10), branch_stays(t));
    if (::isatty(STDIN_FILENO) != 1 || ::isatty(STDOUT_FILENO) != 1)
        return say(what.word(), said<"{} There is no terminal to ask at: --yes says so.",
                                     "{} Спросить не у кого, нужен терминал или --yes.">(text::trim(shown)));
    fmt::print("{}", said<"{}Discard it? [y/N] ", "{}Отклонить его? [y/N] ">(shown));
    std::fflush(stdout);
    std::string line;
    std::getline(std::cin, line);
    if (line == "y" || line == "Y" || line == "yes" || line == "д" || line == "Д" || line == "да") return std::nullopt;
    fmt::print("{}", said<"Nothing was changed.\n", "Ничего не изменено.\n">());
    return 0;
}

awaitable<int> decide(const discard_request& what, app::database& db,
                      const config::settings& settings) { // on_tasks() owns the last two, the command the first
    task_id id{what.task};
    system_clock time;
    service::tasks rules(settings, db.tasks(), time);
    std::string commit;
    auto before = co_await rules.load(id);
    if (auto* s = before ? std::get_if<mechanic::review>(&before->task.now) : nullptr; s && !what.back) {
        if (auto code = asked(what, before->task, *s)) co_return *code;
        commit = s->commit;
    }
    auto done = what.back ? co_await rules.undiscard(id) : co_await rules.discard(id, commit);
    if (!done) co_return say(what.word(), done.error().sentence);
    app::ring(settings.data);
    auto after = co_await rules.load(id);
    if (!after) co_return 3;
    if (what.back)
        fmt::print(
            "{}{}",
            said<"The result of task {} is there again: {}.\n", "Результат задачи {} возвращён: {}.\n">(
                id.value, in_tongue(words(mechanic::verdict_of(after->task).value_or(mechanic::verdict::ready)))),
            next_line(after->task));
    else
        fmt::print("{}", discarded_words(after->task));
    co_return 0;
}

void add(CLI::App& command, const std::shared_ptr<discard_request>& what, int& exit_code) {
    command.add_option("task", what->task, said<"its number", "номер задачи">())->required()->check(task_number());
    command.callback([what, &exit_code] {
        exit_code = on_tasks({.word = what->word(),
                              .why = app::database_options::purpose::changing,
                              .work = [what](app::database& db, const config::settings& settings) {
                                  return decide(*what, db, settings);
                              }});
    });
}

} // namespace

void add_discard(CLI::App& app, int& exit_code) {
    auto what = std::make_shared<discard_request>();
    auto* command = app.add_subcommand(
        "discard", said<"put a task's result away; its branch stays, and `undiscard` takes it up again",
                        "отклонить результат задачи; ветка остаётся, а `undiscard` возвращает его">());
    add(*command, what, exit_code);
    command->add_flag("--yes,-y", what->yes, said<"do not ask", "не спрашивать">());
}

void add_undiscard(CLI::App& app, int& exit_code) {
    auto what = std::make_shared<discard_request>();
    what->back = true;
    auto* command = app.add_subcommand(
        "undiscard",
        said<"take a discarded result up again, as it was", "вернуть отклонённый результат таким, каким он был">());
    add(*command, what, exit_code);
}

} // namespace persais::cli

#include "cli/commands.hpp"
#include "cli/limits.hpp"
#include "cli/on_tasks.hpp"
#include "cli/options.hpp"
#include "cli/task_table.hpp"
#include "cli/task_words.hpp"
#include "cli/terminal.hpp"
#include "cli/tongue.hpp"
#include "mechanic/task.hpp"

#include <memory>

#include <boost/json.hpp>
#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace persais::cli {

namespace {

std::string adds_one() {
    return said<"`persais run --detach \"what should change\"` adds one",
                "добавить задачу: `persais run --detach \"что изменить\"`">();
}

/// What --state takes without showing it: the English words, and the names that programs read.
std::vector<std::string> also_taken() {
    auto all = mechanic::state_names();
    std::ranges::copy(state_choices(i18n::language::en), std::back_inserter(all));
    return all;
}

struct tasks_request {
    bool all = false;
    std::string state;
    int most = limits::tasks_shown;
    bool json = false;
};

std::string nothing(const tasks_request& what, bool any) {
    if (!any) return said<"No tasks yet: {}.\n", "Задач пока нет: {}.\n">(adds_one());
    if (!what.state.empty()) return said<"No task is {}.\n", "Задач с состоянием {} нет.\n">(what.state);
    return said<
        "Nothing is under way, and nothing ended in the last day; `persais tasks --all` shows what ended before.\n",
        "Сейчас ничего не выполняется, и за последние сутки ничего не закончилось; более ранние задачи покажет "
        "`persais tasks --all`.\n">();
}

/// There is no database yet, which is no trouble.
int no_list(const tasks_request& what, const std::string& where) {
    if (!what.json)
        put(stdout, said<"No tasks yet: {}; {}.\n", "Задач пока нет: {}; {}.\n">(in_tongue(where), adds_one()));
    return 0;
}

awaitable<int> show_list(const tasks_request& what, app::database& db) { // `what` outlives the command's loop
    queue::list_filter filter{.most = what.most + 1};                    // one more shows whether there are more
    if (!what.state.empty()) {
        auto chosen = chosen_state(what.state);
        filter.state = chosen.state;
        filter.verdict = chosen.verdict;
    }
    if (what.state.empty() && !what.all) filter.ended_within = limits::recently_ended;
    auto found = co_await queue::list(db.pool(), filter);
    bool more = found.size() > static_cast<std::size_t>(what.most);
    if (more) found.pop_back();
    if (what.json) {
        for (const auto& each : found)
            if (!put(stdout, json_line(summary_json(each)))) break;
        co_return 0;
    }
    if (found.empty()) {
        put(stdout, nothing(what, (co_await queue::newest(db.pool())).has_value()));
        co_return 0;
    }
    put(stdout, task_table(found, system_clock().now(), columns_of(stdout)));
    if (more)
        put(stdout,
            said<"Older ones: -n {}\n", "Более ранние: -n {}\n">(std::min(what.most * 2, limits::tasks_shown_most)));
    co_return 0;
}

} // namespace

void add_tasks(CLI::App& app, int& exit_code) {
    auto what = std::make_shared<tasks_request>();
    auto* command = app.add_subcommand(
        "tasks", said<"the tasks, the newest first: those under way, those in review, those that ended "
                      "within a day",
                      "задачи, начиная с самых новых: выполняемые, с результатом и законченные за последние сутки">());
    auto* all = command->add_flag("--all,-a", what->all,
                                  said<"also those that ended before", "и те, что закончились раньше">());
    command
        ->add_option("--state", what->state,
                     said<"only those of which the column STATE says this: waiting, in-review, tests-red, …",
                          "только задачи с таким состоянием: ждёт, есть-результат, проверки-не-прошли, …">())
        ->option_text("STATE")
        ->transform(choice_of(state_choices(tongue()), also_taken()))
        ->excludes(all);
    command->add_option("-n", what->most, said<"how many at most", "сколько задач показать, не больше">())
        ->check(whole_number(1, limits::tasks_shown_most))
        ->capture_default_str();
    command->add_flag("--json", what->json, said<"one JSON object a line", "по объекту JSON на строку">());
    command->callback([what, &exit_code] {
        exit_code =
            on_tasks({.word = "tasks",
                      .work = [what](app::database& db, const config::settings&) { return show_list(*what, db); },
                      .none = [what](const std::string& where) { return no_list(*what, where); }});
    });
}

} // namespace persais::cli

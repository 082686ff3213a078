// `persais pause` and `persais resume`: all spending is stopped, and goes on.
#include "app/doorbell.hpp"
#include "cli/budget_words.hpp"
#include "cli/commands.hpp"
#include "cli/on_tasks.hpp"
#include "cli/terminal.hpp"
#include "cli/tongue.hpp"
#include "queue/overview.hpp"
#include "queue/tasks.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace persais::cli {

namespace {

awaitable<int> pause_all(app::database& db, const config::settings& settings) { // on_tasks() owns both
    co_await db.pool().transact({queue::begin_pause(std::string(queue::terminal))});
    app::ring(settings.data);
    auto since = co_await queue::paused(db.pool());
    auto now = co_await queue::overview_of(db.pool());
    if (since) put(stdout, pause_words(*since));
    put(stdout, said<"{} running: they stop when they ask a model, and wait with no attempt lost; {} queued, {} "
                     "waiting stay. Checks, "
                     "pushes, deploys and rollbacks go on, because they cost nothing.\n",
                     "Выполняется: {} — остановятся, когда понадобится модель, и будут ждать, попытка не теряется; в "
                     "очереди {}, ждут "
                     "{} — остаются. Проверки, отправка, выкладка и откат ничего не стоят и продолжаются.\n">(
                    now.running, now.queued, now.waiting));
    co_return 0;
}

awaitable<int> go_on(app::database& db, const config::settings& settings) { // on_tasks() owns both
    auto ended = co_await db.pool().transact({queue::end_pause(std::string(queue::terminal))});
    app::ring(settings.data);
    bool was = ended.front().number(0, 0) > 0;
    put(stdout,
        was ? said<"Spending goes on; {0} {0:task|tasks} that waited for it {0:goes|go} on, too.\n",
                   "Расходы возобновлены; {0:продолжается|продолжаются|продолжается} {0} {0:ждавшая|ждавшие|ждавших} "
                   "этого {0:задача|задачи|задач}.\n">(number{ended.front().number(0, 1)})
            : said<"Spending is not paused.\n", "Расходы не приостановлены.\n">());
    co_return 0;
}

void add_word(CLI::App& app, int& exit_code, const char* word, const std::string& help,
              awaitable<int> (*work)(app::database&, const config::settings&)) {
    app.add_subcommand(word, help)->callback([word, work, &exit_code] {
        exit_code = on_tasks({.word = word, .why = app::database_options::purpose::changing, .work = work});
    });
}

} // namespace

void add_pause(CLI::App& app, int& exit_code) {
    add_word(app, exit_code, "pause",
             said<"stop all spending at once, in every service on the database",
                  "сразу остановить все расходы, во всех сервисах этой базы данных">(),
             pause_all);
}

void add_resume(CLI::App& app, int& exit_code) {
    add_word(app, exit_code, "resume",
             said<"let spending go on after `persais pause`", "возобновить расходы после `persais pause`">(), go_on);
}

} // namespace persais::cli

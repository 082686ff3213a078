#include "cli/audit_table.hpp"
#include "cli/commands.hpp"
#include "cli/limits.hpp"
#include "cli/on_tasks.hpp"
#include "cli/options.hpp"
#include "cli/report.hpp"
#include "cli/task_words.hpp"
#include "cli/terminal.hpp"
#include "cli/tongue.hpp"

#include <memory>

#include <CLI/CLI.hpp>

namespace persais::cli {

namespace {

struct audit_request {
    std::optional<std::int64_t> task;
    int most = limits::tasks_shown;
    bool json = false;
};

std::string nothing(const audit_request& what) {
    if (what.task)
        return said<"Nothing of task {} was deployed or rolled back.\n",
                    "У задачи {} ничего не выкладывали и не откатывали.\n">(*what.task);
    return said<"Nothing was deployed or rolled back yet, and nobody was let in.\n",
                "Пока ничего не выкладывали и не откатывали и никого не впускали.\n">();
}

awaitable<int> show_audit(const audit_request& what, app::database& db) { // `what` outlives the command's loop
    auto task = what.task ? std::optional(task_id{*what.task}) : std::nullopt;
    auto found = co_await queue::audit_of(db.pool(), task, what.most + 1); // one more shows whether there are more
    bool more = found.size() > static_cast<std::size_t>(what.most);
    if (more) found.pop_back();
    if (what.json) {
        for (const auto& each : found)
            if (!put(stdout, json_line(audit_json(each)))) break;
        co_return 0;
    }
    put(stdout, found.empty() ? nothing(what) : audit_table(found));
    if (more)
        put(stdout,
            said<"Older ones: -n {}\n", "Более ранние: -n {}\n">(std::min(what.most * 2, limits::tasks_shown_most)));
    co_return 0;
}

} // namespace

void add_audit(CLI::App& app, int& exit_code) {
    auto what = std::make_shared<audit_request>();
    auto* command = app.add_subcommand(
        "audit", said<"who deployed and rolled back what, and who let whom in, the newest first; nothing removes it",
                      "кто что выложил и откатил и кто кого впустил, начиная с самого нового; это не удаляется">());
    command->add_option("task", what->task, said<"only of this task", "только об этой задаче">())->check(task_number());
    command->add_option("-n", what->most, said<"how many at most", "сколько показать, не больше">())
        ->check(whole_number(1, limits::tasks_shown_most))
        ->capture_default_str();
    command->add_flag("--json", what->json, said<"one JSON object a line", "по объекту JSON на строку">());
    command->callback([what, &exit_code] {
        exit_code =
            on_tasks({.word = "audit",
                      .work = [what](app::database& db, const config::settings&) { return show_audit(*what, db); },
                      .none =
                          [what](const std::string&) {
                              if (!what->json) put(stdout, nothing(*what));
                              return 0;
                          }});
    });
}

} // namespace persais::cli

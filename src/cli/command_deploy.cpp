// `persais deploy` and `persais rollback`.
#include "app/doorbell.hpp"
#include "app/foreground.hpp"
#include "base/text.hpp"
#include "cli/at_database.hpp"
#include "cli/commands.hpp"
#include "cli/landing.hpp"
#include "cli/log.hpp"
#include "cli/on_tasks.hpp"
#include "cli/options.hpp"
#include "cli/report.hpp"
#include "cli/second_factor.hpp"
#include "cli/tongue.hpp"
#include "mechanic/landing.hpp"
#include "service/tasks.hpp"

#include <iostream>
#include <memory>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace persais::cli {

namespace {

namespace fs = std::filesystem;
using service::tasks;

struct landing_request {
    bool back = false; // rollback
    std::optional<std::int64_t> task;
    std::string commit, code;
    bool anyway = false, yes = false, json = false, detach = false;
    const char* word() const { return back ? "rollback" : "deploy"; }
};

/// Shows what it would do and asks. nullopt: yes; else the exit code.
std::optional<int> asked(const landing_request& what, task_id id, const tasks::landing_offer& offer) {
    if (what.yes) return std::nullopt;
    auto shown = offer_words(id, offer, what.back, what.anyway);
    if (::isatty(STDIN_FILENO) != 1 || ::isatty(STDOUT_FILENO) != 1)
        return say(what.word(), said<"{} There is no terminal to ask at: --yes says so.",
                                     "{} Спросить не у кого, нужен терминал или --yes.">(shown));
    fmt::print("{}", said<"{} Do it? [y/N] ", "{} Сделать это? [y/N] ">(text::printable(shown)));
    std::fflush(stdout);
    std::string line;
    std::getline(std::cin, line);
    if (line == "y" || line == "Y" || line == "yes" || line == "д" || line == "Д" || line == "да") return std::nullopt;
    fmt::print("{}", said<"Nothing was changed.\n", "Ничего не изменено.\n">());
    return 0;
}

constexpr auto admin = service::role::admin; // who has a terminal of this machine
constexpr auto owns = service::relation::owns;

/// Has it done, with a code where one is needed. An exit code: nobody does it, and why is said.
awaitable<std::optional<int>> have_it_done(const landing_request& what, task_id id, tasks::landing_wish wish,
                                           tasks& rules, store::pool& db) { // `what`, `rules` and `db` outlive it
    using enum service::refusal::reason;
    auto asks = [&] {
        return what.back ? rules.roll_back(id, wish, admin, owns) : rules.deploy(id, wish, admin, owns);
    };
    auto begun = co_await asks();
    if (!begun && begun.error().why == needs_code) {
        if (auto code = co_await prove_here(what.word(), what.code, db, rules.settings())) co_return code;
        begun = co_await asks();
    }
    if (!begun && begun.error().why == no_factor)
        co_return say(what.word(),
                      in_tongue(begun.error().sentence) + " " +
                          said<"Here: persais second-factor set-up.", "Здесь: persais second-factor set-up.">());
    if (!begun) co_return say(what.word(), in_tongue(begun.error().sentence));
    if (!begun->waits()) co_return std::nullopt;
    if (what.json)
        fmt::print("{}\n", waits_json(id, *begun));
    else
        fmt::print("{}\n", waits_words(id, *begun));
    co_return 1;
}

/// Decides it: afterwards the task is in the queue. An exit code: it is not.
awaitable<std::optional<int>> begin(const landing_request& what, task_id id, tasks& rules,
                                    store::pool& db) { // all but `id` outlive it
    auto offer = co_await rules.may_land(id, admin, owns, what.back);
    if (!offer && offer.error().why == service::refusal::reason::under_way) {
        auto found = co_await rules.load(id); // as after a kill: it was asked for already, and is only carried on
        const auto* wish = found ? mechanic::wish_to_land(found->task.known) : nullptr;
        if (wish && (wish->what == mechanic::landing::kind::roll_back) == what.back) co_return std::nullopt;
    }
    if (!offer) co_return say(what.word(), offer.error().sentence);
    if (!what.back && !offer->green && !what.anyway)
        co_return say(
            what.word(),
            said<"The result of task {} is not green: --anyway deploys it all the same.",
                 "Результат задачи {} не прошёл проверки: выложить его всё равно можно с --anyway.">(id.value));
    auto commit = whole_commit(what.commit, offer->commit);
    if (!commit)
        co_return say(what.word(), said<"Task {} is at commit {}, not at {}: look at that one first.",
                                        "Задача {} на коммите {}, а не на {}: сначала посмотрите на него.">(
                                       id.value, offer->commit.substr(0, 10), what.commit));
    if (auto code = asked(what, id, *offer)) co_return code;
    co_return co_await have_it_done(
        what, id, {.commit = *commit, .anyway = what.anyway, .by = std::string(queue::terminal)}, rules, db);
}

awaitable<result<task_id>> chosen_task(const landing_request& what, store::pool& db) {
    auto id = what.task ? std::optional(task_id{*what.task}) : co_await queue::newest_deployed(db);
    if (!id) co_return fail(told<"No task has anything deployed.", "Ни одна задача ничего не выложила.">());
    co_return *id;
}

awaitable<int> see_to_its_end(const landing_request& what, const config::settings& settings, report& show) {
    std::error_code ec;
    auto exe = fs::read_symlink("/proc/self/exe", ec);
    app::engine engine(settings, exe.parent_path(), {.database = {.why = app::database_options::purpose::changing}});
    if (auto ok = co_await engine.start(); !ok) {
        co_await engine.stop();
        co_return engine.nothing_there() ? say(what.word(), no_tasks_at(ok.error())) : say(what.word(), ok.error(), 3);
    }
    int code = 3;
    std::exception_ptr broken;
    try {
        const auto& with = engine.with();
        tasks rules(with.settings, with.requests, with.time);
        auto id = co_await chosen_task(what, engine.database().pool());
        auto refused = id ? co_await begin(what, *id, rules, engine.database().pool()) : say(what.word(), id.error());
        if (refused) {
            code = *refused;
        } else {
            worker::observer tell{.state = [&](const mechanic::task& t) { show.state(t); },
                                  .progress = [&](const mechanic::progress& doing) { show.progress(doing); },
                                  .agent_text = {},
                                  .money = {}};
            auto ended = co_await app::run_landing(engine, *id, std::move(tell));
            if (what.json)
                fmt::print("{}\n", landing_json(ended->task));
            else
                fmt::print("{}", landing_words(ended->task));
            bool done = came_through(ended->task, what.back);
            code = done ? 0 : ended->interrupted ? 130 : 1;
        }
    } catch (...) {
        broken = std::current_exception();
    }
    co_await engine.stop();
    if (broken) std::rethrow_exception(broken);
    co_return code;
}

int leave_to_the_service(const landing_request& what, const config::settings& settings) {
    auto work = [&](app::database& db) -> awaitable<int> {
        system_clock time;
        tasks rules(settings, db.tasks(), time);
        auto id = co_await chosen_task(what, db.pool());
        if (!id) co_return say(what.word(), id.error());
        if (auto refused = co_await begin(what, *id, rules, db.pool())) co_return *refused;
        app::ring(settings.data);
        if (what.json)
            fmt::print("{{\"event\":\"queued\",\"task\":\"{}\"}}\n", id->value);
        else
            fmt::print("{}\n", id->value);
        co_return 0;
    };
    return at_database(settings, {app::database_options::purpose::changing, work,
                                  [&](const std::string& where) { return say(what.word(), no_tasks_at(where)); }});
}

int run_landing_command(const landing_request& what) {
    auto settings = settings_or_say();
    if (!settings) return 2;
    set_up_log(*settings, spdlog::level::err);
    if (!app::database::may_be_there(*settings))
        return say(what.word(), no_tasks_at(app::database::nothing_there(*settings)));
    if (what.detach) return leave_to_the_service(what, *settings);
    auto show = what.json ? json_report(stdout) : report_for_people();
    asio::io_context io(1);
    int code = 3;
    asio::co_spawn(io, see_to_its_end(what, *settings, *show), [&](std::exception_ptr error, int ended) {
        code = ended;
        if (!error) return;
        try {
            std::rethrow_exception(error);
        } catch (const std::exception& e) {
            code = say(what.word(), e.what(), 3);
        }
    });
    io.run();
    return code;
}

void add_options(CLI::App& command, const std::shared_ptr<landing_request>& what, int& exit_code) {
    command.add_option("--commit", what->commit,
                       said<"only if it is this commit still, or the beginning of it",
                            "только если это всё ещё этот коммит (можно его начало)">());
    command.add_option("--code", what->code,
                       said<"of the authenticator app (DEPLOY_SECOND_FACTOR), instead of asking for it",
                            "код из аутентификатора (DEPLOY_SECOND_FACTOR), чтобы не спрашивать его">());
    command.add_flag("--yes,-y", what->yes, said<"do not ask", "не спрашивать">());
    command.add_flag("--detach,-d", what->detach,
                     said<"leave it to the service (persais serve)", "оставить это сервису (persais serve)">());
    command.add_flag("--json", what->json, said<"one JSON object a line", "по объекту JSON на строку">());
    command.callback([what, &exit_code] { exit_code = run_landing_command(*what); });
}

} // namespace

void add_deploy(CLI::App& app, int& exit_code) {
    auto what = std::make_shared<landing_request>();
    auto* command = app.add_subcommand(
        "deploy", said<"bring a task's result onto the base branch", "выложить результат задачи в основную ветку">());
    command->add_option("task", what->task, said<"its number", "номер задачи">())->required()->check(task_number());
    command->add_flag("--anyway", what->anyway,
                      said<"also when its checks are not green", "и тогда, когда её проверки не прошли">());
    add_options(*command, what, exit_code);
}

void add_rollback(CLI::App& app, int& exit_code) {
    auto what = std::make_shared<landing_request>();
    what->back = true;
    auto* command = app.add_subcommand("rollback", said<"take what a task brought onto the base branch back",
                                                        "откатить то, что задача внесла в основную ветку">());
    command
        ->add_option("task", what->task,
                     said<"its number; without it, the task that was deployed last",
                          "номер задачи; без него — та, что выложена последней">())
        ->check(task_number());
    command->add_flag("--anyway", what->anyway,
                      said<"without running the checks: for an emergency", "без проверок: для экстренного случая">());
    add_options(*command, what, exit_code);
}

} // namespace persais::cli

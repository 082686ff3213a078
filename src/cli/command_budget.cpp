// `persais budget`: what a task may spend; what a repository or a person may; what is left.
#include "app/doorbell.hpp"
#include "cli/budget_words.hpp"
#include "cli/commands.hpp"
#include "cli/on_tasks.hpp"
#include "cli/options.hpp"
#include "cli/terminal.hpp"
#include "cli/tongue.hpp"
#include "service/money.hpp"
#include "service/named_repositories.hpp"
#include "service/tasks.hpp"

#include <memory>

#include <boost/json.hpp>
#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace persais::cli {

namespace {

constexpr auto word = "budget";

/// on_tasks() owns `db` and `settings`. Whoever can run this program is an admin.
awaitable<int> raise_one(task_id id, double usd, app::database& db, const config::settings& settings) {
    system_clock time;
    auto done = co_await service::tasks(settings, db.tasks(), time)
                    .raise_budget(id, usd, service::role::admin, service::relation::owns);
    if (!done) co_return say(word, done.error().sentence);
    app::ring(settings.data);
    fmt::print(
        "{}", said<"Task {} may spend ${:.2f} in all.\n", "Задача {} может потратить всего ${:.2f}.\n">(id.value, usd));
    co_return 0;
}

struct budget_request {
    std::optional<std::int64_t> task;
    std::optional<double> usd;
    std::string repository, person;
    std::optional<double> day, month;
    std::optional<int> waiting;
    bool json = false;
};

awaitable<int> show_left(const budget_request& what, app::database& db, const config::settings& settings) {
    auto now = system_clock().now();
    auto left = co_await service::money_left_for(db.pool(), settings, now, std::string(queue::terminal), "");
    auto own = co_await queue::own_budgets(db.pool(), now);
    if (what.json) {
        for (const auto& line : budgets_json(left, own))
            if (!put(stdout, json_line(line))) break;
    } else {
        put(stdout, budgets_words(left, own));
    }
    co_return 0;
}

awaitable<service::answer<queue::owner>> owner_of(const budget_request& what, store::pool& db,
                                                  const config::settings& settings, bool forgotten) {
    if (!what.person.empty()) co_return service::person_budget(what.person);
    if (what.repository.empty()) co_return service::repository_budget(what.repository);
    auto key = co_await service::key_of_repository(db, settings, what.repository, forgotten);
    if (!key) co_return std::unexpected(key.error());
    co_return queue::owner{"repository", std::move(*key)};
}

/// The tasks that waited for money look again.
awaitable<void> wake(app::database& db, const config::settings& settings) {
    auto woken = queue::wake_for_money();
    co_await db.pool().query(woken.sql, woken.params);
    app::ring(settings.data);
}

awaitable<int> set_one(const budget_request& what, app::database& db, const config::settings& settings) {
    auto of = co_await owner_of(what, db.pool(), settings, false);
    if (!of) co_return say(word, of.error().sentence);
    queue::own_budget wanted{.of = *of, .day_usd = what.day, .month_usd = what.month, .waiting = what.waiting};
    if (auto may = service::may_set_budget(service::role::admin, wanted); !may)
        co_return say(word, may.error().sentence);
    co_await db.pool().transact({queue::set_budget(wanted, std::string(queue::terminal))});
    co_await wake(db, settings);
    auto known = co_await queue::money_of(db.pool(), system_clock().now(), {*of});
    put(stdout, own_budget_words(known.owners.front()));
    co_return 0;
}

awaitable<int> drop_one(const budget_request& what, app::database& db, const config::settings& settings) {
    auto of = co_await owner_of(what, db.pool(), settings, true);
    if (!of) co_return say(word, of.error().sentence);
    auto gone = co_await db.pool().transact({queue::drop_budget(*of, std::string(queue::terminal))});
    if (gone.front().empty())
        co_return say(word,
                      told<"It has no budget of its own: {}.", "Своего бюджета нет: {}.">(service::owner_words(*of)));
    co_await wake(db, settings);
    fmt::print("{}", said<"It has no budget of its own any more: {}.\n", "Своего бюджета больше нет: {}.\n">(
                         in_tongue(service::owner_words(*of))));
    co_return 0;
}

using work = awaitable<int> (*)(const budget_request&, app::database&, const config::settings&);

int run(std::shared_ptr<budget_request> what, work how, app::database_options::purpose why) {
    return on_tasks(
        {.word = word, .why = why, .work = [what, how](app::database& db, const config::settings& settings) {
             return how(*what, db, settings);
         }});
}

void add_owner(CLI::App& command, budget_request& what) {
    auto* repository = command.add_option("--repo", what.repository,
                                          said<"of a repository: its address or short name, such as team/app",
                                               "репозитория: адрес или короткое имя, например team/app">());
    command
        .add_option(
            "--person", what.person,
            said<"of a person: their number in Telegram, or `terminal`", "человека: номер в Telegram или `terminal`">())
        ->excludes(repository);
}

} // namespace

void add_budget(CLI::App& app, int& exit_code) {
    auto what = std::make_shared<budget_request>();
    auto* command =
        app.add_subcommand(word, said<"what is left; let a task spend more; one that waits for that goes on",
                                      "что осталось; увеличить бюджет задачи; та, что ждёт этого, продолжится">());
    auto* task = command->add_option("task", what->task, said<"its number", "номер задачи">())->check(task_number());
    auto* usd =
        command
            ->add_option("usd", what->usd,
                         said<"dollars that it may spend in all", "сколько долларов она может потратить всего">())
            ->check(dollars_amount());
    task->needs(usd);
    command->add_flag("--json", what->json, said<"one JSON object a line", "по объекту JSON на строку">());
    using enum app::database_options::purpose;
    auto* set = command->add_subcommand(
        "set", said<"what a repository or a person may spend in a day or a month (UTC)",
                    "сколько репозиторий или человек может потратить за день или месяц (UTC)">());
    add_owner(*set, *what);
    set->add_option("--day", what->day, said<"dollars a day", "долларов в день">())->check(dollars_amount(true));
    set->add_option("--month", what->month, said<"dollars a month", "долларов в месяц">())->check(dollars_amount(true));
    set->add_option("--waiting", what->waiting,
                    said<"how many tasks of the person may wait", "сколько задач человека может ждать">())
        ->check(whole_number(1, 1'000));
    set->callback([what, &exit_code] { exit_code = run(what, set_one, changing); });
    auto* drop = command->add_subcommand("drop", said<"take such a budget back", "убрать такой бюджет">());
    add_owner(*drop, *what);
    drop->callback([what, &exit_code] { exit_code = run(what, drop_one, changing); });
    command->callback([what, command, &exit_code] {
        if (!command->get_subcommands().empty()) return;
        if (!what->task) {
            exit_code = run(what, show_left, reading);
            return;
        }
        exit_code = on_tasks(
            {.word = word, .why = changing, .work = [what](app::database& db, const config::settings& settings) {
                 return raise_one({*what->task}, *what->usd, db, settings);
             }});
    });
}

} // namespace persais::cli

#include "cli/run.hpp"

#include "app/doorbell.hpp"
#include "base/background.hpp"
#include "base/text.hpp"
#include "base/url.hpp"
#include "cli/at_database.hpp"
#include "cli/checkout.hpp"
#include "cli/commands.hpp"
#include "cli/in_force.hpp"
#include "cli/limits.hpp"
#include "cli/log.hpp"
#include "cli/memory_words.hpp"
#include "cli/on_tasks.hpp"
#include "cli/report.hpp"
#include "cli/terminal.hpp"
#include "cli/tongue.hpp"
#include "memory/limits.hpp"
#include "service/diffs.hpp"
#include "service/known_repositories.hpp"
#include "service/limits.hpp"
#include "service/remotes.hpp"
#include "service/repositories.hpp"
#include "service/tasks.hpp"

#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <fmt/format.h>

namespace persais::cli {

namespace fs = std::filesystem;

namespace {

/// Whether it goes on with a task that there is.
bool names_a_task(const run_request& what) {
    return what.resume || what.from_answer || what.reply_to || what.push;
}

/// Whether it is a short name, as `persais repo` has them. What is there as a folder is meant by its path.
bool names_a_repository(const std::string& remote) {
    std::error_code ec;
    return service::is_repository_name(remote) && !fs::exists(remote, ec);
}

/// Puts the repository of a short name into the order, and what follows from its settings. Throws db_error.
awaitable<service::answer<mechanic::order>> find_named(mechanic::order o, store::pool& db, const config::settings& s) {
    bool named = names_a_repository(o.remote);
    auto own = named ? co_await service::find_repository(db, o.remote) : service::answer<queue::repository>();
    if (!own) co_return std::unexpected(own.error());
    if (named)
        o.remote = own->remote;
    else if (auto there = o.remote.empty() ? std::nullopt : co_await queue::repository_named(db, o.remote))
        own = std::move(*there);
    if (!o.model.empty()) o.model = service::model_for(&*own, s);
    co_return o;
}

/// The order, or what can be found wrong before anything starts: exit 2, no task.
service::answer<mechanic::order> order_from(const run_request& what, const config::settings& s, std::string& note) {
    mechanic::order o;
    if (what.resume || what.from_answer || what.push) return o;
    if (what.question) o.what = mechanic::order::kind::question;
    if (what.reply_to) {
        auto said = service::instruction_from(what.instruction, o.what);
        if (!said) return std::unexpected(said.error());
        o.instruction = std::move(*said);
        return o;
    }
    auto remote = what.repo;
    if (auto here = remote.empty() ? remote_of_checkout() : std::nullopt) {
        if (s.git_remote_url.empty()) remote = *here;
        if (remote == *here)
            note = told<"The repository is {}, the remote of this checkout.",
                        "Репозиторий: {}, удалённый репозиторий этой рабочей копии.">(remote);
        else if (*here != s.git_remote_url)
            note = told<"The repository is {} (GIT_REMOTE_URL), not {}, the remote of this checkout: --repo "
                        "names another.",
                        "Репозиторий: {} (GIT_REMOTE_URL), а не {}, удалённый репозиторий этой рабочей копии. Другой "
                        "можно назвать в --repo.">(s.git_remote_url, *here);
    }
    auto made = service::order_from({.what = o.what,
                                     .instruction = what.instruction,
                                     .remote = remote,
                                     .base_branch = what.base,
                                     .check = what.check,
                                     .setup = what.setup,
                                     .asked_by = "terminal"},
                                    s);
    if (!made) return made;
    if (names_a_repository(made->remote)) return made; // it is looked up where the database is open
    if (!cut_url(made->remote)) {                      // a path is relative to this folder, not to the service's
        std::error_code ec;
        if (auto whole = fs::canonical(made->remote, ec); !ec) made->remote = whole.string();
    }
    if (auto ok = service::acceptable(made->remote, s); !ok) return std::unexpected(ok.error());
    return made;
}

awaitable<void> tick_on(report& show) { // `show` is run()'s, which outlives the loop
    for (;;) {
        co_await sleep_for(limits::progress_every);
        show.tick();
    }
}

/// What this turn changed; empty: nothing, or it is not on this machine.
awaitable<std::string> diff_of(const mechanic::task& t, const config::settings& settings) { // run_on() owns both
    const auto& k = t.known;
    if (!k.made || k.came_to_nothing || std::holds_alternative<mechanic::aborted>(t.now)) co_return "";
    const service::remote_tokens none; // reading needs no token
    service::mirror_diffs diffs(settings.data / "mirrors", settings, none);
    co_return (co_await diffs.read(t, "", service::diff_range::last_turn, limits::end_diff_bytes)).text;
}

awaitable<int> run_on(const run_request& what, mechanic::order order, config::settings& settings, report& show) {
    std::error_code ec;
    auto exe = fs::read_symlink("/proc/self/exe", ec);
    using enum app::database_options::purpose;
    app::engine engine(settings, exe.parent_path(),
                       {.database = {.why = names_a_task(what) ? changing : making},
                        .opened = [&](store::pool& db) { return put_in_force(db, settings, spdlog::level::err); }});
    if (auto ok = co_await engine.start(); !ok) {
        co_await engine.stop();
        if (engine.nothing_there()) co_return say(what.command, no_tasks_at(ok.error()));
        show.broken(ok.error());
        co_return 3;
    }
    for (auto& text : engine.notices())
        show.notice(text);
    auto found = co_await find_named(std::move(order), engine.database().pool(), settings);
    if (!found) {
        co_await engine.stop();
        co_return say(what.command, found.error().sentence);
    }
    order = std::move(*found);
    if (!names_a_task(what) && settings.memory)
        for (const auto& text : twin_words(co_await memory::twins_of(engine.database().pool(), order.remote,
                                                                     order.instruction, {}, limits::twins_told)))
            show.notice(text);
    worker::observer tell{.state = [&](const mechanic::task& t) { show.state(t); },
                          .progress = [&](const mechanic::progress& doing) { show.progress(doing); },
                          .agent_text = [&](std::string_view text) { show.agent_text(text); },
                          .money = [&](const llm::spent& s) { show.money(s); }};
    app::foreground_wish wish{.order = std::move(order)};
    if (what.resume) wish.task = task_id{*what.resume};
    if (what.push) {
        wish.task = task_id{*what.push};
        wish.push = true;
    }
    if (what.from_answer) {
        wish.task = task_id{*what.from_answer};
        wish.from_answer = true;
    }
    if (what.reply_to) {
        wish.task = task_id{*what.reply_to};
        wish.reply = std::move(wish.order.instruction);
    }
    bool named = wish.task.has_value();
    int code = 3;
    std::optional<mechanic::task> shown;
    std::string diff;
    background<void> ticker(co_await asio::this_coro::executor, tick_on(show));
    try {
        auto ended = co_await app::run_foreground(engine, std::move(wish), std::move(tell));
        if (!ended) {
            show.broken(ended.error());
            code = named ? 2 : 3;
        } else {
            show.result(*ended);
            shown = ended->task;
            if (!what.json && !ended->interrupted) diff = co_await diff_of(*shown, settings);
            auto how = mechanic::verdict_of(ended->task);
            code = ended->interrupted && how == mechanic::verdict::aborted
                       ? 130
                       : mechanic::exit_code(how.value_or(mechanic::verdict::world_broken));
        }
    } catch (const store::db_error& e) {
        show.broken(told<"The database was lost: {} `persais run --resume` goes on with the task.",
                         "Связь с базой данных потеряна: {} Продолжить задачу: `persais run --resume`.">(e.what()));
    } catch (const std::exception& e) {
        show.broken(e.what());
    }
    co_await ticker.stop();
    co_await engine.stop();
    if (shown) show.closing(*shown, diff);
    co_return code;
}

/// Leaves the task to the service, in the queue, and prints its number as one line.
int detach(const run_request& what, mechanic::order order, const config::settings& settings) {
    auto add = [&](app::database& db) -> awaitable<int> {
        auto id = task_id{what.reply_to.value_or(what.push.value_or(0))};
        system_clock time;
        service::tasks tasks(settings, db.tasks(), time);
        std::string event = "queued", turn;
        if (what.reply_to) {
            auto kept = co_await tasks.reply(id, std::move(order.instruction));
            if (!kept) co_return say(what.command, kept.error().sentence);
            if (!kept->begun) event = "kept";
            turn = fmt::format(",\"turn\":{}", kept->turn);
        } else if (what.push) {
            auto may = co_await tasks.push_anyway(id, {}, service::role::admin, service::relation::owns);
            if (!may) co_return say(what.command, may.error().sentence);
        } else if (what.from_answer) {
            auto made = co_await tasks.change_from_answer(task_id{*what.from_answer});
            if (!made) co_return say(what.command, made.error().sentence);
            id = *made;
        } else {
            auto found = co_await find_named(std::move(order), db.pool(), settings);
            if (!found) co_return say(what.command, found.error().sentence);
            if (settings.memory)
                for (const auto& text : twin_words(co_await memory::twins_of(
                         db.pool(), found->remote, found->instruction, {}, limits::twins_told)))
                    put(stderr, text + "\n");
            id = co_await tasks.submit(std::move(*found));
        }
        int heard = app::ring(settings.data);
        if (what.json) {
            fmt::print("{{\"event\":\"{}\",\"task\":\"{}\"{}}}\n", event, id.value, turn);
            co_return 0;
        }
        fmt::print("{}\n", id.value);
        if (event == "kept")
            fmt::print(stderr, "{}",
                       said<"Task {} is under way; it goes on with this when that has ended.\n",
                            "Задача {} выполняется; когда она закончится, сервис займётся этим.\n">(id.value));
        if (heard == 0)
            fmt::print(stderr, "{}",
                       said<"Task {} is in the queue; no service runs on this data folder, so `persais serve` "
                            "here or elsewhere takes it later.\n",
                            "Задача {} в очереди; с этой папкой данных сервис не работает, поэтому её возьмёт `persais "
                            "serve`, запущенный позже здесь или на другой машине.\n">(id.value));
        co_return 0;
    };
    using enum app::database_options::purpose;
    return at_database(settings, {names_a_task(what) ? changing : making, add,
                                  [&](const std::string& where) { return say(what.command, no_tasks_at(where)); }});
}

} // namespace

int run(const run_request& what) {
    auto read = settings_or_say();
    if (!read) return 2;
    auto& settings = *read;
    set_up_log(settings, spdlog::level::err);
    if (what.detach && what.resume) {
        fmt::print(
            stderr, "{}",
            said<"persais run: --resume goes on here and now; it cannot be --detach as well.\n",
                 "persais run: --resume продолжает задачу здесь и сейчас, вместе с --detach это невозможно.\n">());
        return 2;
    }
    std::string about_repository;
    auto order = order_from(what, settings, about_repository);
    if (!order) {
        fmt::print(stderr, "persais {}: {}\n", what.command, in_tongue(order.error().sentence));
        return 2;
    }
    if (names_a_task(what) && !app::database::may_be_there(settings))
        return say(what.command, no_tasks_at(app::database::nothing_there(settings)));
    if (what.detach && !about_repository.empty())
        fmt::print(stderr, "{}\n", text::printable(in_tongue(about_repository)));
    if (what.detach) return detach(what, std::move(*order), settings);
    auto show = what.json ? json_report(stdout) : report_for_people();
    for (auto& note : settings.notes)
        show->notice(note);
    if (!about_repository.empty()) show->notice(text::printable(about_repository));
    asio::io_context io(1);
    int code = 3;
    asio::co_spawn(io, run_on(what, std::move(*order), settings, *show), [&](std::exception_ptr error, int ended) {
        code = ended;
        if (!error) return;
        code = 3;
        try {
            std::rethrow_exception(error);
        } catch (const std::exception& e) {
            show->broken(e.what());
        }
    });
    io.run();
    return code;
}

} // namespace persais::cli

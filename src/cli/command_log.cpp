#include "base/background.hpp"
#include "cli/commands.hpp"
#include "cli/limits.hpp"
#include "cli/on_tasks.hpp"
#include "cli/options.hpp"
#include "cli/task_log.hpp"
#include "cli/terminal.hpp"
#include "cli/tongue.hpp"
#include "queue/limits.hpp"

#include <csignal>
#include <memory>
#include <set>

#include <boost/asio/signal_set.hpp>
#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace persais::cli {

namespace {

struct log_request {
    std::optional<std::int64_t> task;
    bool follow = false;
    bool json = false;
};

/// Reads and prints what happens to one task.
class log_reader {
public:
    log_reader(app::database& db, task_id id, bool json) : db_(db), id_(id), json_(json) {}

    /// Prints what has come since the last call. False: the output is closed.
    awaitable<bool> read() {
        // Two writers of one task (its state, its log) may commit in another order than that in which they took their
        // numbers, so that the last numbers are read again.
        auto from = last_ - look_back;
        std::erase_if(seen_, [&](std::int64_t n) { return n <= from; });
        for (;;) {
            auto page = co_await queue::happenings(db_.pool(), id_, from);
            for (const auto& h : page) {
                from = h.number;
                last_ = std::max(last_, h.number);
                if (!seen_.insert(h.number).second) continue;
                if (!put(stdout, json_ ? log_json(id_, h) : lines_.add(h))) co_return false;
            }
            if (page.size() < static_cast<std::size_t>(limits::log_page)) co_return true;
        }
    }

    /// Prints the end of a task that has ended, or the state of one that has not.
    awaitable<void> tail() {
        auto found = co_await db_.tasks().load(id_);
        put(stdout, lines_.end());
        if (found) put(stdout, json_ ? log_tail_json(found->task) : log_tail(found->task));
    }

    /// Ends an output that stopped in the middle of a line.
    void leave() { put(stdout, lines_.end()); }

    awaitable<bool> settled() {
        auto found = co_await db_.tasks().load(id_);
        co_return !found || mechanic::is_settled(found->task.now);
    }

    /// Prints until the task has ended.
    awaitable<void> follow() {
        while (!co_await settled()) {
            if (!co_await read()) co_return;
            co_await sleep_for(limits::follow_every);
        }
        if (!co_await read()) co_return;
        co_await sleep_for(limits::journal_every); // the agent's last output is written after the task's end
        if (co_await read()) co_await tail();
    }

private:
    static constexpr std::int64_t look_back = 1000;
    app::database& db_; // owned by the command, outlives us
    task_id id_;
    bool json_;
    log_lines lines_;
    std::int64_t last_ = 0;
    std::set<std::int64_t> seen_;
};

/// Ctrl-C ends it in order, with exit code 130.
awaitable<int> follow(log_reader& log) { // show_log() owns it
    auto executor = co_await asio::this_coro::executor;
    event news(executor);
    asio::signal_set signals(executor, SIGINT, SIGTERM);
    bool interrupted = false;
    signals.async_wait([&](boost::system::error_code ec, int) {
        if (ec) return;
        interrupted = true;
        news.set();
    });
    background<void> following(executor, [](log_reader& reader, event& done) -> awaitable<void> {
        std::exception_ptr broken;
        try {
            co_await reader.follow();
        } catch (...) {
            broken = std::current_exception();
        }
        done.set();
        if (broken) std::rethrow_exception(broken);
    }(log, news));
    co_await news.wait();
    signals.clear();
    if (interrupted) {
        co_await following.stop();
        log.leave();
        co_return 130;
    }
    co_await following.join();
    co_return 0;
}

awaitable<int> show_log(const log_request& what, app::database& db) { // `what` outlives the command's loop
    auto which = co_await choose(db, what.task);
    if (!which) co_return say("log", which.error());
    auto id = which->found.task.id;
    if (which->newest && !what.json)
        fmt::print("{}", said<"Task {}, the newest:\n", "Задача {}, самая новая:\n">(id.value));
    log_reader log(db, id, what.json);
    if (what.follow) co_return co_await follow(log);
    if (co_await log.read()) co_await log.tail();
    co_return 0;
}

} // namespace

void add_log(CLI::App& app, int& exit_code) {
    auto what = std::make_shared<log_request>();
    auto* command = app.add_subcommand(
        "log", said<"what happened to a task: its states, what was done, the agent's words, "
                    "what red checks said",
                    "что происходило с задачей: состояния, действия, слова агента, вывод непройденных проверок">());
    command
        ->add_option("task", what->task,
                     said<"its number (default: the newest task)", "номер задачи (по умолчанию самая новая)">())
        ->check(task_number());
    command->add_flag("--follow,-f", what->follow,
                      said<"go on until the task has ended", "показывать дальше, пока задача не закончится">());
    command->add_flag("--json", what->json, said<"one JSON object a line", "по объекту JSON на строку">());
    command->callback([what, &exit_code] {
        exit_code = on_tasks({.word = "log", .work = [what](app::database& db, const config::settings&) {
                                  return show_log(*what, db);
                              }});
    });
}

} // namespace persais::cli

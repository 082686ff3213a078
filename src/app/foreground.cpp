#include "app/foreground.hpp"

#include "app/limits.hpp"
#include "base/told.hpp"
#include "mechanic/state_words.hpp"
#include "service/tasks.hpp"
#include "worker/task_run.hpp"

#include <csignal>
#include <unistd.h>

#include <boost/asio/signal_set.hpp>
#include <fmt/format.h>

namespace persais::app {

namespace {

/// The first Ctrl-C or SIGTERM aborts the task; a second one ends the program at once, and the task can be resumed.
awaitable<void> watch_signals(worker::task_run& work, bool& interrupted) {
    asio::signal_set signals(co_await asio::this_coro::executor, SIGINT, SIGTERM);
    co_await signals.async_wait(asio::use_awaitable);
    interrupted = true;
    work.abort();
    co_await signals.async_wait(asio::use_awaitable);
    ::_exit(130);
}

/// Claims the task as soon as it is free. False: not within that time, or interrupted.
awaitable<bool> claim_within(worker::task_run& work, task_id id, std::chrono::milliseconds most, bool& interrupted) {
    auto until = std::chrono::steady_clock::now() + most;
    for (;;) {
        if (co_await work.claim(id)) co_return true;
        if (interrupted || std::chrono::steady_clock::now() > until) co_return false;
        co_await sleep_for(limits::claim_every);
    }
}

} // namespace

awaitable<result<foreground_result>> run_foreground(const engine& on, foreground_wish what, worker::observer tell) {
    auto start = std::chrono::steady_clock::now();
    const auto& with = on.with();
    service::tasks tasks(with.settings, with.requests, with.time);
    auto id = what.task;
    if (id && what.reply) {
        auto begun = co_await tasks.reply_here(*id, std::move(*what.reply));
        if (!begun) co_return fail(begun.error().sentence);
    } else if (id && what.push) { // who has a terminal of this machine is an admin
        auto may = co_await tasks.push_anyway(*id, {}, service::role::admin, service::relation::owns, true);
        if (!may) co_return fail(may.error().sentence);
    } else if (id && what.from_answer) {
        auto made = co_await tasks.change_from_answer(*id, true);
        if (!made) co_return fail(made.error().sentence);
        id = *made;
    } else if (id) {
        auto found = co_await with.requests.load(*id);
        if (!found) co_return fail(told<"There is no task {}.", "Задачи {} нет.">(id->value));
        if (mechanic::is_settled(found->task.now))
            co_return fail(told<"Task {} has ended: {}.", "Задача {} закончилась: {}.">(
                id->value, mechanic::word_of(found->task.now)));
    } else {
        what.order.foreground = true;
        id = co_await tasks.submit(std::move(what.order));
    }
    worker::task_run work(on.driver(), std::move(tell));
    bool interrupted = false;
    background<void> signals(co_await asio::this_coro::executor, watch_signals(work, interrupted));
    std::exception_ptr broken;
    std::optional<result<foreground_result>> ended;
    try {
        // A task whose worker died is free when its lease has run out; this waits until then.
        auto ttl = with.leases.lease_ttl();
        bool claimed = co_await claim_within(work, *id, ttl + limits::claim_patience, interrupted);
        if (!claimed) {
            ended = fail(told<"Task {} is held by another process that is alive.",
                              "Задачу {} держит другой процесс, и он работает.">(id->value));
        } else {
            auto how = mechanic::is_settled(work.task().now) ? worker::task_run_end::settled : co_await work.work();
            // An attempt failed for a passing reason. An interruption during the pause is handled by the next attempt.
            while (how == worker::task_run_end::waits) {
                auto pause = mechanic::backoff(work.task().known.attempts_used);
                bool never = false;
                if (!co_await claim_within(work, *id, pause + limits::claim_patience, never)) break;
                how = mechanic::is_settled(work.task().now) ? worker::task_run_end::settled : co_await work.work();
            }
            if (how == worker::task_run_end::lost_lease)
                ended = fail(
                    told<"Task {} was taken over by another process.", "Задачу {} взял другой процесс.">(id->value));
            else
                ended = foreground_result{
                    .task = work.task(),
                    .spent = co_await with.gateway.spent_by(*id),
                    .total_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(),
                    .interrupted = interrupted};
        }
    } catch (...) {
        broken = std::current_exception();
    }
    co_await signals.stop();
    if (broken) std::rethrow_exception(broken);
    co_return std::move(*ended);
}

awaitable<result<foreground_result>> run_landing(const engine& on, task_id id, worker::observer tell) {
    auto start = std::chrono::steady_clock::now();
    const auto& with = on.with();
    service::tasks tasks(with.settings, with.requests, with.time);
    worker::task_run work(on.driver(), std::move(tell));
    bool interrupted = false;
    background<void> signals(co_await asio::this_coro::executor, watch_signals(work, interrupted));
    std::exception_ptr broken;
    std::optional<mechanic::task> last;
    try {
        for (bool stopped = false; !last;) {
            if (co_await work.claim(id) && !mechanic::is_settled(work.task().now)) co_await work.work();
            auto found = co_await with.requests.load(id);
            if (!found || mechanic::is_settled(found->task.now)) {
                last = found ? std::move(found->task) : mechanic::task{.id = id};
                break;
            }
            if (interrupted && !std::exchange(stopped, true)) (void)co_await tasks.abort(id); // another process has it
            co_await sleep_for(limits::claim_every);
        }
    } catch (...) {
        broken = std::current_exception();
    }
    co_await signals.stop();
    if (broken) std::rethrow_exception(broken);
    co_return foreground_result{.task = std::move(*last),
                                .total_seconds =
                                    std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(),
                                .interrupted = interrupted};
}

} // namespace persais::app

#include "app/wishes.hpp"

#include "mechanic/step.hpp"

#include <fmt/format.h>

namespace persais::app {

using namespace mechanic;

awaitable<result<abort_end>> abort_task(queue::tasks& all, const clock& time, task_id id) {
    for (;;) { // another may move the task between our look and our write
        auto found = co_await all.load(id);
        if (!found) co_return fail(fmt::format("There is no task {}.", id.value));
        if (co_await all.wish_abort(id)) co_return abort_end::asked;
        auto next = found->task;
        auto commands = step(next, abort_wished{}, time.now());
        if (!commands)
            co_return fail(fmt::format("Task {} has already ended: {}.", id.value, name_of(found->task.now)));
        queue::side_writes also;
        for (const auto& c : *commands)
            if (auto* t = std::get_if<tell>(&c)) also.outbox.push_back(t->text);
        bool dead = lease_of(found->task.now) != nullptr; // it may live after all: then a claim finds that
        if (co_await all.save(*found, next, dead, also)) co_return abort_end::aborted;
    }
}

order order_again(const task& old, const config::settings& now) {
    auto order = old.what;
    order.model = now.aider_model;
    order.budget_usd = now.budget_task_usd;
    order.attempts = now.task_attempts;
    order.repair_rounds = now.repair_rounds;
    order.foreground = false;
    order.retry_of = old.id;
    return order;
}

awaitable<result<task_id>> retry_task(queue::tasks& all, const config::settings& now, task_id id) {
    auto found = co_await all.load(id);
    if (!found) co_return fail(fmt::format("There is no task {}.", id.value));
    if (!is_settled(found->task.now))
        co_return fail(
            fmt::format("Task {} has not ended (it is {}): abort it first.", id.value, name_of(found->task.now)));
    co_return co_await all.add(order_again(found->task, now));
}

} // namespace persais::app

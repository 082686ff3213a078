#include "service/wishes.hpp"

#include "base/text.hpp"
#include "mechanic/limits.hpp"
#include "mechanic/step.hpp"
#include "service/turns.hpp"

#include <cmath>

#include <fmt/format.h>

namespace persais::service {

using namespace mechanic;

namespace {

std::unexpected<std::string> no_task(task_id id) {
    return fail(fmt::format("There is no task {}.", id.value));
}

/// What comes from the settings, and so is what they say now.
void take_settings(order& what, const config::settings& now) {
    what.model = now.aider_model;
    what.budget_usd = now.budget_task_usd;
    what.attempts = now.task_attempts;
    what.repair_rounds = now.repair_rounds;
    what.foreground = false;
}

} // namespace

result<std::string> instruction_from(std::string_view written, order::kind what) {
    std::string said(text::trim(written));
    bool asks = what == order::kind::question;
    auto name = asks ? "question" : "instruction";
    if (said.empty())
        return fail(fmt::format("The {} is empty: say in quotes {}.", name,
                                asks ? "what you want to know" : "what should change"));
    if (!text::valid_utf8(said)) return fail(fmt::format("The {} is not valid UTF-8.", name));
    if (said.size() > limits::instruction_bytes)
        return fail(
            fmt::format("The {} has {} bytes; at most {} are taken.", name, said.size(), limits::instruction_bytes));
    return said;
}

awaitable<result<abort_end>> abort_task(queue::tasks& all, const clock& time, task_id id) {
    co_await all.drop_replies(id); // first: one that the end of the turn under way would begin
    for (;;) {                     // another may move the task between our look and our write
        auto found = co_await all.load(id);
        if (!found) co_return no_task(id);
        if (co_await all.wish_abort(id)) co_return abort_end::asked;
        auto next = found->task;
        auto commands = step(next, abort_wished{}, time.now());
        if (!commands)
            co_return fail(fmt::format("Task {} has already ended: {}.", id.value, name_of(found->task.now)));
        queue::side_writes also;
        for (const auto& c : *commands)
            if (auto* t = std::get_if<tell>(&c)) also.outbox.push_back(t->text);
        bool dead = lease_of(found->task.now) != nullptr; // it may live after all: then a claim finds that
        bool whole = is_final(next.now);
        if (co_await all.save(*found, next, dead, also)) co_return whole ? abort_end::aborted : abort_end::turn_aborted;
    }
}

awaitable<result<reply_end>> reply(queue::tasks& all, task_id id, std::string instruction,
                                   std::optional<std::int64_t> person) {
    auto said = instruction_from(instruction);
    if (!said) co_return std::unexpected(said.error());
    for (;;) { // the number may be taken between our look and our write
        auto found = co_await all.load(id);
        if (!found) co_return no_task(id);
        int turn = found->last_turn + 1;
        if (!co_await all.keep_reply(id, {turn, *said, person})) continue;
        // Kept is enough: whoever works begins it. Begun here, it is seen to be in the queue where nobody works yet.
        bool first = !found->kept && is_settled(found->task.now);
        if (first) co_await begin_turn(all, id); // a service that heard of it may be quicker
        co_return reply_end{turn, first};
    }
}

awaitable<result<reply_end>> reply_here(queue::tasks& all, task_id id, std::string instruction) {
    auto said = instruction_from(instruction);
    if (!said) co_return std::unexpected(said.error());
    for (;;) {
        auto found = co_await all.load(id);
        if (!found) co_return no_task(id);
        if (!is_settled(found->task.now) || found->kept)
            co_return fail(fmt::format("Task {} is under way ({}); --detach keeps the reply until that has ended.",
                                       id.value, name_of(found->task.now)));
        int turn = found->last_turn + 1;
        auto next = found->task;
        if (auto ok = step(next, replied{turn, *said, true}, found->read_at); !ok)
            co_return fail(fmt::format("Task {} cannot go on: {}.", id.value, ok.error().why));
        if (co_await all.save(*found, next, false, {.begins = queue::reply{turn, *said}}))
            co_return reply_end{turn, true};
    }
}

result<mechanic::order> order_of_answer(const mechanic::task& question, const config::settings& now) {
    if (!std::holds_alternative<answered>(question.now))
        return fail(fmt::format("Task {} has no answer: it is {}.", question.id.value, name_of(question.now)));
    auto order = question.what;
    take_settings(order, now);
    order.what = order::kind::change;
    order.retry_of.reset();
    order.from_answer = question.id;
    // The question comes first: the commit's subject is made of it. The conversation holds the answer in full.
    order.instruction = text::cut(instruction_of(question), limits::instruction_bytes / 2);
    order.instruction += "\n\nMake the change that this answer proposes:\n\n";
    order.instruction += text::cut(question.known.said, limits::instruction_bytes - order.instruction.size());
    return order;
}

awaitable<result<task_id>> task_from_answer(queue::tasks& all, const config::settings& now, task_id question,
                                            bool foreground) {
    auto found = co_await all.load(question);
    if (!found) co_return no_task(question);
    auto order = order_of_answer(found->task, now);
    if (!order) co_return std::unexpected(order.error());
    order->foreground = foreground;
    co_return co_await all.add(std::move(*order), found->conversation);
}

awaitable<result<void>> more_budget(queue::tasks& all, task_id id, double usd) {
    if (!(usd > 0) || !std::isfinite(usd)) co_return fail("A budget is a number of dollars, above 0.");
    if (co_await all.raise_budget(id, usd)) co_return result<void>{};
    auto found = co_await all.load(id);
    if (!found) co_return no_task(id);
    co_return fail(fmt::format("Task {} may spend ${:.2f} already.", id.value, found->task.what.budget_usd));
}

result<mechanic::order> order_of_retry(const mechanic::task& old, const std::vector<queue::reply>& turns,
                                       const config::settings& now) {
    if (!is_settled(old.now))
        return fail(fmt::format("Task {} has not ended (it is {}): abort it first.", old.id.value, name_of(old.now)));
    auto order = old.what;
    for (const auto& turn : turns)
        order.instruction += "\n\n" + turn.instruction;
    if (order.instruction.size() > limits::instruction_bytes)
        return fail(
            fmt::format("What task {} was asked for in all its turns is longer than one task takes: say it anew "
                        "in fewer words.",
                        old.id.value));
    take_settings(order, now);
    order.retry_of = old.id;
    return order;
}

awaitable<result<task_id>> retry_task(queue::tasks& all, const config::settings& now, task_id id) {
    auto found = co_await all.load(id);
    if (!found) co_return no_task(id);
    if (retries_its_turn(found->task)) {
        auto again = co_await reply(all, id, found->task.known.asked);
        if (!again) co_return std::unexpected(again.error());
        co_return id;
    }
    auto order = order_of_retry(found->task, co_await all.turns_of(id), now);
    if (!order) co_return std::unexpected(order.error());
    co_return co_await all.add(std::move(*order));
}

} // namespace persais::service

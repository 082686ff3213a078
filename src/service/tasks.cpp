#include "service/tasks.hpp"

#include "base/told.hpp"
#include "mechanic/state_words.hpp"
#include "mechanic/step.hpp"
#include "service/begin_turn.hpp"
#include "service/stale.hpp"

#include <fmt/format.h>

namespace persais::service {

using namespace mechanic;
using enum refusal::reason;

namespace {

std::unexpected<refusal> there_is_no(task_id id) {
    return refuse(no_task, told<"There is no task {}.", "Задачи {} нет.">(id.value));
}

/// Why an abort by somebody who was shown this commit (empty: none) does not put away the result that there is.
std::optional<refusal> keeps_result(const task& t, const std::string& shown) {
    auto* r = std::get_if<review>(&t.now);
    if (!r || r->commit == shown) return std::nullopt;
    if (shown.empty())
        return refusal{has_result,
                       told<"Task {} has a result in review, which an abort would discard: look at it first.",
                            "У задачи {} есть результат, и прерывание отклонило бы его: сначала "
                            "посмотрите на него.">(t.id.value)};
    return stale_commit(t.id, r->commit, shown).error();
}

} // namespace

awaitable<task_id> tasks::submit(order what, std::string conversation) {
    return queue_.add(std::move(what), std::move(conversation));
}

awaitable<answer<abort_end>> tasks::abort(task_id id, std::string shown) {
    co_await queue_.drop_replies(id); // first, because the end of the current turn would begin them
    for (;;) {                        // another process may change the task between our read and our write
        auto found = co_await queue_.load(id);
        if (!found) co_return there_is_no(id);
        if (auto no = keeps_result(found->task, shown)) co_return std::unexpected(std::move(*no));
        if (!obeys_abort(found->task) || co_await queue_.wish_abort(id)) co_return abort_end::asked;
        auto next = found->task;
        auto commands = step(next, abort_wished{}, time_.now());
        if (!commands)
            co_return refuse(ended, told<"Task {} has already ended: {}.", "Задача {} уже закончилась: {}.">(
                                        id.value, word_of(found->task.now)));
        queue::side_writes also;
        for (const auto& c : *commands)
            if (auto* t = std::get_if<tell>(&c)) also.outbox.push_back(t->text);
        bool dead = lease_of(found->task.now) != nullptr; // if its worker lives, the higher fence stops it
        bool whole = is_final(next.now);
        bool put_away = std::holds_alternative<discarded>(next.now);
        if (!co_await queue_.save(*found, next, dead, also)) continue;
        if (found->task.known.lands || !found->task.known.was.empty())
            co_return abort_end::landing; // `deployed` is as final as `aborted`
        co_return put_away ? abort_end::discarded : whole ? abort_end::aborted : abort_end::turn_aborted;
    }
}

awaitable<answer<reply_end>> tasks::reply(task_id id, std::string instruction, std::optional<std::int64_t> person) {
    auto said = instruction_from(instruction);
    if (!said) co_return std::unexpected(said.error());
    for (;;) { // the number may be taken between our read and our write
        auto found = co_await queue_.load(id);
        if (!found) co_return there_is_no(id);
        int turn = found->last_turn + 1;
        if (!co_await queue_.keep_reply(id, {turn, *said, person})) continue;
        // Keeping the reply is enough, because any worker begins it. It is begun here so that it is shown in the queue
        // where no worker runs yet.
        bool first = !found->kept && is_settled(found->task.now);
        if (first) co_await begin_turn(queue_, id); // a notified service may be faster
        co_return reply_end{turn, first};
    }
}

awaitable<answer<reply_end>> tasks::reply_here(task_id id, std::string instruction) {
    auto said = instruction_from(instruction);
    if (!said) co_return std::unexpected(said.error());
    for (;;) {
        auto found = co_await queue_.load(id);
        if (!found) co_return there_is_no(id);
        if (!is_settled(found->task.now) || found->kept)
            co_return refuse(under_way,
                             told<"Task {} is under way ({}); --detach keeps the reply until that has ended.",
                                  "Задача {} выполняется ({}); с --detach ответ подождёт её конца.">(
                                 id.value, word_of(found->task.now)));
        int turn = found->last_turn + 1;
        auto next = found->task;
        if (auto ok = step(next, replied{turn, *said, true}, found->read_at); !ok)
            co_return refuse(
                ended, told<"Task {} cannot go on: {}.", "Задачу {} нельзя продолжить: {}.">(id.value, ok.error().why));
        if (co_await queue_.save(*found, next, false, {.begins = queue::reply{turn, *said}}))
            co_return reply_end{turn, true};
    }
}

awaitable<answer<void>> tasks::push_anyway(task_id id, std::string commit, role who, relation what, bool here) {
    if (auto may = may_push_anyway(who, what); !may) co_return may;
    for (;;) { // another process may change the task between our read and our write
        auto found = co_await queue_.load(id);
        if (!found) co_return there_is_no(id);
        const auto& holds = found->task.known.held_back;
        auto next = found->task;
        if (!holds || found->kept || // given back, though no worker has begun with it
            !step(next, push_allowed{commit.empty() ? holds->what.made.commit : commit, here}, found->read_at))
            co_return refuse(not_held, told<"Task {} holds nothing back that could be pushed: {}.",
                                            "Задача {} ничего не удерживает, отправлять нечего: {}.">(
                                           id.value, word_of(found->task.now)));
        if (co_await queue_.save(*found, next, false)) co_return answer<void>{};
    }
}

awaitable<answer<task_id>> tasks::change_from_answer(task_id question, bool foreground) {
    auto found = co_await queue_.load(question);
    if (!found) co_return there_is_no(question);
    auto order = order_of_answer(found->task, settings_, repository_at(known_, found->task.what.remote).get());
    if (!order) co_return std::unexpected(order.error());
    order->foreground = foreground;
    co_return co_await submit(std::move(*order), found->conversation);
}

awaitable<answer<void>> tasks::raise_budget(task_id id, double usd, role who, relation what) {
    if (auto may = may_raise(who, what, usd, settings_); !may) co_return may;
    if (co_await queue_.raise_budget(id, usd)) co_return answer<void>{};
    auto found = co_await queue_.load(id);
    if (!found) co_return there_is_no(id);
    co_return refuse(enough_already,
                     told<"Task {} may spend ${:.2f} already.", "Задача {} уже может потратить ${:.2f}.">(
                         id.value, found->task.what.budget_usd));
}

awaitable<answer<order>> tasks::order_of_next_try(task old) {
    auto turns = co_await queue_.turns_of(old.id);
    co_return order_of_retry(old, turns, settings_, repository_at(known_, old.what.remote).get());
}

awaitable<answer<task_id>> tasks::retry(task_id id) {
    auto found = co_await queue_.load(id);
    if (!found) co_return there_is_no(id);
    if (retries_its_turn(found->task)) {
        auto again = co_await reply(id, found->task.known.asked);
        if (!again) co_return std::unexpected(again.error());
        co_return id;
    }
    auto order = co_await order_of_next_try(found->task);
    if (!order) co_return std::unexpected(order.error());
    co_return co_await submit(std::move(*order));
}

} // namespace persais::service

// Putting a result away, and taking it up again.
#include "base/told.hpp"
#include "mechanic/state_words.hpp"
#include "mechanic/step.hpp"
#include "service/stale.hpp"
#include "service/tasks.hpp"

namespace persais::service {

using namespace mechanic;
using enum refusal::reason;

namespace {

/// The commit of the state that the wish is about; empty: the task is in another state.
std::string commit_for(const task& t, const mechanic::event& wish) {
    if (std::holds_alternative<undiscard_wished>(wish)) {
        auto* s = std::get_if<discarded>(&t.now);
        return s ? s->commit : "";
    }
    auto* s = std::get_if<review>(&t.now);
    return s ? s->commit : "";
}

std::unexpected<refusal> nothing_there(const task& t, bool back) {
    auto state = word_of(t.now);
    if (!is_settled(t.now))
        return refuse(under_way, told<"Task {} is under way ({}).", "Задача {} выполняется ({}).">(t.id.value, state));
    if (back)
        return refuse(
            not_landable,
            told<"Task {} has no result that was discarded: {}.", "У задачи {} нет отклонённого результата: {}.">(
                t.id.value, state));
    return refuse(not_landable, told<"Task {} has no result that could be discarded: {}.",
                                     "У задачи {} нет результата, который можно отклонить: {}.">(t.id.value, state));
}

} // namespace

awaitable<answer<void>> tasks::decide(task_id id, mechanic::event wish, std::string commit) {
    const bool back = std::holds_alternative<undiscard_wished>(wish);
    for (;;) { // another process may change the task between our read and our write
        auto found = co_await queue_.load(id);
        if (!found) co_return refuse(no_task, told<"There is no task {}.", "Задачи {} нет.">(id.value));
        if (found->kept) // a reply was given, though no worker has begun with it
            co_return refuse(
                under_way,
                told<"Task {} goes on with a reply first.", "Задача {} сначала займётся дополнением.">(id.value));
        auto is = commit_for(found->task, wish);
        if (is.empty()) co_return nothing_there(found->task, back);
        if (!commit.empty() && commit != is) co_return stale_commit(id, is, commit);
        commit = is; // whatever changes meanwhile, what was there when the person asked is meant
        if (auto* e = std::get_if<discard_wished>(&wish)) e->commit = is;
        auto next = found->task;
        auto commands = step(next, wish, time_.now());
        if (!commands) co_return refuse(not_landable, commands.error().why);
        queue::side_writes also;
        for (const auto& c : *commands)
            if (auto* t = std::get_if<tell>(&c)) also.outbox.push_back(t->text);
        if (co_await queue_.save(*found, next, false, also)) co_return answer<void>{};
    }
}

awaitable<answer<void>> tasks::discard(task_id id, std::string commit) {
    return decide(id, discard_wished{}, std::move(commit));
}

awaitable<answer<void>> tasks::undiscard(task_id id, std::string commit) {
    return decide(id, undiscard_wished{}, std::move(commit));
}

} // namespace persais::service

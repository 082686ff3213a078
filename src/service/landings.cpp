// Deploying a task's result, and rolling it back.
#include "base/told.hpp"
#include "mechanic/landing.hpp"
#include "mechanic/state_words.hpp"
#include "mechanic/step.hpp"
#include "service/stale.hpp"
#include "service/tasks.hpp"

namespace persais::service {

using namespace mechanic;
using enum refusal::reason;

namespace {

std::unexpected<refusal> nothing_to_deploy(const task& t) {
    if (!is_settled(t.now))
        return refuse(under_way, told<"Task {} is under way ({}): deploy its result when there is one.",
                                      "Задача {} выполняется ({}): выложить можно будет её результат.">(
                                     t.id.value, word_of(t.now)));
    return refuse(not_landable,
                  told<"Task {} has no result that could be deployed: {}.",
                       "У задачи {} нет результата, который можно выложить: {}.">(t.id.value, word_of(t.now)));
}

std::unexpected<refusal> nothing_to_roll_back(const task& t) {
    if (!is_settled(t.now))
        return refuse(under_way,
                      told<"Task {} is under way ({}).", "Задача {} выполняется ({}).">(t.id.value, word_of(t.now)));
    return refuse(not_landable,
                  told<"Task {} has nothing deployed that could be rolled back: {}.",
                       "Задача {} ничего не выложила, откатывать нечего: {}.">(t.id.value, word_of(t.now)));
}

/// What a wish to deploy is about, and the event that it becomes.
answer<mechanic::event> deploy_event(const task& t, const tasks::landing_wish& wish) {
    auto* s = std::get_if<review>(&t.now);
    auto* again = std::get_if<rolled_back>(&t.now);
    if (!s && !again) return nothing_to_deploy(t);
    const auto& commit = s ? s->commit : again->commit;
    if (!wish.commit.empty() && wish.commit != commit) return stale_commit(t.id, commit, wish.commit);
    if (!wish.anyway && !lands_without_a_word(t))
        return refuse(not_green,
                      told<"The result of task {} is not green ({}): deploying it needs an extra word.",
                           "Результат задачи {} не прошёл проверки ({}): чтобы выложить его, нужно подтверждение.">(
                          t.id.value, words(s ? s->how : verdict_of(t).value_or(verdict::ready_unchecked))));
    return approved{commit, wish.anyway, wish.by};
}

answer<mechanic::event> roll_back_event(const task& t, const tasks::landing_wish& wish) {
    auto* s = std::get_if<deployed>(&t.now);
    if (!s) return nothing_to_roll_back(t);
    if (!wish.commit.empty() && wish.commit != s->commit) return stale_commit(t.id, s->commit, wish.commit);
    return roll_back_wished{s->commit, wish.anyway, wish.by};
}

answer<mechanic::event> event_of(const task& t, const tasks::landing_wish& wish, bool back) {
    return back ? roll_back_event(t, wish) : deploy_event(t, wish);
}

std::string commit_of(const mechanic::event& wish) {
    if (auto* e = std::get_if<approved>(&wish)) return e->commit;
    return std::get<roll_back_wished>(wish).commit;
}

} // namespace

awaitable<answer<tasks::landing_offer>> tasks::may_land(task_id id, role who, relation what, bool back) {
    if (auto may = service::may_land(who, what); !may) co_return std::unexpected(may.error());
    auto found = co_await queue_.load(id);
    if (!found) co_return refuse(no_task, told<"There is no task {}.", "Задачи {} нет.">(id.value));
    const auto& t = found->task;
    auto event = event_of(t, {.commit = {}, .anyway = true, .by = {}}, back);
    if (!event) co_return std::unexpected(event.error());
    co_return landing_offer{.commit = commit_of(*event),
                            .branch = t.known.base_branch,
                            .instruction = instruction_of(t),
                            .green = back || lands_without_a_word(t),
                            .size = t.known.made ? t.known.made->whole : diff_size{},
                            .again = std::holds_alternative<rolled_back>(t.now)};
}

awaitable<answer<void>> tasks::land(task_id id, landing_wish wish, role who, relation what, bool back) {
    if (auto may = service::may_land(who, what); !may) co_return may;
    for (;;) { // another process may change the task between our read and our write
        auto found = co_await queue_.load(id);
        if (!found) co_return refuse(no_task, told<"There is no task {}.", "Задачи {} нет.">(id.value));
        if (found->kept) // a reply was given, though no worker has begun with it
            co_return refuse(
                under_way,
                told<"Task {} goes on with a reply first.", "Задача {} сначала займётся дополнением.">(id.value));
        auto event = event_of(found->task, wish, back);
        if (!event) co_return std::unexpected(event.error());
        wish.commit = commit_of(*event); // whatever changes meanwhile, what was there when the person asked is meant
        auto next = found->task;
        if (auto ok = step(next, *event, found->read_at); !ok) co_return refuse(not_landable, ok.error().why);
        if (co_await queue_.save(*found, next, false)) co_return answer<void>{};
    }
}

awaitable<answer<void>> tasks::deploy(task_id id, landing_wish wish, role who, relation what) {
    return land(id, std::move(wish), who, what, false);
}

awaitable<answer<void>> tasks::roll_back(task_id id, landing_wish wish, role who, relation what) {
    return land(id, std::move(wish), who, what, true);
}

} // namespace persais::service

// Deploying a task's result, and rolling it back.
#include "base/told.hpp"
#include "mechanic/landing.hpp"
#include "mechanic/state_words.hpp"
#include "mechanic/step.hpp"
#include "service/stale.hpp"
#include "service/tasks.hpp"

#include <algorithm>
#include <utility>

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

std::unexpected<refusal> no_such_task(task_id id, relation what) {
    if (what == relation::none)
        return refuse(not_yours, told<"The task is another person's.", "Это задача другого человека.">());
    return refuse(no_task, told<"There is no task {}.", "Задачи {} нет.">(id.value));
}

std::string commit_of(const mechanic::event& wish) {
    if (auto* e = std::get_if<approved>(&wish)) return e->commit;
    return std::get<roll_back_wished>(wish).commit;
}

} // namespace

awaitable<answer<tasks::landing_offer>> tasks::may_land(task_id id, role who, relation what, bool back,
                                                        std::string by) {
    auto found = co_await queue_.load(id);
    if (!found) co_return no_such_task(id, what);
    const auto& t = found->task;
    auto rule = landing_rule_of(t.what.remote, settings_);
    auto known = co_await record_for(t, by);
    auto asks = lander_of(by, who, what, known, settings_);
    asks.second_factor = {};
    if (auto may = service::may_land(asks, rule, back); !may) co_return std::unexpected(may.error());
    auto event = event_of(t, {.commit = {}, .anyway = true, .by = {}}, back);
    if (!event) co_return std::unexpected(event.error());
    co_return landing_offer{.commit = commit_of(*event),
                            .branch = t.known.base_branch,
                            .instruction = instruction_of(t),
                            .green = back || lands_without_a_word(t),
                            .size = t.known.made ? t.known.made->whole : diff_size{},
                            .again = std::holds_alternative<rolled_back>(t.now),
                            .approvals = static_cast<int>(approvals_that_count(known, rule, settings_).size()),
                            .needed = back ? 1 : rule.approvals};
}

/// The grants are those that count in the task's repository: of each person one, as if it were everywhere.
awaitable<queue::landing_record> tasks::known_of(const mechanic::task& t, std::string by) {
    co_return with_grants_at(t.what.remote, co_await queue_.landing_record_of(t.id, std::move(by)));
}

awaitable<queue::landing_record> tasks::record_for(const mechanic::task& t, std::string by) {
    bool anybody = landing_rule_of(t.what.remote, settings_).every_admin_alone();
    if (anybody && settings_.deploy_second_factor != "totp") co_return queue::landing_record{};
    co_return co_await known_of(t, by.empty() ? std::string(queue::terminal) : std::move(by));
}

/// Agrees for the person who wishes it. nullopt: the task has gone on since it was read.
awaitable<std::optional<tasks::landing_begun>> tasks::agree(const mechanic::task& t, const landing_wish& wish) {
    auto rule = landing_rule_of(t.what.remote, settings_);
    if (rule.approvals == 1) co_return landing_begun{};
    auto by = wish.by.empty() ? std::string(queue::terminal) : wish.by;
    if (!co_await queue_.approve(t.id, wish.commit, by, wish.anyway)) co_return std::nullopt;
    auto known = co_await known_of(t, by);
    auto agreed = approvals_that_count(known, rule, settings_);
    landing_begun begun{.approvals = static_cast<int>(agreed.size()),
                        .needed = rule.approvals,
                        .by = agreed,
                        .fresh = std::ranges::find(known.told_of, by) == known.told_of.end(),
                        .plainly = std::ranges::any_of(agreed, [&](const auto& each) {
                            return std::ranges::find(known.plainly_by, each) != known.plainly_by.end();
                        })};
    for (auto each : service::who_may_land(known, rule, settings_)) {
        auto name = std::to_string(each);
        bool did = std::ranges::find(agreed, name) != agreed.end();
        bool asked = std::ranges::find(known.asked_by, name) != known.asked_by.end();
        if (!did && (rule.own || !asked)) begun.others.push_back(each);
    }
    co_return begun;
}

awaitable<answer<tasks::landing_begun>> tasks::land(task_id id, landing_wish wish, role who, relation what, bool back) {
    std::optional<landing_begun> begun;
    for (;;) { // another process may change the task between our read and our write
        auto found = co_await queue_.load(id);
        if (!found) co_return no_such_task(id, what);
        const auto& t = found->task;
        auto rule = landing_rule_of(t.what.remote, settings_);
        auto asks = lander_of(wish.by, who, what, co_await record_for(t, wish.by), settings_);
        const auto second_factor = std::exchange(asks.second_factor, {});
        if (auto may = service::may_land(asks, rule, back); !may) co_return std::unexpected(may.error());
        // The other who agreed at the same time was quicker: it is done once, for both.
        if (begun && begun->needed > 1 && t.known.lands && t.known.lands->commit == wish.commit) co_return *begun;
        if (found->kept) // a reply was given, though no worker has begun with it
            co_return refuse(
                under_way,
                told<"Task {} goes on with a reply first.", "Задача {} сначала займётся дополнением.">(id.value));
        auto event = event_of(t, wish, back);
        if (!event) co_return std::unexpected(event.error());
        wish.commit = commit_of(*event);    // whatever changes meanwhile, what was there when the person asked is meant
        asks.second_factor = second_factor; // asked for last: only for what would be done
        if (auto may = service::may_land(asks, rule, back); !may) co_return std::unexpected(may.error());
        begun = back ? landing_begun{} : co_await agree(t, wish);
        if (!begun) continue;
        if (begun->waits()) co_return *begun;
        if (auto* e = std::get_if<approved>(&*event)) {
            e->agreed = begun->by.empty() ? std::vector{wish.by} : begun->by;
            if (begun->plainly && lands_without_a_word(t)) e->anyway = false;
        }
        auto next = found->task;
        if (auto ok = step(next, *event, found->read_at); !ok) co_return refuse(not_landable, ok.error().why);
        if (co_await queue_.save(*found, next, false)) co_return *begun;
    }
}

awaitable<std::vector<std::int64_t>> tasks::who_may_land(task_id id) {
    auto found = co_await queue_.load(id);
    if (!found) co_return std::vector<std::int64_t>{};
    auto known = co_await known_of(found->task, std::string(queue::terminal));
    co_return service::who_may_land(known, landing_rule_of(found->task.what.remote, settings_), settings_);
}

awaitable<std::optional<tasks::approvals_so_far>> tasks::approvals_of(task_id id) {
    auto found = co_await queue_.load(id);
    if (!found) co_return std::nullopt;
    auto rule = landing_rule_of(found->task.what.remote, settings_);
    auto known = co_await known_of(found->task, std::string(queue::terminal));
    auto by = approvals_that_count(known, rule, settings_);
    if (by.empty()) co_return std::nullopt;
    co_return approvals_so_far{id, found->task.what.remote, std::move(by), rule.approvals};
}

awaitable<std::vector<tasks::approvals_so_far>> tasks::approvals_of(std::vector<task_id> ids) {
    std::vector<approvals_so_far> all;
    for (auto id : ids)
        if (auto found = co_await approvals_of(id)) all.push_back(std::move(*found));
    co_return all;
}

awaitable<answer<tasks::landing_begun>> tasks::deploy(task_id id, landing_wish wish, role who, relation what) {
    return land(id, std::move(wish), who, what, false);
}

awaitable<answer<tasks::landing_begun>> tasks::roll_back(task_id id, landing_wish wish, role who, relation what) {
    return land(id, std::move(wish), who, what, true);
}

} // namespace persais::service

#include "telegram/dialog/landing.hpp"

#include "queue/approvals.hpp"
#include "telegram/api/message_text.hpp"
#include "telegram/api/shown.hpp"
#include "telegram/dialog/limits.hpp"
#include "telegram/outbound/render_lists.hpp"
#include "telegram/store/people.hpp"

#include <algorithm>

namespace persais::telegram {

namespace {

constexpr std::size_t instruction_units = 200;

/// Why a landing is refused.
phrase refused_landing(service::refusal::reason why, bool back) {
    using enum service::refusal::reason;
    if (why == admins_only) return phrase::admin_only;
    if (why == not_yours || why == no_task) return phrase::press_not_yours;
    if (why == own_work) return phrase::deploy_own_work;
    if (why == needs_code) return phrase::factor_needed;
    if (why == no_factor) return phrase::factor_none;
    if (why == under_way) return phrase::landing_under_way;
    if (why == stale) return phrase::press_moved;
    return back ? phrase::rollback_nothing : phrase::deploy_nothing;
}

/// People by their names, for one who has none known here by the number.
awaitable<std::string> names_of(update_context& t, std::vector<std::int64_t> people) {
    auto known = co_await telegram::find_people(t.with.db, people);
    std::string all;
    for (auto id : people) {
        auto found = std::ranges::find(known, id, &telegram::known_person::id);
        all += (all.empty() ? "" : ", ") + (found == known.end() ? std::to_string(id) : name_shown(found->name));
    }
    co_return one_line(all, instruction_units / 2); // the answer to a press is short
}

awaitable<std::string> words_of(update_context& t, task_id of, service::refusal::reason why, bool back) {
    if (why != service::refusal::reason::not_a_deployer)
        co_return t.say_plainly(refused_landing(why, back), {{"task", of.value}});
    auto people = co_await names_of(t, co_await t.with.tasks.who_may_land(of));
    co_return t.say_plainly(phrase::deploy_only, {{"people", people}});
}

/// The chat hears who agreed; each who may agree as well is asked in private.
awaitable<void> tell_others(update_context& t, task_id of, const service::tasks::landing_wish& wish,
                            const service::tasks::landing_begun& begun) { // the coroutine that waits for it owns both
    auto found = co_await t.with.tasks.load(of);
    if (!found) co_return;
    auto name = name_shown(one_line(t.who.first_name, 64));
    auto commit = wish.commit;
    auto what = std::string(to_string(wish.anyway ? action::deploy_anyway : action::deploy));
    auto label = wish.anyway ? phrase::button_deploy_anyway : phrase::button_deploy;
    t.say(phrase::deploy_agreed, {{"name", code(name)},
                                  {"commit", code(commit.substr(0, 10))},
                                  {"task", of.value},
                                  {"n", begun.approvals},
                                  {"needed", begun.needed}});
    t.write(queue::approval_told(of, wish.by));
    auto others = begun.others;
    if (others.size() > limits::buttons_shown) others.resize(limits::buttons_shown);
    auto known = co_await telegram::find_people(t.with.db, others);
    for (auto person : others) {
        auto seen = std::ranges::find(known, person, &telegram::known_person::id);
        if (seen == known.end()) continue; // who never wrote cannot be written to
        reader to{language_from(seen->language), true};
        auto text = telegram::say(to, phrase::deploy_agree_offer,
                                  {{"task", of.value},
                                   {"instruction", one_line(mechanic::instruction_of(found->task), instruction_units)},
                                   {"name", code(name)},
                                   {"commit", code(commit.substr(0, 10))},
                                   {"branch", code(found->task.known.base_branch)},
                                   {"n", begun.approvals},
                                   {"needed", begun.needed}});
        t.send_to(person, text,
                  {{t.button_of(person, say_plain(to, label), {.action = what, .argument = commit, .task = of}),
                    t.button_of(person, say_plain(to, phrase::button_diff),
                                {.action = "diff", .argument = commit, .task = of})}});
    }
}

} // namespace

awaitable<void> offer_landing(update_context& t, task_id of, bool back) {
    auto may = co_await t.with.tasks.may_land(of, co_await role_for(t, of), co_await relation_of(t, of), back,
                                              std::to_string(t.who.id));
    if (!may) {
        t.send(plain(co_await words_of(t, of, may.error().why, back)));
        co_return;
    }
    auto what = back ? action::rollback : may->green ? action::deploy : action::deploy_anyway;
    auto label = back          ? phrase::button_rollback
                 : !may->green ? phrase::button_deploy_anyway
                 : may->again  ? phrase::button_deploy_again
                               : phrase::button_deploy;
    auto offer = back         ? phrase::rollback_offer
                 : may->again ? phrase::deploy_again_offer
                 : may->green ? phrase::deploy_offer
                              : phrase::deploy_offer_not_green;
    keyboard keys{{t.button(label, {.action = std::string(to_string(what)), .argument = may->commit, .task = of})}};
    t.say(offer,
          {{"task", of.value},
           {"commit", code(may->commit.substr(0, 10))},
           {"branch", code(may->branch)},
           {"instruction", one_line(may->instruction, instruction_units)}},
          keys);
}

awaitable<std::string> land_it(update_context& t, task_id what, service::tasks::landing_wish wish, bool back) {
    wish.by = std::to_string(t.who.id);
    auto whose = co_await relation_of(t, what);
    auto here = co_await role_for(t, what);
    auto begun = back ? co_await t.with.tasks.roll_back(what, wish, here, whose)
                      : co_await t.with.tasks.deploy(what, wish, here, whose);
    if (!begun) co_return co_await words_of(t, what, begun.error().why, back);
    if (begun->waits()) {
        if (begun->fresh) co_await tell_others(t, what, wish, *begun);
        co_return t.say_plainly(phrase::deploy_waits, {{"n", begun->approvals}, {"needed", begun->needed}});
    }
    t.acted = true;
    co_return t.say_plainly(back ? phrase::rollback_begun : phrase::deploy_begun, {{"task", what.value}});
}

} // namespace persais::telegram

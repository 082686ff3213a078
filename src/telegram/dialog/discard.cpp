#include "telegram/dialog/discard.hpp"

#include "telegram/api/message_text.hpp"
#include "telegram/api/shown.hpp"
#include "telegram/outbound/render_lists.hpp"

namespace persais::telegram {

namespace {

constexpr std::size_t instruction_units = 200;

phrase refused_discard(service::refusal::reason why, bool back) {
    using enum service::refusal::reason;
    if (why == no_task) return phrase::press_not_yours;
    if (why == under_way) return phrase::landing_under_way;
    if (why == stale) return phrase::press_moved;
    return back ? phrase::undiscard_nothing : phrase::discard_nothing;
}

} // namespace

awaitable<std::string> offer_discard(update_context& t, task_id of, std::string commit, bool pressed) {
    auto refuse = [&](phrase why) {
        if (!pressed) t.say(why, {{"task", of.value}});
        return t.say_plainly(why, {{"task", of.value}});
    };
    if (co_await relation_of(t, of) != relation::owns) co_return refuse(phrase::press_not_yours);
    auto found = co_await t.with.tasks.load(of);
    if (!found) co_return refuse(phrase::press_not_yours);
    const auto& now = found->task.now;
    auto button_for = [&](action what, phrase label, const std::string& of_commit) {
        return t.button(label, {.action = std::string(to_string(what)), .argument = of_commit, .task = of});
    };
    if (auto* s = std::get_if<mechanic::discarded>(&now); s && (commit.empty() || commit == s->commit)) {
        t.say(phrase::discard_already, {{"task", of.value}},
              keyboard{{button_for(action::undiscard, phrase::button_undiscard, s->commit)}});
        co_return "";
    }
    auto* s = std::get_if<mechanic::review>(&now);
    if (!s) co_return refuse(mechanic::is_settled(now) ? phrase::discard_nothing : phrase::landing_under_way);
    if (!commit.empty() && commit != s->commit) co_return refuse(phrase::press_moved);
    t.say(phrase::discard_offer,
          {{"task", of.value},
           {"commit", code(s->commit.substr(0, 10))},
           {"branch", code(found->task.known.branch)},
           {"instruction", one_line(mechanic::instruction_of(found->task), instruction_units)}},
          keyboard{{button_for(action::discard_it, phrase::button_discard_it, s->commit)}});
    co_return "";
}

awaitable<std::string> discard_it(update_context& t, task_id what, std::string commit) {
    if (co_await relation_of(t, what) != relation::owns) co_return t.say_plainly(phrase::press_not_yours);
    auto done = co_await t.with.tasks.discard(what, std::move(commit));
    if (!done) co_return t.say_plainly(refused_discard(done.error().why, false), {{"task", what.value}});
    t.acted = true;
    co_return t.say_plainly(phrase::discard_done, {{"task", what.value}});
}

awaitable<std::string> undiscard_it(update_context& t, task_id what, std::string commit) {
    if (co_await relation_of(t, what) != relation::owns) co_return t.say_plainly(phrase::press_not_yours);
    auto done = co_await t.with.tasks.undiscard(what, std::move(commit));
    if (!done) co_return t.say_plainly(refused_discard(done.error().why, true), {{"task", what.value}});
    t.acted = true;
    co_return t.say_plainly(phrase::undiscard_done, {{"task", what.value}});
}

} // namespace persais::telegram

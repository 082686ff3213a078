#include "telegram/dialog/held.hpp"

#include "base/text.hpp"
#include "telegram/dialog/expecting.hpp"
#include "telegram/dialog/instruct.hpp"
#include "telegram/dialog/reply.hpp"

#include <algorithm>

namespace persais::telegram {

namespace {

awaitable<void> begin(update_context& t, instruction said) {
    if (said.to && co_await reply_to_task(t, *said.to, said.text, said.said_at)) co_return;
    co_await instruct(t, std::move(said));
}

std::string listed(const std::vector<std::string>& names) {
    std::string all;
    for (const auto& each : names)
        all += (all.empty() ? "" : ", ") + each;
    return all;
}

/// Keeps it, and asks what has to be known before it is begun.
void hold(update_context& t, const instruction& said, const whole_message& with, bool tell) {
    if (!service::fits(text::characters(said.text))) {
        t.write(telegram::expect(t.where, ""));
        refuse_long_instruction(t, said.said_at);
        return;
    }
    t.out.name = tell ? "answer" : "joined";
    t.write(telegram::expect(t.where, expected_instruction(t, "held", said)));
    if (!tell) return;
    auto what = with.not_read.empty() ? t.say_plainly(phrase::unread_before) : with.not_read;
    if (said.words)
        t.say(phrase::unread_ask, {{"what", what}},
              {{t.button(phrase::button_go_on, {"dialog", "go_on"}),
                t.button(phrase::button_cancel, {"dialog", "drop_held"})}});
    else if (!with.not_read.empty())
        t.say(phrase::unread_alone, {{"what", what}});
    else
        t.say(phrase::read_alone, {{"what", listed(with.read)}});
}

/// What was begun a moment ago belongs to what was not read: it is ended before anything of it is paid for, and waits
/// too.
awaitable<instruction> taken_back(update_context& t, instruction said) {
    if (auto waits = kept_instruction(t, "wish"); waits && together(t, said.said_at, {waits->said_at, waits->heard_at}))
        co_return merged(*waits, said);
    if (!t.known.open || t.known.open->turn || !together(t, said.said_at, t.known.open->newest)) co_return said;
    auto found = co_await t.with.tasks.load(t.known.open->id);
    auto ended = co_await t.with.tasks.abort(t.known.open->id);
    if (!found || !ended) co_return said;
    t.acted = true;
    const auto& order = found->task.what;
    instruction before{.text = order.instruction, .what = order.what, .said_at = said.said_at};
    before.parts = co_await telegram::parts_of_task(t.with.db, t.known.open->id);
    if (!before.parts.empty()) before.message = before.parts.back().message;
    co_return merged(before, said);
}

} // namespace

awaitable<void> take_message(update_context& t, instruction said, const whole_message& with, bool repeats) {
    said.unread = !with.not_read.empty();
    auto held = kept_instruction(t, "held");
    bool at_once = held && together(t, said.said_at, {held->said_at, held->heard_at});
    if (at_once || (held && !held->words && said.words)) { // another part of it, or the answer to our question
        bool asked = said.words && !held->words;
        // Who answers later than at once has read what was not read.
        if (!at_once) held->unread = false;
        auto whole = merged(*held, said);
        if (whole.unread || !whole.words) {
            hold(t, whole, with, asked || (!repeats && (said.unread || !whole.words)));
            co_return;
        }
        t.write(telegram::expect(t.where, ""));
        co_await begin(t, std::move(whole));
        co_return;
    }
    const auto* open = t.known.open && together(t, said.said_at, t.known.open->newest) ? &*t.known.open : nullptr;
    if (said.unread && open && open->turn) {
        t.say(phrase::unread_of_turn, {{"what", with.not_read}, {"task", open->id.value}});
        if (!said.text.empty()) co_await begin(t, std::move(said));
        t.out.name = "joined";
    } else if (said.unread && !(open && too_long_with_open(t, said))) {
        hold(t, co_await taken_back(t, std::move(said)), with, !repeats);
    } else if (!said.words && !open && !kept_instruction(t, "wish")) {
        hold(t, said, with, true);
    } else {
        co_await begin(t, std::move(said));
    }
}

awaitable<std::string> press_for_held(update_context& t, bool go_on) {
    auto waits = kept_instruction(t, "held");
    if (!waits) co_return t.say_plainly(phrase::held_gone);
    t.write(telegram::expect(t.where, ""));
    if (!go_on) {
        t.say(phrase::held_dropped);
        co_return "";
    }
    t.message = waits->message;
    // It is said now, however long it waited.
    waits->said_at = std::chrono::floor<std::chrono::seconds>(t.with.time.now()).time_since_epoch().count();
    co_await begin(t, std::move(*waits));
    co_return "";
}

} // namespace persais::telegram

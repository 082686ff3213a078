#include "telegram/dialog/task_commands.hpp"

#include "base/text.hpp"
#include "mechanic/step.hpp"
#include "queue/limits.hpp"
#include "queue/listing.hpp"
#include "queue/turns.hpp"
#include "telegram/api/message_text.hpp"
#include "telegram/api/shown.hpp"
#include "telegram/dialog/discard.hpp"
#include "telegram/dialog/instruct.hpp"
#include "telegram/dialog/landing.hpp"
#include "telegram/dialog/limits.hpp"
#include "telegram/dialog/reply.hpp"
#include "telegram/outbound/render_lists.hpp"

#include <algorithm>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace persais::telegram {

namespace {

/// The tasks that a command without a number can mean.
awaitable<std::vector<telegram::chat_task>> meant(update_context& t, command what) {
    bool unsettled = what == command::abort;
    auto all = co_await telegram::tasks_of(t.with.db, t.where, t.who.id, unsettled, limits::buttons_shown);
    if (all.empty() && t.may == role::admin)
        all = co_await telegram::tasks_of(t.with.db, t.where, std::nullopt, unsettled, limits::buttons_shown);
    co_return all;
}

awaitable<void> carry_out(update_context& t, command what, task_id of) {
    // An admin is related to every number, also to one that no task has.
    bool there = (co_await t.with.tasks.load(of)).has_value();
    if (!there || co_await relation_of(t, of) == relation::none) {
        t.say(there ? phrase::task_not_yours : phrase::task_unknown, {{"task", of.value}});
        co_return;
    }
    if (what == command::diff) co_await show_diff(t, of, {});
    if (what == command::log) co_await show_log(t, of);
    if (what == command::abort) co_await abort_it(t, of, false);
    if (what == command::retry) co_await retry_it(t, of, false);
    if (what == command::deploy) co_await offer_landing(t, of, false);
    if (what == command::rollback) co_await offer_landing(t, of, true);
    if (what == command::discard) co_await offer_discard(t, of, "", false);
}

std::string line_of(reader l, const queue::happening& h) {
    if (h.kind == "state") return state_line(l, h.state, h.attempt, h.round);
    return h.doing ? doing_line(l, *h.doing) : h.text;
}

/// The newest lines of a task's log, oldest first.
awaitable<std::string> log_of(update_context& t, task_id of) {
    std::string all;
    for (std::int64_t after = 0;;) {
        auto page = co_await queue::happenings(t.with.db, of, after);
        for (const auto& h : page) {
            if (h.kind == "log") {
                all += h.text;
            } else {
                if (!all.empty() && all.back() != '\n') all += '\n';
                all += fmt::format("{:%H:%M:%S} {}\n", std::chrono::floor<std::chrono::seconds>(h.at),
                                   line_of(t.reads(), h));
            }
            after = h.number;
        }
        if (all.size() > 2 * limits::chat_file_bytes) all.erase(0, all.size() - limits::chat_file_bytes);
        if (page.size() < static_cast<std::size_t>(limits::log_page)) break;
    }
    if (all.size() > limits::chat_file_bytes) all.erase(0, all.size() - limits::chat_file_bytes);
    co_return all;
}

} // namespace

awaitable<void> on_task(update_context& t, command what, std::string rest) {
    if (!rest.empty()) {
        auto number = read_task_number(rest);
        if (!number) {
            t.say(phrase::task_bad_number, {{"given", one_line(rest, 40)}, {"command", row_of(what).name}});
            co_return;
        }
        co_await carry_out(t, what, *number);
        co_return;
    }
    if (t.known.answered_to) {
        co_await carry_out(t, what, *t.known.answered_to);
        co_return;
    }
    auto all = co_await meant(t, what);
    if (all.empty()) {
        t.say(phrase::task_none);
    } else if (what == command::abort && all.size() > 1) {
        keyboard keys;
        for (const auto& each : all)
            keys.push_back({t.button(fmt::format("{} · {}", each.id.value, one_line(each.instruction, 40)),
                                     {.action = "abort", .task = each.id, .once = true})});
        t.say(phrase::task_which, {}, keys);
    } else {
        co_await carry_out(t, what, all.front().id);
    }
}

awaitable<void> show_diff(update_context& t, task_id of, std::string commit) {
    auto found = co_await t.with.tasks.load(of);
    service::task_diff made;
    if (found)
        made = co_await t.with.diffs.read(found->task, std::move(commit), service::diff_range::whole,
                                          limits::chat_file_bytes);
    if (made.what != service::task_diff::kind::there) {
        bool none = made.what == service::task_diff::kind::nothing;
        bool withheld = made.what == service::task_diff::kind::withheld;
        t.say(none       ? phrase::diff_nothing
              : withheld ? phrase::diff_withheld
                         : phrase::diff_elsewhere,
              {{"task", of.value}, {"branch", made.branch}});
        co_return;
    }
    auto shown = made.cut ? std::nullopt : diff_message(t.tongue, of, made.size, made.commit, made.text);
    if (shown)
        t.send_of_task(of, 0, "other", shown->text);
    else
        t.send_file(of, fmt::format("task-{}.diff", of.value), made.text, diff_caption(t.tongue, of, made.commit));
}

awaitable<void> show_log(update_context& t, task_id of) {
    auto log = co_await log_of(t, of);
    if (auto shown = log_message(t.tongue, of, log))
        t.send_of_task(of, 0, "other", shown->text);
    else
        t.send_file(of, fmt::format("task-{}.log", of.value), log, log_caption(t.tongue, of));
}

awaitable<std::string> abort_it(update_context& t, task_id what, bool pressed) {
    if (co_await relation_of(t, what) != relation::owns) {
        if (!pressed) t.say(phrase::press_not_yours);
        co_return t.say_plainly(phrase::press_not_yours);
    }
    auto how = co_await t.with.tasks.abort(what);
    if (!how && how.error().why == service::refusal::reason::has_result) // also of a button that is still to be edited
        co_return co_await offer_discard(t, what, "", pressed);
    // The end of a task that is told here is told by the message that follows each end: an answer would say it twice.
    auto home = co_await telegram::home_of(t.with.db, what);
    bool told = how && home && home->where == t.where;
    std::string end;
    if (!how) {
        auto found = co_await t.with.tasks.load(what);
        if (!found) co_return t.say_plainly(phrase::task_unknown, {{"task", what.value}});
        // It may be our own abort, repeated: the process ended between the order to abort and the message about it.
        bool aborted = std::holds_alternative<mechanic::aborted>(found->task.now);
        if (!aborted) end = standing_words(t.tongue, found->task);
        how = service::abort_end::aborted;
    }
    t.acted = end.empty();
    auto p = *how == service::abort_end::asked          ? phrase::abort_asked
             : *how == service::abort_end::turn_aborted ? phrase::abort_turn
                                                        : phrase::abort_done;
    if (!end.empty()) p = pressed ? phrase::press_too_late : phrase::abort_ended;
    if (*how == service::abort_end::landing) {
        auto found = co_await t.with.tasks.load(what);
        if (found && mechanic::is_settled(found->task.now)) end = standing_words(t.tongue, found->task);
        p = end.empty() ? phrase::abort_landing_asked : phrase::abort_landing;
        told = told && !end.empty(); // no message follows while a push is in doubt
    }
    if (!pressed && !told) t.say(p, {{"task", what.value}, {"verdict", end}});
    co_return t.say_plainly(p, {{"task", what.value}, {"verdict", end}});
}

awaitable<std::string> retry_it(update_context& t, task_id what, bool pressed) {
    auto found = co_await t.with.tasks.load(what);
    if (!found || co_await relation_of(t, what) != relation::owns) {
        if (!pressed) t.say(phrase::press_not_yours);
        co_return t.say_plainly(phrase::press_not_yours);
    }
    if (!mechanic::is_settled(found->task.now)) {
        if (!pressed) t.say(phrase::retry_under_way, {{"task", what.value}});
        co_return t.say_plainly(phrase::retry_under_way, {{"task", what.value}});
    }
    if (mechanic::retries_its_turn(found->task)) {
        co_await go_on(t, *found, found->task.known.asked);
        co_return t.say_plainly(phrase::turn_begun, {{"task", what.value}});
    }
    auto order = co_await t.with.tasks.order_of_next_try(found->task);
    if (!order) {
        if (!pressed) t.say(phrase::retry_too_long, {{"task", what.value}});
        co_return t.say_plainly(phrase::retry_too_long, {{"task", what.value}});
    }
    auto id = co_await place_order(t, *order, {{t.message, text::characters(order->instruction)}}, std::nullopt,
                                   forge::short_name(order->remote));
    co_return t.say_plainly(phrase::retry_made, {{"task", what.value}, {"new", id.value}});
}

awaitable<std::string> push_it(update_context& t, task_id what, std::string commit) {
    auto may = co_await t.with.tasks.push_anyway(what, std::move(commit), co_await role_for(t, what),
                                                 co_await relation_of(t, what));
    if (may) {
        t.acted = true;
        co_return t.say_plainly(phrase::push_begun, {{"task", what.value}});
    }
    using enum service::refusal::reason;
    auto why = may.error().why;
    if (why == admins_only) co_return t.say_plainly(phrase::admin_only);
    co_return t.say_plainly(why == not_yours ? phrase::press_not_yours : phrase::press_moved, {{"task", what.value}});
}

awaitable<std::string> give_back(update_context& t, task_id what, std::string commit) {
    auto found = co_await t.with.tasks.load(what);
    if (!found || co_await relation_of(t, what) == relation::none) co_return t.say_plainly(phrase::press_not_yours);
    if (!service::may_give(t.role_at(found->task.what.remote))) co_return t.say_plainly(phrase::readers_only);
    const auto& held = found->task.known.held_back;
    if (!held || held->what.made.commit != commit) co_return t.say_plainly(phrase::press_moved, {{"task", what.value}});
    co_await go_on(t, *found, mechanic::order_without(held->found));
    co_return t.say_plainly(phrase::turn_begun, {{"task", what.value}});
}

awaitable<std::string> make_task_of(update_context& t, task_id question) {
    auto found = co_await t.with.tasks.load(question);
    if (!found || co_await relation_of(t, question) == relation::none) co_return t.say_plainly(phrase::press_not_yours);
    if (!service::may_give(t.role_at(found->task.what.remote))) co_return t.say_plainly(phrase::readers_only);
    auto order = service::order_of_answer(found->task, t.with.settings,
                                          service::repository_at(t.with.repositories, found->task.what.remote).get());
    if (!order) co_return t.say_plainly(phrase::press_moved, {{"task", question.value}});
    auto id = co_await place_order(t, *order, {{t.message, text::characters(order->instruction)}}, std::nullopt,
                                   forge::short_name(order->remote), found->conversation);
    co_return t.say_plainly(phrase::made_task, {{"task", id.value}});
}

awaitable<std::string> give_more(update_context& t, task_id what, double usd) {
    auto found = co_await t.with.tasks.load(what);
    if (!found) co_return t.say_plainly(phrase::press_not_yours);
    auto may = service::may_raise(co_await role_for(t, what), co_await relation_of(t, what), usd, t.with.settings);
    if (!may) {
        using enum service::refusal::reason;
        auto why = may.error().why;
        if (why == over_day)
            co_return t.say_plainly(phrase::budget_over_day, {{"day", money(t.with.settings.budget_day_usd)}});
        co_return t.say_plainly(why == admins_only ? phrase::admin_only : phrase::press_not_yours);
    }
    bool waits = std::holds_alternative<mechanic::waiting>(found->task.now);
    if (!waits || !(usd > found->task.what.budget_usd))
        co_return t.say_plainly(phrase::press_moved, {{"task", what.value}});
    t.write(queue::budget_statement(what, usd));
    co_return t.say_plainly(phrase::budget_more_given, {{"task", what.value}, {"cost", money(usd)}});
}

} // namespace persais::telegram

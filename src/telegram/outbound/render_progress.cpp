// Renders a running task.
#include "mechanic/step.hpp"
#include "telegram/api/shown.hpp"
#include "telegram/outbound/render_pieces.hpp"

namespace persais::telegram {

using namespace mechanic;

namespace {

constexpr std::size_t line_units = 300; // of a command, a path, a line that is not understood

styled shown_code(std::string_view text) {
    return code(one_line(text, line_units));
}

/// With a sentence in the reader's language, when it is one of ours; else as the quotation that it is.
styled quoting(reader l, const std::string& sentence, phrase ours, phrase of_others) {
    auto known = l == language::en ? std::nullopt : in(l, sentence);
    return say(l, known ? ours : of_others, {{"text", one_line(known.value_or(sentence), line_units)}});
}

styled doing_words(reader l, const progress& p) {
    using enum progress::kind;
    auto subject = shown_code(p.subject);
    switch (p.what) {
    case fetching:
        return say(l, phrase::preparing);
    case receiving:
        return say(l, phrase::preparing) + plain(" ") + subject;
    case check_found:
        return say(l, phrase::check_found, {{"command", subject}});
    case no_check_found:
        return say(l, phrase::no_check_found);
    case agent_started:
    case reading_repository:
        return say(l, phrase::reading);
    case no_repository_map:
        return say(l, phrase::no_repository_map, {{"why", subject}});
    case asking_model:
        return say(l, phrase::asking);
    case waiting_for_model:
        return say(l, phrase::waiting_for_model);
    case opening:
        return say(l, phrase::opening, {{"file", subject}});
    case editing:
        return say(l, phrase::editing, {{"file", subject}});
    case edit_rejected:
        return say(l, phrase::edit_rejected);
    case answer_broke_off:
        return say(l, phrase::answer_broke_off);
    case agent_repairs:
        return say(l, phrase::repairing);
    case left_out:
        return say(l, phrase::left_out, {{"file", subject}});
    case lfs_left_out:
        return say(l, phrase::lfs_left_out, {{"file", subject}});
    case setting_up:
        return say(l, phrase::setting_up, {{"command", subject}});
    case setup_given_up:
        return say(l, phrase::setup_given_up, {{"command", subject}});
    case host_denied:
        return say(l, phrase::host_denied, {{"host", subject}});
    case checking_base:
        return say(l, phrase::checking_base, {{"command", subject}});
    case checking:
        return say(l, phrase::checking, {{"command", subject}});
    case history_cut:
        return say(l, phrase::history_cut, {{"n", subject}});
    case large_copies:
        return say(l, phrase::large_copies, {{"size", subject}});
    case pushing:
        return say(l, phrase::publishing);
    case watching:
        return say(l, phrase::watching);
    case requesting:
        return quoting(l, p.subject, phrase::requesting, phrase::requesting_of_others);
    case model_retry:
        return quoting(l, p.subject, phrase::model_retry, phrase::model_retry_of_others);
    case other:
        break;
    }
    if (auto known = in(l, p.subject)) return plain(one_line(*known, line_units));
    return say(l, phrase::doing_other, {{"text", one_line(p.subject, line_units)}});
}

styled queue_words(reader l, const live& now) {
    if (now.again_in.count() > 0) return say(l, phrase::queued_later, {{"time", span(l, now.again_in)}});
    if (now.ahead > 0) return say(l, phrase::queued_behind, {{"n", now.ahead}});
    return say(l, phrase::queued_next);
}

phrase wait_phrase(wait_reason why) {
    switch (why) {
    case wait_reason::key:
        return phrase::wait_key;
    case wait_reason::credit:
        return phrase::wait_credit;
    case wait_reason::day_budget:
        return phrase::wait_day_budget;
    case wait_reason::task_budget:
        return phrase::wait_task_budget;
    case wait_reason::model_away:
        return phrase::wait_model_away;
    case wait_reason::remote_away:
        return phrase::wait_remote_away;
    case wait_reason::request:
        return phrase::wait_request;
    case wait_reason::world:
        return phrase::wait_world;
    case wait_reason::month_budget:
        return phrase::wait_month_budget;
    case wait_reason::paused:
        return phrase::wait_paused;
    }
    return phrase::wait_world;
}

styled wait_words(reader l, const task& t, const waiting& s, const live& now) {
    if (s.why == wait_reason::request && t.known.lands && t.known.lands->waits_on)
        return quoting(l, t.known.lands->waits_on->said, phrase::wait_request_for, phrase::wait_request_of_others);
    bool of_budget = s.why == wait_reason::day_budget || s.why == wait_reason::month_budget;
    if (of_budget && !t.known.budget.empty())
        return quoting(l, t.known.budget, phrase::wait_budget_of, phrase::wait_budget_of);
    auto out = say(l, wait_phrase(s.why), {{"budget", money(t.what.budget_usd)}});
    bool by_itself =
        s.why == wait_reason::model_away || s.why == wait_reason::remote_away || s.why == wait_reason::world;
    if (by_itself && now.again_in.count() > 0)
        out += plain(" ") + say(l, phrase::wait_again_in, {{"time", span(l, now.again_in)}});
    return out;
}

/// Whether it waits for its turn on the base branch. To ask for that it becomes `deploying` again and again, which
/// people are not to see: each look would be an edit of its message.
bool waits_for_turn(const task& t) {
    const auto& l = t.known.lands;
    if (!l) return false;
    return std::holds_alternative<queued>(t.now) ||
           (!is_settled(t.now) && l->step == landing_step::lane && !std::holds_alternative<waiting>(t.now));
}

styled stage_of(reader l, const task& t, const live& now) {
    if (waits_for_turn(t))
        return t.known.lands->withdrawn ? say(l, phrase::aborting)
                                        : say(l, phrase::queued_landing, {{"branch", code(t.known.base_branch)}});
    auto doing_or = [&](styled words) { return now.doing ? doing_words(l, *now.doing) : words; };
    return std::visit(
        each_state{[&](const queued&) { return queue_words(l, now); },
                   [&](const waiting& s) { return wait_words(l, t, s, now); },
                   [&](const publishing&) { return say(l, phrase::publishing); },
                   [&](const preparing&) { return doing_or(say(l, phrase::preparing)); },
                   [&](const answering&) { return doing_or(say(l, phrase::answering)); },
                   [&](const checking&) {
                       return doing_or(say(l, phrase::checking, {{"command", shown_code(t.known.check.command)}}));
                   },
                   [&](const coding& s) { return doing_or(say(l, s.round > 0 ? phrase::repairing : phrase::reading)); },
                   [&](const deploying&) {
                       return doing_or(say(l, phrase::deploying, {{"branch", code(t.known.base_branch)}}));
                   },
                   [&](const rolling_back&) {
                       return doing_or(say(l, phrase::rolling_back, {{"branch", code(t.known.base_branch)}}));
                   },
                   // These have a result to show (render_result.cpp).
                   [&](const one_of<review, failed, aborted, parked, expired, answered, deployed, rolled_back,
                                    discarded> auto&) { return doing_or({}); }},
        t.now);
}

button_rows buttons_of(reader l, const task& t, const live& now) {
    if (now.abort_wished) return {};
    std::vector<button> row;
    auto* s = std::get_if<waiting>(&t.now);
    if (s && s->why == wait_reason::task_budget) {
        auto more = t.what.budget_usd;
        row.push_back({.label = say_plain(l, phrase::button_more_money, {{"cost", money(more)}}),
                       .what = action::budget_more,
                       .task = t.id,
                       .argument = fmt::format("{:.4f}", t.what.budget_usd + more)}); // the new total
    }
    if (!std::holds_alternative<queued>(t.now) && !waits_for_turn(t))
        row.push_back(task_button(l, action::log, phrase::button_log, t));
    row.push_back(task_button(l, action::abort, phrase::button_abort, t));
    return {row};
}

} // namespace

std::string doing_line(reader l, const progress& p) {
    return doing_words(l, p).text;
}

outgoing progress_message(reader l, const task& t, const live& now) {
    auto out = heading(l, t, now.repository) + plain("\n\n");
    if (now.abort_wished) {
        out += plain("⏹ ") + say(l, phrase::aborting);
    } else {
        out += plain(std::holds_alternative<waiting>(t.now) ? "⏸ " : "⏳ ") + stage_of(l, t, now);
        if (auto round = round_of(t.now).value_or(0); round > 0)
            out += plain("\n") + say(l, phrase::repair_round, {{"n", round}, {"most", t.what.repair_rounds}});
    }
    if (now.unsafe) out += plain("\n") + say(l, phrase::unsafe);
    // Nothing happens while it waits: a time that runs would be an edit at each look.
    if (waits_for_turn(t)) {
        if (now.cost.calls > 0) out += plain("\n" + cost_words(l, now.cost));
    } else {
        out += plain("\n" + footing(l, t, now.elapsed, now.cost, attempt_of(t.now).value_or(0)));
    }
    return {truncated(out), buttons_of(l, t, now)};
}

} // namespace persais::telegram

// Renders a settled task.
#include "mechanic/landing.hpp"
#include "mechanic/limits.hpp"
#include "mechanic/step.hpp"
#include "telegram/api/markdown.hpp"
#include "telegram/api/shown.hpp"
#include "telegram/api/utf16.hpp"
#include "telegram/outbound/render_pieces.hpp"

#include <algorithm>
#include <array>

#include <fmt/chrono.h>

namespace persais::telegram {

using namespace mechanic;

namespace {

constexpr std::size_t files_shown = 12;
constexpr std::size_t path_units = 120;
constexpr std::size_t said_units = 600; // of the text of agent, refusal or checks; the log has all

std::string_view icon_of(verdict how) {
    if (how == verdict::ready) return "✅ ";
    if (how == verdict::aborted) return "⏹ ";
    return has_branch(how) || how == verdict::no_change ? "⚠️ " : "❌ ";
}

std::string_view icon_of(const task& t) {
    using icon = std::string_view;
    return std::visit(each_state{[](const answered&) { return icon("💬 "); }, [](const parked&) { return icon("🖐 "); },
                                 [](const deployed&) { return icon("🚀 "); },
                                 [](const rolled_back&) { return icon("↩️ "); },
                                 [&](const one_of<review, failed, aborted, expired, discarded> auto&) {
                                     return icon_of(*verdict_of(t));
                                 },
                                 // These have no result yet (render_progress.cpp).
                                 [](const one_of<queued, preparing, coding, checking, publishing, answering, waiting,
                                                 deploying, rolling_back> auto&) { return icon(); }},
                      t.now);
}

/// Whether the result stands on a branch, or is kept as a diff.
bool has_diff(const task& t) {
    bool kept = std::visit(
        each_state{[](const one_of<review, deployed, rolled_back, discarded> auto&) { return true; },
                   [](const failed& s) { return at_a_limit(s.how); },
                   [](const one_of<queued, preparing, coding, checking, publishing, answering, waiting, aborted, parked,
                                   expired, answered, deploying, rolling_back> auto&) { return false; }},
        t.now);
    return kept && t.known.made;
}

/// What of a change a person should look at, whatever its lines say.
std::string noted_files(reader l, const work& made) {
    std::string all;
    for (const auto& each : made.noted) {
        auto kind = each.kind == "ci"     ? phrase::noted_ci
                    : each.kind == "lock" ? phrase::noted_lock
                                          : phrase::noted_licence;
        all += fmt::format("{}{} ({})", all.empty() ? "" : ", ", one_line(each.path, path_units), say_plain(l, kind));
    }
    return std::string(first_units(all, said_units));
}

/// What of the repository's memory the newest turn was given.
std::string used_words(reader l, const std::vector<ending::note>& used) {
    std::string all;
    for (const auto& each : used) {
        auto day = fmt::format("{:%Y-%m-%d}", std::chrono::floor<std::chrono::days>(each.at));
        all += all.empty() ? "" : "; ";
        all += each.task ? say_plain(l, phrase::used_task, {{"task", each.task->value}})
                         : say_plain(l, phrase::used_note, {{"day", day}});
    }
    return all;
}

styled change_lines(reader l, const task& t, const ending& how) {
    const auto& size = t.known.made->size;
    auto out =
        say(l, phrase::changed_files, {{"n", size.files}, {"added", size.insertions}, {"removed", size.deletions}});
    for (std::size_t i = 0; i < std::min(how.files.size(), files_shown); ++i) {
        const auto& f = how.files[i];
        out += plain("\n") + code(one_line(f.path, path_units));
        out += plain(f.binary ? " " + say_plain(l, phrase::binary_file)
                              : fmt::format(" +{} −{}", f.insertions, f.deletions));
        if (f.note) out += plain(" · " + say_plain(l, *f.note));
    }
    if (how.files.size() > files_shown)
        out += plain("\n") + say(l, phrase::more_files, {{"n", how.files.size() - files_shown}});
    if (auto noted = noted_files(l, *t.known.made); !noted.empty())
        out += plain("\n") + say(l, phrase::noted, {{"files", noted}});
    return out;
}

std::string check_words(reader l, check_outcome how) {
    switch (how) {
    case check_outcome::green:
        return say_plain(l, phrase::check_green);
    case check_outcome::red:
        return say_plain(l, phrase::check_red);
    case check_outcome::could_not_run:
        return say_plain(l, phrase::check_could_not_run);
    case check_outcome::timed_out:
        return say_plain(l, phrase::check_timed_out);
    case check_outcome::not_run:
        break;
    }
    return say_plain(l, phrase::check_not_run);
}

styled checks_line(reader l, const facts& k) {
    if (k.check.command.empty()) return say(l, phrase::checks_none);
    auto out = say(l, phrase::checks_line,
                   {{"command", code(one_line(k.check.command, path_units))},
                    {"before", check_words(l, k.before)},
                    {"after", check_words(l, k.after)}});
    if (k.rounds_used > 0) out += plain(", ") + say(l, phrase::check_rounds, {{"n", k.rounds_used}});
    return out;
}

/// Empty: its branch has no page.
std::string branch_address(const task& t, const ending& how) {
    return how.web ? forge::branch_page(*how.web, t.known.branch) : std::string();
}

styled branch_words(const task& t, const ending& how) {
    auto address = branch_address(t, how);
    return address.empty() ? code(t.known.branch) : linked(t.known.branch, address);
}

/// Whole lines from the end, because the last lines of a test run tell most.
std::string last_lines(std::string_view text, std::size_t most) {
    auto all = shown_words(text);
    auto left = units(all);
    std::string_view rest = all;
    while (left > most) {
        auto n = std::min(rest.find('\n'), rest.size());
        if (n + 1 >= rest.size()) return std::string(first_units(rest, most)); // the last line alone is too long
        left -= units(rest.substr(0, n + 1));
        rest.remove_prefix(n + 1);
    }
    return std::string(rest);
}

/// What others said about the result: the model's endpoint, git, the checks, the agent.
styled voices(reader l, const task& t) {
    const auto& k = t.known;
    auto how = verdict_of(t).value_or(verdict::world_broken);
    if (how == verdict::tests_red && !k.feedback.empty())
        return say(l, phrase::red_output) + plain("\n") + pre(last_lines(k.feedback, said_units));
    std::string other;
    if (how == verdict::checks_could_not_run) other = k.could_not_run;
    bool outside = how == verdict::model_failed || how == verdict::remote_failed || at_a_limit(how) ||
                   how == verdict::world_broken;
    if (outside) other = details(l, t);
    if (!other.empty()) {
        auto known = in(l, other);
        return say(l, known ? phrase::details : phrase::details_of_others) + plain("\n") +
               quote(truncated(plain(shown_words(known.value_or(other))), said_units));
    }
    if (k.said.empty() || how == verdict::aborted) return {};
    return say(l, phrase::agent_said) + plain("\n") + quote(truncated(from_markdown(shown_words(k.said)), said_units));
}

/// What decides about the task's work, each in a row of its own and with the commit that is shown.
button_rows deciding_buttons(reader l, const task& t) {
    button_rows rows;
    auto add = [&](action what, phrase label, const std::string& commit) {
        auto b = task_button(l, what, label, t);
        b.argument = commit;
        rows.push_back({b});
    };
    auto deploy = [&](phrase label, const std::string& commit) {
        if (lands_without_a_word(t))
            add(action::deploy, label, commit);
        else
            add(action::deploy_anyway, phrase::button_deploy_anyway, commit);
    };
    std::visit(each_state{[&](const review& s) {
                              deploy(phrase::button_deploy, s.commit);
                              add(action::discard, phrase::button_discard, s.commit);
                          },
                          [&](const discarded& s) { add(action::undiscard, phrase::button_undiscard, s.commit); },
                          [&](const rolled_back& s) { deploy(phrase::button_deploy_again, s.commit); },
                          [&](const deployed& s) {
                              add(action::rollback, phrase::button_rollback, s.commit);
                              // A rollback came to nothing: in an emergency its checks may be what is wrong.
                              if (!t.known.not_landed.empty())
                                  add(action::rollback_anyway, phrase::button_rollback_anyway, s.commit);
                          },
                          [](const one_of<queued, preparing, coding, checking, publishing, answering, waiting, failed,
                                          aborted, parked, expired, answered, deploying, rolling_back> auto&) {}},
               t.now);
    return rows;
}

button_rows buttons_of(reader l, const task& t, const ending& how) {
    button_rows rows{{}};
    auto add = [&](action what, phrase label) { rows.front().push_back(task_button(l, what, label, t)); };
    if (has_diff(t)) add(action::diff, phrase::button_diff);
    add(action::log, phrase::button_log);
    add(action::retry, phrase::button_retry);
    if (const auto& held = t.known.held_back) {
        auto of_held = [&](action what, phrase label) {
            auto b = task_button(l, what, label, t);
            b.argument = held->what.made.commit;
            return b;
        };
        rows.push_back(
            {of_held(action::push, phrase::button_push), of_held(action::give_back, phrase::button_give_back)});
    }
    for (auto& row : deciding_buttons(l, t))
        rows.push_back(std::move(row));
    auto address = branch_address(t, how);
    if (std::holds_alternative<review>(t.now) && !address.empty())
        rows.push_back({{.label = say_plain(l, phrase::button_open), .address = address}});
    return rows;
}

} // namespace

outgoing withdrawn_turn_message(reader l, task_id of) {
    return {say(l, phrase::reply_long, {{"task", of.value}, {"most", limits::instruction_characters}}), {}};
}

outgoing result_message(reader l, const task& t, const ending& how) {
    auto out = plain(icon_of(t)) +
               bold(say_plain(l, phrase::done_notice, {{"task", t.id.value}, {"verdict", standing_words(l, t)}}));
    if (is_withdrawn(t)) // there is nothing more to see or to do
        return {out + plain("\n\n") + say(l, phrase::instruction_long, {{"most", limits::instruction_characters}}), {}};
    out += plain("\n") + italic(one_line(instruction_of(t), instruction_shown_units));
    if (auto sentence = verdict_sentence(l, t); !sentence.text.empty()) out += plain("\n\n") + sentence;
    if (auto said = voices(l, t); !said.text.empty()) out += plain("\n\n") + said;
    out += plain("\n\n");
    if (retries_its_turn(t)) out += say(l, phrase::said_stands) + plain("\n");
    if (has_diff(t)) out += change_lines(l, t, how) + plain("\n");
    if (std::holds_alternative<review>(t.now)) {
        out += checks_line(l, t.known) + plain("\n");
        out += say(l, phrase::branch_line, {{"branch", branch_words(t, how)}}) + plain("\n");
    }
    if (auto used = used_words(l, how.used); !used.empty()) out += say(l, phrase::used, {{"what", used}}) + plain("\n");
    out += say(l, phrase::cost_line, {{"cost", cost_words(l, how.cost)}, {"time", span(l, how.took)}});
    if (how.unsafe) out += plain("\n") + say(l, phrase::unsafe);
    return {truncated(out), buttons_of(l, t, how)};
}

outgoing overtaken_message(reader l, const mechanic::task& t, const ending& how) {
    auto all = std::holds_alternative<answered>(t.now) ? answer_messages(l, t, how).front() : result_message(l, t, how);
    for (auto& row : all.rows)
        std::erase_if(row, [](const button& b) { return works_once(b.what) || decides_on_result(b.what); });
    return all;
}

outgoing done_notice(reader l, const task& t) {
    auto text =
        plain(icon_of(t)) + say(l, phrase::done_notice, {{"task", t.id.value}, {"verdict", standing_words(l, t)}});
    return {text, {}};
}

namespace {

/// Whether a sentence that is told while a landing waits is of the result or the landing before, and not why it waits.
bool is_of_an_end(task t, const std::string& sentence) {
    const auto& k = t.known;
    if (sentence == k.not_landed || (k.decided && sentence == words(*k.decided))) return true;
    return std::ranges::any_of(std::array<state, 2>{deployed{}, rolled_back{}}, [&](const state& end) {
        t.now = end;
        auto said = landed_in_words(t); // of which commits, is not known any more
        constexpr std::string_view commits = " is at ";
        return sentence.starts_with(said.substr(0, said.find(commits) + commits.size()));
    });
}

} // namespace

bool tells_earlier_end(const task& t, const std::string& sentence) {
    const auto& k = t.known;
    if (sentence.empty() || !(k.lands || k.on_base || !k.not_landed.empty())) return false;
    using yes = bool;
    return std::visit(
        each_state{[&](const review& s) {
                       return yes(k.not_landed.empty() ? sentence != words(s.how) && !k.came_to_nothing
                                                       : sentence != k.not_landed);
                   },
                   [&](const one_of<deployed, rolled_back> auto&) {
                       // What went back by itself is told with the reason behind it.
                       return yes(sentence != landed_in_words(t) && sentence != k.not_landed &&
                                  sentence != sentence_of(t));
                   },
                   [&](const one_of<queued, deploying, rolling_back> auto&) { return k.lands.has_value(); },
                   [&](const waiting&) { return k.lands && is_of_an_end(t, sentence); },
                   [](const one_of<preparing, coding, checking, publishing, answering, failed, aborted, parked, expired,
                                   answered, discarded> auto&) { return false; }},
        t.now);
}

outgoing earlier_end_notice(reader l, const task& t, const std::string& sentence) {
    auto said = shown_words(in(l, sentence).value_or(sentence));
    if (said.ends_with('.')) said.pop_back(); // the phrase has one
    return {plain("ℹ️ ") + say(l, phrase::done_notice, {{"task", t.id.value}, {"verdict", said}}), {}};
}

std::vector<outgoing> answer_messages(reader l, const task& t, const ending& how) {
    auto out = plain(icon_of(t)) + bold(say_plain(l, phrase::answer_to, {{"task", t.id.value}})) + plain("\n") +
               italic(one_line(instruction_of(t), instruction_shown_units)) + plain("\n\n");
    out += from_markdown(shown_words(t.known.said));
    out += plain("\n\n") + say(l, phrase::cost_line, {{"cost", cost_words(l, how.cost)}, {"time", span(l, how.took)}});
    std::vector<outgoing> all;
    for (auto& part : parts(out))
        all.push_back({std::move(part), {}});
    if (all.empty()) return all;
    all.back().rows = {{task_button(l, action::make_task, phrase::button_make_task, t),
                        task_button(l, action::log, phrase::button_log, t)}};
    return all;
}

} // namespace persais::telegram

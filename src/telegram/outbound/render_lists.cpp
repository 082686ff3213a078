#include "telegram/outbound/render_lists.hpp"

#include "telegram/api/command.hpp"
#include "telegram/api/shown.hpp"
#include "telegram/api/utf16.hpp"
#include "telegram/outbound/limits.hpp"
#include "telegram/outbound/render_pieces.hpp"

#include <fmt/format.h>

namespace persais::telegram {

using namespace mechanic;

namespace {

constexpr std::size_t errors_shown = 5;
constexpr std::size_t error_units = 200;
constexpr std::size_t asked_units = 60;  // of an instruction in a list
constexpr std::size_t buttons_shown = 4; // of a list
constexpr std::size_t label_units = 32;
constexpr std::size_t commit_shown = 12;

phrase help_of(command what) {
    switch (what) {
    case command::start:
        return phrase::help_start;
    case command::help:
        return phrase::help_help;
    case command::status:
        return phrase::help_status;
    case command::tasks:
        return phrase::help_tasks;
    case command::diff:
        return phrase::help_diff;
    case command::log:
        return phrase::help_log;
    case command::abort:
        return phrase::help_abort;
    case command::retry:
        return phrase::help_retry;
    case command::reset:
        return phrase::help_reset;
    case command::ask:
        return phrase::help_ask;
    case command::repo:
        return phrase::help_repo;
    case command::model:
        return phrase::help_model;
    case command::budget:
        return phrase::help_budget;
    case command::lang:
        return phrase::help_lang;
    }
    return phrase::help_help;
}

button plain_button(language l, action what, phrase label) {
    return {.label = say_plain(l, label), .what = what};
}

styled sandbox_words(language l, const service_status& s) {
    if (s.sandbox.empty()) return say(l, phrase::status_sandbox_unsafe);
    return say(l, phrase::status_sandbox_confined, {{"tier", s.sandbox}});
}

styled spend_words(language l, const service_status& s) {
    auto cost = cost_words(l, s.today);
    if (s.day_budget_usd <= 0) return say(l, phrase::status_spend_free, {{"cost", cost}});
    return say(l, phrase::status_spend, {{"cost", cost}, {"budget", money(s.day_budget_usd)}});
}

} // namespace

outgoing status_message(language l, const service_status& s) {
    auto line = [](const styled& words) { return plain("\n") + words; };
    auto out = bold(say_plain(l, phrase::status_head, {{"version", s.version}}));
    out += line(say(l, phrase::status_up, {{"time", span(l, s.up)}}));
    out += line(sandbox_words(l, s));
    out += line(say(l, phrase::status_queue, {{"running", s.running}, {"queued", s.queued}, {"waiting", s.waiting}}));
    out += line(spend_words(l, s));
    if (!s.repository.empty()) out += line(say(l, phrase::status_repository, {{"repository", code(s.repository)}}));
    if (!s.model.empty())
        out += line(say(l, phrase::status_model, {{"model", code(s.model)}, {"budget", money(s.task_budget_usd)}}));
    out += line(say(l, s.errors.empty() ? phrase::status_no_errors : phrase::status_errors));
    for (std::size_t i = 0; i < std::min(s.errors.size(), errors_shown); ++i)
        out += line(plain("• " + ago(l, s.errors[i].ago) + ": " + one_line(s.errors[i].words, error_units)));
    return {
        truncated(out),
        {{plain_button(l, action::tasks, phrase::button_tasks), plain_button(l, action::repo, phrase::button_repo)}}};
}

outgoing tasks_message(language l, const std::vector<task_line>& all) {
    if (all.empty()) return {say(l, phrase::tasks_none), {}};
    auto out = bold(say_plain(l, phrase::tasks_head));
    std::vector<std::pair<std::string, std::string>> choices;
    for (const auto& each : all) {
        auto standing = each.abort_wished ? say_plain(l, phrase::state_aborting) : standing_words(l, each.task);
        auto asked = one_line(each.task.what.instruction, asked_units);
        auto end = each.usd > 0 ? " · " + money(each.usd) : "";
        out += plain("\n") + bold(fmt::format("{}", each.task.id.value)) +
               plain(fmt::format(" {} · {}{}\n", standing, ago(l, each.ago), end)) + italic(asked);
        if (choices.size() < buttons_shown)
            choices.emplace_back(one_line(fmt::format("{} {}", each.task.id.value, asked), label_units),
                                 each.task.id.str());
    }
    return {truncated(out), choice(action::task, choices)};
}

outgoing help_message(language l, bool admin, bool group) {
    auto out = say(l, phrase::help_head) + plain("\n");
    for (const auto& row : commands())
        if (row.what != command::start && (admin || !row.admin))
            out += plain(fmt::format("\n/{} ", row.name)) + say(l, help_of(row.what));
    out += plain("\n\n") + say(l, phrase::help_foot);
    if (group) out += plain(" ") + say(l, phrase::help_group);
    return {
        out,
        {{plain_button(l, action::status, phrase::button_status), plain_button(l, action::tasks, phrase::button_tasks)},
         {plain_button(l, action::repo, phrase::button_repo), plain_button(l, action::model, phrase::button_model)},
         {plain_button(l, action::budget, phrase::button_budget), plain_button(l, action::lang, phrase::button_lang)},
         {plain_button(l, action::reset, phrase::button_reset)}}};
}

std::vector<command_help> command_menu(language l, bool admin) {
    std::vector<command_help> all;
    for (const auto& row : commands())
        if (row.what != command::start && (admin || !row.admin))
            all.push_back({std::string(row.name), say_plain(l, help_of(row.what))});
    return all;
}

std::optional<outgoing> diff_message(language l, const task& t, const std::string& commit, std::string_view diff) {
    if (diff.empty()) return outgoing{say(l, phrase::diff_nothing, {{"task", t.id.value}}), {}};
    if (diff.size() > 4 * limits::telegram_diff_units) return std::nullopt; // before it is looked at
    auto block = pre(diff, "diff");
    if (units(block.text) > limits::telegram_diff_units) return std::nullopt;
    auto size = t.known.made.value_or(work{}).size;
    auto out = bold(say_plain(l, phrase::diff_head,
                              {{"task", t.id.value},
                               {"n", size.files},
                               {"added", size.insertions},
                               {"removed", size.deletions},
                               {"commit", commit.substr(0, commit_shown)}})) +
               plain("\n") + block;
    return outgoing{trimmed(out), {}};
}

styled diff_caption(language l, const task& t, const std::string& commit) {
    return say(l, phrase::diff_file, {{"task", t.id.value}, {"commit", code(commit.substr(0, commit_shown))}});
}

log_shown log_message(language l, const task& t, std::string_view log) {
    auto head = bold(say_plain(l, phrase::log_head, {{"task", t.id.value}})) + plain("\n");
    bool whole = log.size() <= 4 * limits::telegram_diff_units;
    if (!whole) { // what is far from the end is not looked at; a character that is cut is in the line that goes
        log.remove_prefix(log.size() - 4 * limits::telegram_diff_units);
        log.remove_prefix(std::min(log.find('\n') + 1, log.size())); // npos + 1 is 0
    }
    auto lines = shown_words(log);
    std::string_view rest = lines;
    while (units(rest) > limits::telegram_diff_units) {
        whole = false;
        auto end = rest.find('\n');
        rest.remove_prefix(end == rest.npos || end + 1 == rest.size() ? units(rest) - limits::telegram_diff_units
                                                                      : end + 1);
        while (!rest.empty() && (static_cast<unsigned char>(rest.front()) & 0xC0) == 0x80)
            rest.remove_prefix(1);
    }
    if (is_blank(rest)) return {{say(l, phrase::log_nothing, {{"task", t.id.value}}), {}}, whole};
    return {{trimmed(head + pre(rest)), {}}, whole};
}

styled log_caption(language l, const task& t) {
    return say(l, phrase::log_file, {{"task", t.id.value}});
}

button_rows choice(action what, const std::vector<std::pair<std::string, std::string>>& all) {
    button_rows rows;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (i % 2 == 0) rows.emplace_back();
        rows.back().push_back({.label = all[i].first, .what = what, .argument = all[i].second});
    }
    return rows;
}

} // namespace persais::telegram

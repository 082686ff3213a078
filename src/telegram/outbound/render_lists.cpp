#include "telegram/outbound/render_lists.hpp"

#include "mechanic/step.hpp"
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
constexpr std::size_t asked_units = 60; // of an instruction in a list
constexpr std::size_t commit_shown = 12;

/// A button that shows what the command of this name shows.
button show_button(reader l, phrase label, std::string command) {
    return {.label = say_plain(l, label), .what = action::show, .argument = std::move(command)};
}

styled sandbox_words(reader l, const service_status& s) {
    if (s.sandbox.empty()) return say(l, phrase::status_sandbox_unsafe);
    return say(l, phrase::status_sandbox_confined, {{"tier", s.sandbox}});
}

styled spend_words(reader l, const service_status& s) {
    auto cost = money(s.spent_today_usd);
    if (s.day_budget_usd <= 0) return say(l, phrase::status_spend_free, {{"cost", cost}});
    return say(l, phrase::status_spend, {{"cost", cost}, {"budget", money(s.day_budget_usd)}});
}

styled lane_words(reader l, const lane_line& lane) {
    std::string waiting;
    for (auto id : lane.waiting)
        waiting += (waiting.empty() ? "" : ", ") + id.str();
    auto out = lane.has ? say(l, phrase::status_lane, {{"repository", lane.repository}, {"task", lane.has->value}})
                        : say(l, phrase::status_lane_free, {{"repository", lane.repository}});
    if (!waiting.empty()) out += plain(" ") + say(l, phrase::status_lane_then, {{"tasks", waiting}});
    return out;
}

} // namespace

outgoing status_message(reader l, const service_status& s) {
    auto line = [](const styled& words) { return plain("\n") + words; };
    auto out = bold(say_plain(l, phrase::status_head, {{"version", s.version}}));
    out += line(say(l, phrase::status_up, {{"time", span(l, s.up)}}));
    out += line(sandbox_words(l, s));
    out += line(say(l, phrase::status_queue, {{"running", s.running}, {"queued", s.queued}, {"waiting", s.waiting}}));
    for (const auto& lane : s.lanes)
        out += line(lane_words(l, lane));
    for (const auto& each : s.approvals)
        out += line(say(l, phrase::status_approvals,
                        {{"task", each.task.value},
                         {"repository", each.repository},
                         {"n", each.approvals},
                         {"needed", each.needed}}));
    if (s.paused) out += line(say(l, phrase::status_paused));
    out += line(spend_words(l, s));
    out += line(say(l, phrase::status_repository, {{"repository", s.repository}}));
    out += line(say(l, phrase::status_model, {{"model", s.model}, {"budget", money(s.task_budget_usd)}}));
    if (s.backup_age)
        out += line(say(l, phrase::status_backup, {{"time", span(l, *s.backup_age)}, {"size", s.backup_size}}));
    if (s.backup_failed) out += line(say(l, phrase::status_backup_failed));
    out += line(say(l, s.errors.empty() ? phrase::status_no_errors : phrase::status_errors));
    for (std::size_t i = 0; i < std::min(s.errors.size(), errors_shown); ++i)
        out += line(plain(fmt::format("· {}: ", s.errors[i].id.value)) + trouble_words(l, s.errors[i]));
    return {truncated(out),
            {{show_button(l, phrase::button_tasks, "tasks"), show_button(l, phrase::button_help, "help")}}};
}

outgoing tasks_message(reader l, const std::vector<task_line>& all) {
    if (all.empty()) return {say(l, phrase::tasks_none), {}};
    auto out = bold(say_plain(l, phrase::tasks_head));
    button_rows rows;
    for (const auto& [t, abort_wished] : all) {
        auto standing = abort_wished ? say_plain(l, phrase::state_aborting) : standing_words(l, t);
        auto asked = one_line(t.what.instruction, asked_units);
        out += plain(fmt::format("\n{} · {} · {}", t.id.value, standing, asked));
        auto act = [&](action what, phrase label) {
            return button{.label = fmt::format("{} {}", t.id.value, say_plain(l, label)), .what = what, .task = t.id};
        };
        bool settled = is_settled(t.now);
        rows.push_back({act(action::diff, phrase::button_diff), act(action::log, phrase::button_log),
                        settled ? act(action::retry, phrase::button_retry) : act(action::abort, phrase::button_abort)});
    }
    return {truncated(out), rows};
}

std::string name_shown(std::string_view name) {
    constexpr std::size_t name_units = 64;
    return is_blank(name) ? "–" : one_line(name, name_units);
}

outgoing people_message(reader l, const std::vector<person_line>& newest, int all) {
    if (newest.empty()) return {say(l, phrase::people_none), {}};
    auto out = bold(say_plain(l, phrase::people_head));
    button_rows rows;
    for (const auto& each : newest) {
        auto name = name_shown(each.name);
        out += plain("\n") +
               say(l, phrase::people_line,
                   {{"name", code(name)}, {"id", std::to_string(each.id)}, {"by", code(name_shown(each.by))}});
        rows.push_back({{.label = say_plain(l, phrase::button_put_out, {{"name", name}}),
                         .what = action::put_out,
                         .argument = std::to_string(each.id)}});
    }
    auto more = all - static_cast<int>(newest.size());
    if (more > 0) out += plain("\n") + say(l, phrase::people_more, {{"n", more}});
    out += plain("\n") + say(l, phrase::people_settings);
    return {truncated(out), rows};
}

outgoing help_message(reader l, bool admin, bool group) {
    auto out = say(l, phrase::help_head) + plain("\n");
    for (const auto& row : commands())
        if (admin || !row.admin) out += plain(fmt::format("\n/{} – ", row.name)) + say(l, row.help);
    out += plain("\n\n") + say(l, phrase::help_foot);
    if (group) out += plain(" ") + say(l, phrase::help_group);
    return {out,
            {{show_button(l, phrase::button_status, "status"), show_button(l, phrase::button_tasks, "tasks")},
             {show_button(l, phrase::button_repo, "repo"), show_button(l, phrase::button_model, "model")},
             {show_button(l, phrase::button_budget, "budget"), show_button(l, phrase::button_lang, "lang")},
             {show_button(l, phrase::button_reset, "reset")}}};
}

std::vector<command_help> command_menu(reader l, bool admin) {
    std::vector<command_help> all;
    for (const auto& row : commands())
        if (admin || !row.admin) all.push_back({std::string(row.name), say_plain(l, row.help)});
    return all;
}

std::optional<outgoing> diff_message(reader l, task_id of, const diff_size& size, const std::string& commit,
                                     std::string_view diff) {
    if (diff.size() > 4 * limits::telegram_diff_units) return std::nullopt; // too long before it is rendered
    auto block = pre(diff, "diff");
    if (units(block.text) > limits::telegram_diff_units) return std::nullopt;
    auto out = bold(say_plain(l, phrase::diff_head,
                              {{"task", of.value},
                               {"n", size.files},
                               {"added", size.insertions},
                               {"removed", size.deletions},
                               {"commit", commit.substr(0, commit_shown)}})) +
               plain("\n") + block;
    return outgoing{trimmed(out), {}};
}

styled diff_caption(reader l, task_id of, const std::string& commit) {
    return say(l, phrase::diff_file, {{"task", of.value}, {"commit", code(commit.substr(0, commit_shown))}});
}

std::optional<outgoing> log_message(reader l, task_id of, std::string_view log) {
    if (log.size() > 4 * limits::telegram_diff_units) return std::nullopt; // too long before it is rendered
    auto lines = shown_words(log);
    if (is_blank(lines)) return outgoing{say(l, phrase::log_nothing, {{"task", of.value}}), {}};
    auto block = pre(lines);
    if (units(block.text) > limits::telegram_diff_units) return std::nullopt;
    return outgoing{trimmed(bold(say_plain(l, phrase::log_head, {{"task", of.value}})) + plain("\n") + block), {}};
}

styled log_caption(reader l, task_id of) {
    return say(l, phrase::log_file, {{"task", of.value}});
}

} // namespace persais::telegram

#include "telegram/dialog/command_views.hpp"

#include "queue/approvals.hpp"
#include "queue/audit.hpp"
#include "queue/backups.hpp"
#include "queue/money.hpp"
#include "queue/overview.hpp"
#include "telegram/api/message_text.hpp"
#include "telegram/api/shown.hpp"
#include "telegram/dialog/limits.hpp"
#include "telegram/dialog/spending.hpp"
#include "telegram/outbound/render_lists.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace persais::telegram {

namespace {

std::string where_of(const update_context& t) {
    const auto& s = t.with.settings;
    if (t.known.chosen) return t.known.chosen->name;
    return s.git_remote_url.empty() ? "–" : forge::short_name(s.git_remote_url);
}

/// nullopt: there is no such task, or its row cannot be read, which must not hide the others.
awaitable<std::optional<queue::snapshot>> readable_task(update_context& t, task_id id) {
    try {
        co_return co_await t.with.tasks.load(id);
    } catch (const queue::unusable_row& e) {
        spdlog::warn("task {} is not listed: {}", id.value, e.what());
    }
    co_return std::nullopt;
}

} // namespace

awaitable<void> show_help(update_context& t) {
    t.send(help_message(t.tongue, t.may == role::admin, !t.alone));
    co_return;
}

awaitable<void> show_status(update_context& t) {
    const auto& s = t.with.settings;
    auto facts = t.with.facts();
    auto now = co_await queue::overview_of(t.with.db);
    service_status all{.version = facts.version,
                       .up = facts.up,
                       .sandbox = facts.sandbox,
                       .running = now.running,
                       .queued = now.queued,
                       .waiting = now.waiting,
                       .spent_today_usd = now.spent_today,
                       .day_budget_usd = s.budget_day_usd,
                       .repository = where_of(t),
                       .model = t.known.model.value_or(s.aider_model),
                       .task_budget_usd = t.known.budget_usd.value_or(s.budget_task_usd)};
    all.paused = (co_await queue::paused(t.with.db)).has_value();
    for (const auto& l : co_await queue::lanes_of(t.with.db))
        all.lanes.push_back({forge::short_name(l.remote), l.has, l.waiting});
    for (const auto& a : co_await t.with.tasks.approvals_of(co_await queue::tasks_with_approvals(t.with.db)))
        all.approvals.push_back({a.task, forge::short_name(a.remote), static_cast<int>(a.by.size()), a.needed});
    auto backup = co_await queue::backup_state_of(t.with.db);
    if (!backup.name.empty()) {
        all.backup_age = backup.age;
        all.backup_size = i18n::size(t.tongue, static_cast<std::uint64_t>(backup.bytes));
    }
    all.backup_failed = !backup.why.empty();
    for (auto id : now.errors)
        if (auto found = co_await readable_task(t, id)) all.errors.push_back(std::move(found->task));
    t.send(status_message(t.reads(), all));
}

awaitable<void> show_tasks(update_context& t) {
    std::vector<task_line> lines;
    for (const auto& each : co_await tasks_of(t.with.db, t.where, std::nullopt, false, limits::buttons_shown))
        if (auto found = co_await readable_task(t, each.id))
            lines.push_back({std::move(found->task), each.abort_wished});
    t.send(tasks_message(t.reads(), lines));
}

awaitable<void> show_repositories(update_context& t) {
    const auto& s = t.with.settings;
    auto all = co_await telegram::repositories(t.with.db);
    keyboard keys;
    styled text;
    auto add_line = [&](std::string_view name, std::string_view remote, const auto& base, const auto& setup,
                        const auto& check, bool token) {
        auto or_default = [&](const std::optional<std::string>& v) {
            return v && !v->empty() ? code(one_line(*v, 100)) : telegram::say(t.tongue, phrase::repo_default);
        };
        text += plain("\n") + telegram::say(t.tongue, phrase::repo_shown,
                                            {{"name", bold(name)},
                                             {"remote", code(remote)},
                                             {"branch", or_default(base)},
                                             {"setup", or_default(setup)},
                                             {"check", or_default(check)},
                                             {"token", token ? "✓" : "–"}});
    };
    using optional_text = std::optional<std::string>;
    if (!s.git_remote_url.empty()) {
        add_line(forge::short_name(s.git_remote_url), s.git_remote_url, optional_text(s.git_base_branch),
                 optional_text(s.setup_command), optional_text(s.check_command), !s.git_access_token.empty());
        keys.push_back(
            {t.button((t.known.chosen ? "" : "✓ ") + forge::short_name(s.git_remote_url), {"repo", "default"})});
    }
    for (const auto& r : all) {
        if (keys.size() >= limits::buttons_shown) break;
        add_line(r.name, r.remote, r.base_branch, r.setup, r.check, r.has_token);
        bool chosen = t.known.chosen && t.known.chosen->id == r.id;
        keys.push_back({t.button((chosen ? "✓ " : "") + r.name, {"repo", std::to_string(r.id)})});
    }
    bool none = keys.empty();
    if (t.may == role::admin) keys.push_back({t.button(phrase::button_add_repo, {"add_repo"})});
    auto head = telegram::say(t.tongue, none ? (t.may == role::admin ? phrase::repo_none : phrase::no_repository)
                                             : phrase::repo_list);
    t.send(head + text, keys);
}

awaitable<void> show_models(update_context& t) {
    auto now = t.known.model.value_or(t.with.settings.aider_model);
    keyboard keys;
    // An admin may choose any, so those that were used are offered; others are offered what they may choose.
    auto offered = t.may == role::admin ? co_await queue::models_used(t.with.db, limits::buttons_shown - 2)
                                        : service::models_for_users(t.with.settings);
    for (const auto& name : offered)
        if (keys.size() + 1 < limits::buttons_shown && name != now && name != t.with.settings.aider_model)
            keys.push_back({t.button(one_line(name, 60), {"model", name})});
    if (t.known.model) keys.push_back({t.button(phrase::button_default, {"model", ""})});
    t.say(phrase::model_shown, {{"model", now}}, keys);
}

awaitable<void> show_budget(update_context& t) {
    const auto& s = t.with.settings;
    auto now = co_await queue::overview_of(t.with.db);
    auto task = t.known.budget_usd.value_or(s.budget_task_usd);
    keyboard keys;
    if (t.may == role::admin) {
        std::vector<key> row;
        for (double usd : {task / 2, task * 2})
            if (usd <= s.budget_day_usd && usd >= 0.01)
                row.push_back(t.button(money(usd), {"budget", fmt::format("{}", usd)}));
        if (!row.empty()) keys.push_back(std::move(row));
        if (t.known.budget_usd) keys.push_back({t.button(phrase::button_default, {"budget", ""})});
    }
    auto text =
        telegram::say(t.reads(), phrase::budget_shown,
                      {{"task", money(task)}, {"day", money(s.budget_day_usd)}, {"spent", money(now.spent_today)}});
    t.send(text + co_await money_left_words(t), keys);
}

awaitable<void> show_languages(update_context& t) {
    t.say(phrase::lang_which, {}, {{t.button("English", {"lang", "en"}), t.button("Русский", {"lang", "ru"})}});
    co_return;
}

} // namespace persais::telegram

#include "mechanic/states.hpp"
#include "queue/overview.hpp"
#include "telegram/api/message_text.hpp"
#include "telegram/api/shown.hpp"
#include "telegram/dialog/command_handlers.hpp"
#include "telegram/dialog/limits.hpp"

#include <fmt/format.h>

// What the commands show that change nothing.
namespace persais::telegram {

namespace {

std::string where_of(const update_context& t) {
    const auto& s = t.with.settings;
    if (t.known.chosen) return t.known.chosen->name;
    return s.git_remote_url.empty() ? "–" : forge::short_name(s.git_remote_url);
}

std::string standing(const update_context& t, const telegram::chat_task& k) {
    if (k.abort_wished) return t.say_plainly(phrase::state_aborting);
    constexpr std::pair<std::string_view, phrase> heads[] = {
        {"ready", phrase::head_ready},
        {"ready_unchecked", phrase::head_ready_unchecked},
        {"tests_red", phrase::head_tests_red},
        {"checks_could_not_run", phrase::head_checks_could_not_run},
        {"no_change", phrase::head_no_change},
        {"protected_path", phrase::head_protected_path},
        {"model_failed", phrase::head_model_failed},
        {"timed_out", phrase::head_timed_out},
        {"remote_failed", phrase::head_remote_failed},
        {"world_broken", phrase::head_world_broken}};
    auto judged = [&] {
        for (auto [word, p] : heads)
            if (k.verdict == word) return t.say_plainly(p);
        return k.state;
    };
    auto now = mechanic::state_from(k.state);
    if (!now) return k.state; // a newer version's
    using namespace mechanic;
    return std::visit(each_state{[&](const queued&) { return t.say_plainly(phrase::state_queued); },
                                 [&](const preparing&) { return t.say_plainly(phrase::state_preparing); },
                                 [&](const coding&) {
                                     return k.round > 0 ? t.say_plainly(phrase::state_repairing, {{"n", k.round}})
                                                        : t.say_plainly(phrase::state_coding);
                                 },
                                 [&](const checking&) { return t.say_plainly(phrase::state_checking); },
                                 [&](const publishing&) { return t.say_plainly(phrase::state_publishing); },
                                 [&](const answering&) { return t.say_plainly(phrase::state_answering); },
                                 [&](const waiting&) { return t.say_plainly(phrase::state_waiting); },
                                 [&](const review&) { return judged(); }, [&](const failed&) { return judged(); },
                                 [&](const aborted&) { return t.say_plainly(phrase::head_aborted); },
                                 [&](const parked&) { return t.say_plainly(phrase::head_parked); },
                                 [&](const expired&) { return t.say_plainly(phrase::head_expired); },
                                 [&](const answered&) { return t.say_plainly(phrase::head_answered); }},
                      *now);
}

} // namespace

awaitable<void> show_status(update_context& t) {
    const auto& s = t.with.settings;
    auto facts = t.with.facts();
    auto now = co_await queue::overview_of(t.with.db);
    auto l = t.tongue;
    auto all = bold(t.say_plainly(phrase::status_head, {{"version", facts.version}}));
    auto line = [&](const styled& what) { all += plain("\n") + what; };
    line(telegram::say(l, phrase::status_up, {{"time", span(l, facts.up)}}));
    line(facts.sandbox.empty() ? telegram::say(l, phrase::status_sandbox_unsafe)
                               : telegram::say(l, phrase::status_sandbox_confined, {{"tier", facts.sandbox}}));
    line(telegram::say(l, phrase::status_queue,
                       {{"running", now.running}, {"queued", now.queued}, {"waiting", now.waiting}}));
    line(telegram::say(l, phrase::status_spend,
                       {{"cost", money(now.spent_today)}, {"budget", money(s.budget_day_usd)}}));
    line(telegram::say(l, phrase::status_repository, {{"repository", where_of(t)}}));
    line(telegram::say(l, phrase::status_model,
                       {{"model", t.known.model.value_or(s.aider_model)},
                        {"budget", money(t.known.budget_usd.value_or(s.budget_task_usd))}}));
    line(telegram::say(l, now.errors.empty() ? phrase::status_no_errors : phrase::status_errors));
    for (const auto& e : now.errors)
        line(plain(fmt::format("· {}: {}", e.task.value, one_line(e.sentence, 200))));
    t.send(all, {{t.button(phrase::button_tasks, {"show", "tasks"}), t.button(phrase::button_help, {"show", "help"})}});
}

awaitable<void> show_tasks(update_context& t) {
    auto all = co_await telegram::tasks_of(t.with.db, t.where, std::nullopt, false, limits::buttons_shown);
    if (all.empty()) {
        t.say(phrase::tasks_none);
        co_return;
    }
    auto text = bold(t.say_plainly(phrase::tasks_head));
    keyboard keys;
    for (const auto& each : all) {
        text += plain(fmt::format("\n{} · {} · {}", each.id.value, standing(t, each), one_line(each.instruction, 60)));
        auto label = [&](phrase p) { return fmt::format("{} {}", each.id.value, t.say_plainly(p)); };
        std::vector<key> row{t.button(label(phrase::button_diff), {.action = "diff", .task = each.id}),
                             t.button(label(phrase::button_log), {.action = "log", .task = each.id})};
        auto now = mechanic::state_from(each.state);
        bool settled = now && mechanic::is_settled(*now);
        row.push_back(t.button(label(settled ? phrase::button_retry : phrase::button_abort),
                               {.action = settled ? "retry" : "abort", .task = each.id, .once = true}));
        keys.push_back(std::move(row));
    }
    t.send(text, keys);
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
    for (auto& name : co_await queue::models_used(t.with.db, limits::buttons_shown - 2))
        if (name != now && name != t.with.settings.aider_model)
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
    t.say(phrase::budget_shown,
          {{"task", money(task)}, {"day", money(s.budget_day_usd)}, {"spent", money(now.spent_today)}}, keys);
}

awaitable<void> show_languages(update_context& t) {
    t.say(phrase::lang_which, {}, {{t.button("English", {"lang", "en"}), t.button("Русский", {"lang", "ru"})}});
    co_return;
}

} // namespace persais::telegram

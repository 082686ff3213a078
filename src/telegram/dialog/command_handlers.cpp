#include "telegram/dialog/command_handlers.hpp"

#include "base/text.hpp"
#include "telegram/api/message_text.hpp"
#include "telegram/api/shown.hpp"
#include "telegram/dialog/add_repository.hpp"
#include "telegram/dialog/command_views.hpp"
#include "telegram/dialog/expecting.hpp"
#include "telegram/dialog/instruct.hpp"
#include "telegram/dialog/memory.hpp"
#include "telegram/dialog/people.hpp"
#include "telegram/dialog/repository_settings.hpp"
#include "telegram/dialog/second_factor.hpp"
#include "telegram/dialog/spending.hpp"
#include "telegram/dialog/task_commands.hpp"
#include "telegram/outbound/render_lists.hpp"
#include "telegram/store/inbox.hpp"

#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace persais::telegram {

namespace {

void greet(update_context& t) {
    const auto& s = t.with.settings;
    keyboard keys{{t.button(phrase::button_repo, {"show", "repo"}), t.button(phrase::button_help, {"show", "help"})}};
    if (!t.known.chosen && s.git_remote_url.empty())
        t.say(phrase::greeting_no_repository, {}, keys);
    else
        t.say(phrase::greeting,
              {{"repository", t.known.chosen ? t.known.chosen->name : forge::short_name(s.git_remote_url)}}, keys);
}

void ask_what(update_context& t) {
    t.write(telegram::expect(t.where, expected(t, "ask")));
    t.say(phrase::ask_which);
}

awaitable<void> on_model(update_context& t, std::string rest) {
    if (rest.empty()) {
        co_await show_models(t);
        co_return;
    }
    co_await take_model(t, rest);
}

/// "1.50", "$2", "2,5"
std::optional<double> dollars(std::string text) {
    if (text.starts_with('$')) text.erase(0, 1);
    if (text.ends_with('$')) text.pop_back();
    for (char& c : text)
        if (c == ',') c = '.';
    if (text.empty() || text.find_first_not_of("0123456789.") != text.npos) return std::nullopt;
    char* end = nullptr;
    double usd = std::strtod(text.c_str(), &end);
    if (*end != 0 || !std::isfinite(usd) || usd <= 0 || usd > 1'000'000) return std::nullopt;
    return usd;
}

awaitable<void> on_budget(update_context& t, std::string rest) {
    if (rest.empty()) {
        co_await show_budget(t);
        co_return;
    }
    auto usd = dollars(rest);
    const auto& s = t.with.settings;
    if (!usd) {
        t.say(phrase::budget_bad, {{"given", one_line(rest, 40)}});
    } else if (t.may != role::admin) {
        t.say(phrase::admin_only);
    } else if (*usd > s.budget_day_usd) {
        t.say(phrase::budget_over_day, {{"day", money(s.budget_day_usd)}});
    } else {
        t.write(telegram::choose_budget(t.where, usd));
        t.say(phrase::budget_chosen, {{"task", money(*usd)}});
    }
}

awaitable<void> on_repo(update_context& t, std::string rest) {
    if (rest.empty()) {
        co_await show_repositories(t);
        co_return;
    }
    if (rest == "add" || rest.starts_with("add ")) {
        co_await begin_adding(t, std::string(text::trim(std::string_view(rest).substr(3))));
        co_return;
    }
    if (rest == "list") {
        co_await show_repositories(t);
        co_return;
    }
    auto found = co_await telegram::find_repository(t.with.db, rest);
    if (found)
        work_on(t, *found);
    else if (co_await on_repository_word(t, rest))
        co_return;
    else
        t.say(phrase::repo_unknown, {{"name", one_line(rest, 80)}});
}

void on_lang(update_context& t, const std::string& rest) {
    if (rest == "en" || rest == "ru")
        speak(t, rest == "ru" ? language::ru : language::en);
    else
        t.say(phrase::lang_bad);
}

void unknown(update_context& t, const spoken& said) {
    auto near = nearest_command(said.name);
    auto name = one_line(said.name, 40);
    if (near)
        t.say(phrase::command_near, {{"command", name}, {"near", row_of(*near).name}});
    else
        t.say(phrase::command_unknown, {{"command", name}});
}

} // namespace

awaitable<void> handle_command(update_context& t, const spoken& said) {
    using enum command;
    t.out.name = "command";
    bool asked = !t.known.expects.empty();
    forget_question(t);
    if (!said.what) {
        unknown(t, said);
        co_return;
    }
    // Who may land is a repository's affair: the rules are asked of that.
    bool lands = *said.what == deploy || *said.what == rollback || *said.what == second_factor;
    if (row_of(*said.what).admin && t.may != role::admin && !lands) {
        t.say(phrase::admin_only);
        co_return;
    }
    switch (*said.what) {
    case start:
        // An invitation that somebody opened who is in already: the code stays usable, so it is kept nowhere.
        if (!said.rest.empty()) t.write(telegram::forget_body(t.one.what.id));
        greet(t);
        break;
    case help:
        co_await show_help(t);
        break;
    case status:
        co_await show_status(t);
        break;
    case tasks:
        co_await show_tasks(t);
        break;
    case diff:
    case log:
    case abort:
    case retry:
    case deploy:
    case rollback:
    case discard:
        co_await on_task(t, *said.what, said.rest);
        break;
    case cancel:
        if (asked) t.write(telegram::expect(t.where, ""));
        t.say(asked ? phrase::cancel_done : phrase::cancel_nothing);
        break;
    case reset:
        co_await forget_conversation(t);
        break;
    case ask: // with a question it is an instruction, which came another way
        ask_what(t);
        break;
    case repo:
        co_await on_repo(t, said.rest);
        break;
    case remember:
        on_remember(t, said.rest);
        break;
    case memory:
        co_await on_memory(t, said.rest);
        break;
    case model:
        co_await on_model(t, said.rest);
        break;
    case budget:
        co_await on_budget(t, said.rest);
        break;
    case lang:
        if (said.rest.empty())
            co_await show_languages(t);
        else
            on_lang(t, said.rest);
        break;
    case invite:
        co_await on_invite(t);
        break;
    case people:
        co_await on_people(t, said.rest);
        break;
    case second_factor:
        co_await on_second_factor(t);
        break;
    case pause:
        co_await on_pause(t);
        break;
    case resume:
        co_await on_resume(t);
        break;
    case link:
        on_link(t);
        break;
    }
}

awaitable<void> forget_conversation(update_context& t) {
    if (!may_choose_here(t, remote_here(t))) co_return; // what was chosen is everybody's where others write too
    bool anything = t.known.chosen || t.known.model || t.known.budget_usd || !t.known.expects.empty();
    t.write(telegram::reset_conversation(t.where));
    t.write(telegram::close_instructions(t.where, t.who.id));
    t.say(anything || t.known.open ? phrase::reset_done : phrase::reset_nothing);
    co_return;
}

void speak(update_context& t, language l) {
    t.write(telegram::choose_language(t.who.id, std::string(to_string(l))));
    t.tongue = l;
    t.say(phrase::lang_chosen);
}

void work_on(update_context& t, const telegram::repository& r) {
    if (!may_choose_here(t, r.remote)) return;
    t.write(telegram::choose_repository(t.where, r.id));
    t.say(phrase::repo_chosen, {{"repository", r.name}});
}

awaitable<void> take_model(update_context& t, std::string said) {
    using enum service::model_choice::outcome;
    if (!may_choose_here(t, remote_here(t))) co_return;
    auto choice = co_await service::choose_model(t.with.models, t.may, said, t.with.settings);
    auto name = one_line(choice.name, 100);
    if (choice.taken()) t.write(telegram::choose_model(t.where, choice.name));
    switch (choice.what) {
    case listed:
        t.say(phrase::model_chosen, {{"model", name}});
        break;
    case unchecked:
        t.say(phrase::model_unchecked, {{"model", name}});
        break;
    case unlisted:
        if (choice.near)
            t.say(phrase::model_near, {{"model", name}, {"near", *choice.near}});
        else
            t.say(phrase::model_none, {{"model", name}});
        break;
    case not_allowed:
        t.say(phrase::model_not_allowed,
              {{"models", fmt::format("{}", fmt::join(service::models_for_users(t.with.settings), ", "))}});
        break;
    case no_name:
        t.say(phrase::model_none, {{"model", one_line(said, 60)}});
        break;
    }
}

void leave_model(update_context& t) {
    if (!may_choose_here(t, remote_here(t))) return;
    t.write(telegram::choose_model(t.where, std::nullopt));
    t.say(phrase::model_back, {{"model", t.with.settings.aider_model}});
}

std::vector<std::string> command_lists(const std::vector<std::int64_t>& admins) {
    std::vector<std::string> bodies;
    auto add = [&](bool all, command_scope whom, language l) {
        bodies.push_back(
            boost::json::serialize(set_my_commands(command_menu(l, all), whom, l == language::en ? "" : to_string(l))));
    };
    for (auto l : {language::en, language::ru}) {
        add(false, {}, l);
        for (auto admin : admins)
            add(true, {admin}, l);
    }
    return bodies;
}

} // namespace persais::telegram

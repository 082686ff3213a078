#include "telegram/dialog/callback_queries.hpp"

#include "telegram/api/message_text.hpp"
#include "telegram/dialog/add_repository.hpp"
#include "telegram/dialog/command_handlers.hpp"
#include "telegram/dialog/command_views.hpp"
#include "telegram/dialog/discard.hpp"
#include "telegram/dialog/expecting.hpp"
#include "telegram/dialog/instruct.hpp"
#include "telegram/dialog/landing.hpp"
#include "telegram/dialog/people.hpp"
#include "telegram/dialog/second_factor.hpp"
#include "telegram/dialog/task_commands.hpp"
#include "telegram/store/buttons.hpp"

#include <algorithm>
#include <charconv>

namespace persais::telegram {

namespace {

/// The text that answers the press; empty: the press is only acknowledged.
using words_for_press = awaitable<std::string>;

words_for_press show(update_context& t, const telegram::stored_button& b) {
    if (b.argument == "help") co_await show_help(t);
    if (b.argument == "status") co_await show_status(t);
    if (b.argument == "tasks") co_await show_tasks(t);
    if (b.argument == "repo") co_await show_repositories(t);
    if (b.argument == "model") co_await show_models(t);
    if (b.argument == "budget") co_await show_budget(t);
    if (b.argument == "lang") co_await show_languages(t);
    if (b.argument == "reset") co_await forget_conversation(t);
    co_return "";
}

words_for_press diff(update_context& t, const telegram::stored_button& b) {
    if (co_await relation_of(t, *b.task) == relation::none) co_return t.say_plainly(phrase::press_not_yours);
    co_await show_diff(t, *b.task, b.argument);
    co_return "";
}

words_for_press log(update_context& t, const telegram::stored_button& b) {
    if (co_await relation_of(t, *b.task) == relation::none) co_return t.say_plainly(phrase::press_not_yours);
    co_await show_log(t, *b.task);
    co_return "";
}

words_for_press abort(update_context& t, const telegram::stored_button& b) {
    co_return co_await abort_it(t, *b.task, true);
}

words_for_press retry(update_context& t, const telegram::stored_button& b) {
    co_return co_await retry_it(t, *b.task, true);
}

/// The commit in a button's argument, which may have a turn behind it.
std::string commit_of(const telegram::stored_button& b) {
    return b.argument.substr(0, b.argument.find('/'));
}

words_for_press push(update_context& t, const telegram::stored_button& b) {
    co_return co_await push_it(t, *b.task, commit_of(b));
}

words_for_press return_it(update_context& t, const telegram::stored_button& b) {
    co_return co_await give_back(t, *b.task, commit_of(b));
}

words_for_press deploy(update_context& t, const telegram::stored_button& b) {
    co_return co_await land_it(t, *b.task, {.commit = commit_of(b)}, false);
}

words_for_press deploy_anyway(update_context& t, const telegram::stored_button& b) {
    co_return co_await land_it(t, *b.task, {.commit = commit_of(b), .anyway = true}, false);
}

words_for_press rollback(update_context& t, const telegram::stored_button& b) {
    co_return co_await land_it(t, *b.task, {.commit = commit_of(b)}, true);
}

words_for_press rollback_anyway(update_context& t, const telegram::stored_button& b) {
    co_return co_await land_it(t, *b.task, {.commit = commit_of(b), .anyway = true}, true);
}

words_for_press offer_to_discard(update_context& t, const telegram::stored_button& b) {
    co_return co_await offer_discard(t, *b.task, commit_of(b), true);
}

words_for_press discard(update_context& t, const telegram::stored_button& b) {
    co_return co_await discard_it(t, *b.task, commit_of(b));
}

words_for_press undiscard(update_context& t, const telegram::stored_button& b) {
    co_return co_await undiscard_it(t, *b.task, commit_of(b));
}

words_for_press make_task(update_context& t, const telegram::stored_button& b) {
    co_return co_await make_task_of(t, *b.task);
}

words_for_press budget_more(update_context& t, const telegram::stored_button& b) {
    double usd = 0;
    std::from_chars(b.argument.data(), b.argument.data() + b.argument.size(), usd);
    co_return co_await give_more(t, *b.task, usd);
}

/// Chooses a repository, and begins the instruction that waited for the choice.
words_for_press repo(update_context& t, const telegram::stored_button& b) {
    std::optional<telegram::repository> chosen;
    if (b.argument != "default") {
        auto all = co_await telegram::repositories(t.with.db);
        auto found = std::ranges::find_if(
            all, [&](const auto& r) { return std::to_string(r.id) == b.argument || r.name == b.argument; });
        if (found == all.end()) co_return t.say_plainly(phrase::press_gone);
        chosen = *found;
    } else if (t.with.settings.git_remote_url.empty()) {
        co_return t.say_plainly(phrase::press_gone);
    }
    if (!may_choose_here(t, chosen ? chosen->remote : t.with.settings.git_remote_url)) co_return "";
    t.write(telegram::choose_repository(t.where, chosen ? std::optional(chosen->id) : std::nullopt));
    auto name = chosen ? chosen->name : forge::short_name(t.with.settings.git_remote_url);
    if (auto waits = kept_instruction(t, "wish")) {
        t.write(telegram::expect(t.where, ""));
        t.message = waits->message;
        co_await begin_task(t, *waits, chosen);
        co_return t.say_plainly(phrase::repo_chosen, {{"repository", name}});
    }
    t.say(phrase::repo_chosen, {{"repository", name}});
    co_return "";
}

words_for_press model(update_context& t, const telegram::stored_button& b) {
    if (b.argument.empty())
        leave_model(t);
    else
        co_await take_model(t, b.argument);
    co_return "";
}

words_for_press budget(update_context& t, const telegram::stored_button& b) {
    if (t.may != role::admin) co_return t.say_plainly(phrase::admin_only);
    double usd = t.with.settings.budget_task_usd;
    if (!b.argument.empty()) std::from_chars(b.argument.data(), b.argument.data() + b.argument.size(), usd);
    if (b.argument.empty() && !t.known.budget_usd) {
        co_await show_budget(t);
        co_return "";
    }
    t.write(telegram::choose_budget(t.where, b.argument.empty() ? std::nullopt : std::optional(usd)));
    t.say(phrase::budget_chosen, {{"task", money(usd)}});
    co_return "";
}

words_for_press lang(update_context& t, const telegram::stored_button& b) {
    speak(t, language_from(b.argument));
    co_return "";
}

words_for_press add_repo(update_context& t, const telegram::stored_button&) {
    if (t.may != role::admin) co_return t.say_plainly(phrase::admin_only);
    co_await begin_adding(t, "");
    co_return "";
}

words_for_press in_dialog(update_context& t, const telegram::stored_button& b) {
    if (b.argument == "hide_factor") co_return hide_factor(t);
    co_return co_await press_in_dialog(t, b.argument);
}

words_for_press let_in(update_context& t, const telegram::stored_button& b) {
    co_return co_await decide_on_person(t, b.argument, true);
}

words_for_press keep_out(update_context& t, const telegram::stored_button& b) {
    co_return co_await decide_on_person(t, b.argument, false);
}

words_for_press put_out(update_context& t, const telegram::stored_button& b) {
    co_return co_await put_person_out(t, b.argument);
}

words_for_press drop_invite(update_context& t, const telegram::stored_button& b) {
    co_return co_await withdraw_invite(t, b.argument);
}

struct doing {
    action what;
    bool of_task;
    words_for_press (*act)(update_context&, const telegram::stored_button&);
};
/// The texts of buttons that only show something.
words_for_press named(update_context& t, const telegram::stored_button& b) {
    auto as = b;
    as.argument = b.action;
    co_return co_await show(t, as);
}

/// One of several tasks was chosen: the argument is the command that it was chosen for.
words_for_press of_chosen(update_context& t, const telegram::stored_button& b) {
    if (b.argument == "diff") co_return co_await diff(t, {.task = b.task});
    if (b.argument == "log") co_return co_await log(t, b);
    if (b.argument == "abort") co_return co_await abort(t, b);
    if (b.argument == "retry") co_return co_await retry(t, b);
    co_return t.say_plainly(phrase::press_gone);
}

constexpr doing actions[] = {{action::show, false, show},
                             {action::help, false, named},
                             {action::status, false, named},
                             {action::tasks, false, named},
                             {action::reset, false, named},
                             {action::task, true, of_chosen},
                             {action::diff, true, diff},
                             {action::log, true, log},
                             {action::abort, true, abort},
                             {action::retry, true, retry},
                             {action::push, true, push},
                             {action::give_back, true, return_it},
                             {action::repo, false, repo},
                             {action::model, false, model},
                             {action::budget, false, budget},
                             {action::lang, false, lang},
                             {action::add_repo, false, add_repo},
                             {action::dialog, false, in_dialog},
                             {action::make_task, true, make_task},
                             {action::budget_more, true, budget_more},
                             {action::let_in, false, let_in},
                             {action::keep_out, false, keep_out},
                             {action::put_out, false, put_out},
                             {action::drop_invite, false, drop_invite},
                             {action::deploy, true, deploy},
                             {action::deploy_anyway, true, deploy_anyway},
                             {action::rollback, true, rollback},
                             {action::rollback_anyway, true, rollback_anyway},
                             {action::discard, true, offer_to_discard},
                             {action::discard_it, true, discard},
                             {action::undiscard, true, undiscard}};
static_assert(std::size(actions) == actions_known);

words_for_press act(update_context& t, const std::optional<telegram::stored_button>& b) {
    if (!b || b->chat != t.where.chat) co_return t.say_plainly(phrase::press_gone);
    if (b->once && b->used) co_return t.say_plainly(phrase::press_again);
    for (const auto& each : actions) {
        if (to_string(each.what) != b->action || (each.of_task && !b->task)) continue;
        auto before = t.out.writes.size();
        auto words = co_await each.act(t, *b);
        // A press that changed nothing (too late, not this person's) does not use the button up: another person may
        // press it.
        bool did = t.acted || t.out.writes.size() > before;
        if (b->once && did) t.write(telegram::use_button(b->token));
        co_return words;
    }
    co_return t.say_plainly(phrase::press_gone);
}

} // namespace

awaitable<void> handle_callback_query(update_context& t, const callback_query& p, bool flooded) {
    std::string words;
    t.out.name = "button";
    if (t.may == role::stranger) {
        t.out.name = "refused";
        words = t.say_plainly(phrase::press_not_yours);
    } else if (flooded) {
        t.out.name = "refused";
        words = t.say_plainly(phrase::flood);
    } else if (p.data.empty() || !p.where) {
        words = t.say_plainly(phrase::press_gone);
    } else {
        words = co_await act(t, co_await telegram::find_button(t.with.db, p.data));
    }
    auto body = boost::json::serialize(answer_callback_query(p.id, words));
    t.then([&with = t.with, body = std::move(body)] {
        if (with.call) with.call("answerCallbackQuery", body);
    });
}

} // namespace persais::telegram

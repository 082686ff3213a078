#include "service/orders.hpp"

#include "base/text.hpp"
#include "base/told.hpp"
#include "base/unicode.hpp"
#include "config/co_authors.hpp"
#include "mechanic/limits.hpp"
#include "mechanic/state_words.hpp"
#include "mechanic/step.hpp"
#include "service/known_repositories.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace persais::service {

using namespace mechanic;
using enum refusal::reason;

namespace {

/// Everything that comes from the settings is taken from their current values.
void take_settings(order& what, const config::settings& now, const queue::repository* own) {
    what.model = model_for(own, now);
    what.budget_usd = now.budget_task_usd;
    what.attempts = now.task_attempts;
    what.repair_rounds = now.repair_rounds;
    what.foreground = false;
}

} // namespace

bool asks_for_something(std::string_view said) {
    static constexpr std::array thanks{
        U"thanks",    U"thank you", U"thx", U"thanks a lot",    U"many thanks",     U"thank you very much",
        U"спасибо",   U"благодарю", U"спс", U"большое спасибо", U"спасибо большое", U"ok thanks",
        U"ок спасибо"};
    std::u32string words; // small letters, and one space between two words
    for (auto rest = said; !rest.empty();) {
        auto c = unicode::first_character(rest);
        rest.remove_prefix(std::max<std::size_t>(c.bytes, 1));
        if (c.bytes > 0 && unicode::is_of_a_word(c.code))
            words += unicode::lower(c.code);
        else if (!words.empty() && words.back() != U' ' && !(c.bytes > 0 && unicode::is_hidden(c.code)))
            words += U' ';
    }
    while (words.ends_with(U' '))
        words.pop_back();
    return !words.empty() && std::ranges::find(thanks, words) == thanks.end();
}

bool fits(std::size_t characters) {
    return characters <= limits::instruction_characters;
}

answer<std::string> instruction_from(std::string_view written, order::kind what) {
    std::string said(text::trim(written));
    bool asks = what == order::kind::question;
    auto name = asks ? told<"question", "вопрос">() : told<"instruction", "задание">();
    if (said.empty())
        return refuse(empty, told<"The {} is empty: say in quotes {}.", "Текст пуст ({0}): напишите в кавычках, {1}.">(
                                 name, asks ? told<"what you want to know", "что вы хотите узнать">()
                                            : told<"what should change", "что изменить">()));
    if (!text::valid_utf8(said))
        return refuse(not_text, told<"The {} is not valid UTF-8.", "Этот текст ({}) — не UTF-8.">(name));
    if (auto length = text::characters(said); !fits(length))
        return refuse(too_long, told<"The {} has {} characters; at most {} are taken.",
                                     "В тексте ({}) {} знаков, принимается не больше {}.">(
                                    name, length, limits::instruction_characters));
    return said;
}

answer<order> order_from(request what, const config::settings& now, const queue::repository* own) {
    auto said = instruction_from(what.instruction, what.what);
    if (!said) return std::unexpected(said.error());
    order o{.what = what.what, .remote = what.remote.empty() ? now.git_remote_url : what.remote, .instruction = *said};
    if (o.remote.empty())
        return refuse(
            no_repository,
            told<"No repository: give --repo URL or PATH, go into a checkout with a remote, or set GIT_REMOTE_URL.",
                 "Репозиторий не указан: задайте --repo URL или ПУТЬ, перейдите в рабочую копию с удалённым "
                 "репозиторием или задайте GIT_REMOTE_URL.">());
    take_settings(o, now, own);
    o.base_branch = std::move(what.base_branch);
    o.check = std::move(what.check);
    o.setup = std::move(what.setup);
    if (what.model) o.model = *what.model;
    if (what.budget_usd) o.budget_usd = *what.budget_usd;
    o.co_author = config::co_author_of(now.git_co_authors, what.asked_by);
    return o;
}

answer<order> order_of_answer(const task& question, const config::settings& now, const queue::repository* own) {
    if (!std::holds_alternative<answered>(question.now))
        return refuse(no_answer, told<"Task {} has no answer: it is {}.", "У задачи {} нет ответа, её состояние: {}.">(
                                     question.id.value, word_of(question.now)));
    auto order = question.what;
    take_settings(order, now, own);
    order.what = order::kind::change;
    order.retry_of.reset();
    order.from_answer = question.id;
    order.withdrawn = false;
    // The question comes first, because the commit's subject is derived from it. The conversation holds the full
    // answer.
    order.instruction = text::first_characters(instruction_of(question), limits::instruction_characters / 2);
    order.instruction += "\n\nMake the change that this answer proposes:\n\n";
    auto left = limits::instruction_characters - text::characters(order.instruction);
    order.instruction += text::first_characters(question.known.said, left);
    return order;
}

answer<order> order_of_retry(const task& old, const std::vector<queue::reply>& turns, const config::settings& now,
                             const queue::repository* own) {
    if (!is_settled(old.now))
        return refuse(under_way,
                      told<"Task {} has not ended (it is {}): abort it first.",
                           "Задача {} не закончилась ({}): сначала прервите её.">(old.id.value, word_of(old.now)));
    auto order = old.what;
    if (order.withdrawn) order.instruction.clear(); // only the beginning of what was said
    for (const auto& turn : turns) {
        if (is_order_to_solve(turn.instruction)) continue; // nobody said it, and the new task has no conflict
        order.instruction += (order.instruction.empty() ? "" : "\n\n") + turn.instruction;
    }
    bool nothing_whole = order.instruction.empty();
    order.withdrawn = false;
    if (nothing_whole || !fits(text::characters(order.instruction)))
        return refuse(too_long, told<"What task {} was asked for in all its turns is longer than one task "
                                     "takes: say it anew in fewer words.",
                                     "Задача {} вместе со всеми дополнениями слишком длинна для одной задачи: "
                                     "сформулируйте её заново и короче.">(old.id.value));
    take_settings(order, now, own);
    order.retry_of = old.id;
    return order;
}

} // namespace persais::service

#include "cli/task_card.hpp"

#include "base/text.hpp"
#include "cli/audit_table.hpp"
#include "cli/landing.hpp"
#include "cli/memory_words.hpp"
#include "cli/task_lines.hpp"
#include "cli/task_words.hpp"
#include "cli/terminal.hpp"
#include "cli/tongue.hpp"
#include "mechanic/state_words.hpp"
#include "mechanic/step.hpp"

#include <cmath>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace persais::cli {

using namespace mechanic;
namespace json = boost::json;

namespace {

constexpr std::size_t name_columns = 13; // "  instruction "

std::string standing(const task_card& c) {
    const auto& t = c.task;
    auto came_to = [&](verdict how) {
        auto word = in_tongue(words(how)), sentence = sentence_of(t);
        if (how == verdict::aborted || sentence == words(how)) return fmt::format(": {}.", word);
        return fmt::format(": {}. {}", word, in_tongue(sentence));
    };
    auto works = [&](std::string_view doing) {
        auto attempt = attempt_of(t.now).value_or(0), round = round_of(t.now).value_or(0);
        return said<" is {}{}{}{}.", ": {}{}{}{}.">(
            in_tongue(doing), round > 0 ? said<", repair round {}", ", исправление {}">(round) : "",
            attempt > 1 ? said<", attempt {}", ", попытка {}">(attempt) : "",
            c.around.abort_wished ? said<", and is to be aborted", ", прерывается">() : "");
    };
    return std::visit(
        each_state{
            [&](const review& s) {
                const auto& last = t.known.came_to_nothing;
                if (!last) return came_to(s.how);
                return said<": {}. Its last turn: {}. {}", ": {}. Последнее дополнение: {}. {}">(
                    in_tongue(words(s.how)), in_tongue(words(last->how)), in_tongue(last->sentence));
            },
            [&](const failed& s) { return came_to(s.how); }, [&](const aborted&) { return came_to(verdict::aborted); },
            [](const parked& s) { return said<" needs a person. ", ": нужен человек. ">() + in_tongue(s.sentence); },
            [](const expired&) {
                return said<" expired: nobody decided on its result.",
                            ": срок истёк, никто не решил, что делать с результатом.">();
            },
            [](const answered&) { return said<" is answered.", ": есть ответ.">(); },
            [&](const one_of<deployed, rolled_back, discarded> auto&) {
                return fmt::format(": {}. {}", in_tongue(word_of(t.now)), in_tongue(sentence_of(t)));
            },
            [&](const waiting& s) {
                const auto& l = t.known.lands;
                if (s.why == wait_reason::request && l && l->waits_on)
                    return said<" waits, because {}. {}", " ждёт: {}. {}">(in_tongue(wait_words(s.why)),
                                                                           in_tongue(l->waits_on->said));
                return said<" waits, because {}. {}", " ждёт: {}. {}">(in_tongue(wait_words(s.why)),
                                                                       in_tongue(c.around.told));
            },
            [&](const queued& s) {
                return s.not_before > c.around.read_at
                           ? said<" is queued, not before {}.", " в очереди, начнётся не раньше {}.">(
                                 time_of_day(s.not_before))
                           : said<" is queued.", " в очереди.">();
            },
            [&](const publishing&) { return works(word_of(t.now)); },
            [&](const one_of<preparing, coding, checking, answering, deploying, rolling_back> auto&) {
                return works(word_of(t.now));
            }},
        t.now);
}

/// The attempts that crashes and outages used up, plus the current or last one, of those that are allowed.
std::string attempts_words(const task& t) {
    auto begun = std::max(attempt_of(t.now).value_or(0), t.known.attempts_used);
    if (std::holds_alternative<review>(t.now) || begun == 0) begun = t.known.attempts_used + 1;
    return said<"{} of {}", "{} из {}">(std::min(begun, t.what.attempts), t.what.attempts);
}

std::string time_words(const seconds_spent& s) {
    return said<"{:.1f} s preparing, {:.1f} s coding, {:.1f} s checking, {:.1f} s publishing",
                "подготовка {:.1f} с, агент {:.1f} с, проверки {:.1f} с, отправка {:.1f} с">(s.preparing, s.coding,
                                                                                             s.checking, s.publishing);
}

} // namespace

std::string card_text(const task_card& c) {
    const auto& t = c.task;
    const auto& k = t.known;
    const auto now = c.around.read_at;
    auto out = said<"Task {}{}\n", "Задача {}{}\n">(t.id.value, indented(standing(c), "  "));
    auto line = [&](std::string_view name, std::string_view text) {
        out += fmt::format("  {} {}\n", padded(name, name_columns - 2),
                           indented(text, std::string(name_columns + 1, ' ')));
    };
    auto when = [&](time_point at) { return fmt::format("{} ({})", age(at, now), day_and_time(at)); };
    line(said<"instruction", "что сделать">(), t.what.instruction);
    for (const auto& turn : c.turns)
        line(said<"turn {}", "шаг {}">(turn.turn + 1), turn.instruction);
    line(said<"repository", "репозиторий">(), t.what.remote);
    if (!k.base.empty() && t.what.what == order::kind::change) line(said<"branch", "ветка">(), branch_words(t));
    if (!k.request.empty()) line(said<"request", "запрос">(), k.request);
    if (k.made) line(said<"change", "изменение">(), change_words(k.made->size));
    if (k.made && k.made->whole != k.made->size) line(said<"in all", "всего">(), change_words(k.made->whole));
    if (k.made && !k.made->noted.empty()) line(said<"look at", "посмотрите">(), noted_words(*k.made));
    if (!k.base.empty() && t.what.what == order::kind::change) line(said<"checks", "проверки">(), checks_words(k));
    if (!k.feedback.empty()) line(said<"red", "не прошли">(), red_words(k));
    if (const auto& a = c.approvals)
        line(said<"approvals", "одобрения">(),
             said<"{} of {}: {}", "{} из {}: {}">(a->by.size(), a->needed, by_words(a->by)));
    if (auto setup = setup_words(k); !setup.empty()) line(said<"setup", "подготовка">(), setup);
    if (std::holds_alternative<answered>(t.now))
        line(said<"answer", "ответ">(), k.said);
    else if (!k.said.empty())
        line(said<"agent", "агент">(), agent_words(k));
    if (auto used = given_words(c.given); !used.empty()) line(said<"used", "учтено">(), used);
    if (auto* s = std::get_if<waiting>(&t.now)) {
        auto words =
            said<"looked at again {} ({})", "следующая попытка {} ({})">(ahead(s->until, now), day_and_time(s->until));
        if (!k.lands) // a landing is bounded by its attempts
            words +=
                said<", given up {} ({})", ", прекратится {} ({})">(ahead(s->give_up, now), day_and_time(s->give_up));
        line(said<"waits", "ждёт">(), words);
    }
    if (!k.base.empty() || k.attempts_used > 0) line(said<"attempts", "попытки">(), attempts_words(t));
    line(said<"model", "модель">(), said<"{}: {} of ${:.2f}, {}", "{}: {} из ${:.2f}, {}">(
                                        t.what.model, cost_words(c.spent), t.what.budget_usd, tokens_words(c.spent)));
    if (c.around.kept_replies > 0)
        line(said<"replies", "ответы">(),
             said<"{} to come, when this has ended", "ждут конца задачи: {}">(c.around.kept_replies));
    line(said<"time", "время">(), time_words(k.seconds));
    line(said<"asked", "создана">(), when(c.around.created));
    line(said<"since", "изменена">(), when(c.around.changed));
    if (t.what.retry_of) line(said<"retry of", "повтор">(), said<"task {}", "задача {}">(t.what.retry_of->value));
    if (t.what.from_answer)
        line(said<"answer of", "из ответа">(), said<"task {}", "задача {}">(t.what.from_answer->value));
    if (c.around.retried_as)
        line(said<"retried", "повторена">(), said<"as task {}", "как задача {}">(c.around.retried_as->value));
    line(said<"next", "дальше">(), in_tongue(next_words(t)));
    return out;
}

json::object card_json(const task_card& c) {
    auto all = api::task_json(c);
    all["next"] = next_words(c.task);
    return all;
}

} // namespace persais::cli

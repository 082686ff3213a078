#include "cli/task_words.hpp"

#include "base/told.hpp"
#include "cli/options.hpp"
#include "cli/tongue.hpp"
#include "mechanic/landing.hpp"
#include "mechanic/state_words.hpp"
#include "mechanic/step.hpp"
#include "mechanic/task.hpp"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/chrono.h>
#include <fmt/format.h>

namespace persais::cli {

using namespace mechanic;
using namespace std::chrono;

namespace {

std::string span(seconds s) {
    if (s < 60s) return said<"{} s", "{} с">(s.count());
    if (s < 60min) return said<"{} min", "{} мин">(s / 1min);
    if (s < 48h) return said<"{} h", "{} ч">(s / 1h);
    return said<"{0} {0:day|days}", "{0} {0:день|дня|дней}">(number{s / 24h});
}

std::time_t seconds_of(time_point at) {
    return static_cast<std::time_t>(floor<seconds>(at).time_since_epoch().count());
}

std::string wait_word(std::string_view reason) {
    auto why = wait_reason_from(reason);
    if (!why) return std::string(reason);
    switch (*why) {
    case wait_reason::key:
        return said<"model key", "ключ к модели">();
    case wait_reason::credit:
        return said<"model credit", "деньги у поставщика модели">();
    case wait_reason::day_budget:
        return said<"day's budget", "дневной бюджет">();
    case wait_reason::task_budget:
        return said<"task's budget", "бюджет задачи">();
    case wait_reason::model_away:
        return said<"model away", "модель не отвечает">();
    case wait_reason::remote_away:
        return said<"remote away", "репозиторий не отвечает">();
    case wait_reason::request:
        return said<"pull request", "запрос на слияние">();
    case wait_reason::world:
        return said<"this machine", "эта машина">();
    case wait_reason::month_budget:
        return said<"month's budget", "месячный бюджет">();
    case wait_reason::paused:
        return said<"spending paused", "расходы приостановлены">();
    }
    return std::string(reason);
}

std::string short_words(verdict how) {
    if (how == verdict::protected_path) return told<"protected path", "защищённый путь">();
    if (how == verdict::link_outside) return told<"link leads outside", "ссылка ведёт наружу">();
    if (how == verdict::paths_collide) return told<"names collide", "имена совпадают">();
    if (how == verdict::secret_found) return told<"held: a credential?", "задержана: секрет?">();
    if (how == verdict::world_broken) return told<"a part is broken", "что-то сломалось">();
    return std::string(words(how));
}

std::vector<verdict> all_verdicts() {
    std::vector<verdict> all;
    for (int i = 0; i <= static_cast<int>(verdict::world_broken); ++i)
        all.push_back(static_cast<verdict>(i));
    return all;
}

std::string help_of_wait(const task& t, wait_reason why) {
    switch (why) {
    case wait_reason::key:
        return told<"Give the service an OPENROUTER_API_KEY that works; the task goes on by itself.",
                    "Задайте сервису рабочий OPENROUTER_API_KEY; задача продолжится сама.">();
    case wait_reason::credit:
        return told<"Add credit at the model's endpoint; the task goes on by itself.",
                    "Пополните счёт у поставщика модели; задача продолжится сама.">();
    case wait_reason::day_budget:
        return told<"It goes on by itself at 00:00 UTC, or when the service has a larger BUDGET_DAY_USD.",
                    "Она продолжится сама в 00:00 UTC или раньше, если увеличить BUDGET_DAY_USD сервиса.">();
    case wait_reason::task_budget:
        return told<"It has spent what it may: `persais budget {} DOLLARS` lets it spend more, `persais abort "
                    "{}` ends it.",
                    "Бюджет задачи израсходован: увеличить его — `persais budget {} ДОЛЛАРЫ`, прервать её — `persais "
                    "abort {}`.">(t.id.value, t.id.value);
    case wait_reason::model_away:
    case wait_reason::remote_away:
        return told<"Nothing has to be done: it is tried again by itself.",
                    "Делать ничего не нужно: попытка повторится сама.">();
    case wait_reason::request:
        return told<"See to what it waits for at the forge; it is merged by itself then.",
                    "Сделайте на хостинге то, чего она ждёт; слита она будет сама.">();
    case wait_reason::world:
        return told<"Look at the service's log; it is tried again by itself.",
                    "Посмотрите журнал сервиса; попытка повторится сама.">();
    case wait_reason::month_budget:
        return told<
            "It goes on by itself when the month is over, or with a larger budget: BUDGET_MONTH_USD, `persais budget "
            "set`.",
            "Она продолжится сама, когда кончится месяц, или с большим бюджетом: BUDGET_MONTH_USD, `persais budget "
            "set`.">();
    case wait_reason::paused:
        return told<"`persais resume` lets it go on.", "Продолжить: `persais resume`.">();
    }
    return {};
}

std::string help_of_held(const task& t) {
    return told<
        "`persais diff {0}` shows it. If it is none, `persais push {0}` pushes it as it is, this once; "
        "`persais reply {0} \"take it out\"` gives it back to the agent. `secrets_in` and `secret_rules` in "
        ".persais.toml on the base branch are for what is always there.",
        "Посмотреть: `persais diff {0}`. Если это не секрет, `persais push {0}` отправит всё как есть, один раз; "
        "`persais reply {0} \"убери это\"` вернёт работу агенту. Для того, что есть всегда, служат `secrets_in` и "
        "`secret_rules` в .persais.toml в основной ветке.">(t.id.value);
}

std::string help_of_failure(const task& t, verdict how) {
    auto again = fmt::format("`persais retry {}`", t.id.value);
    switch (how) {
    case verdict::no_change:
        return told<
            "`persais log {0}` has what the agent said; `persais reply {0} \"…\"` says more exactly "
            "what should change.",
            "Что сказал агент, покажет `persais log {0}`; уточнить, что изменить, — `persais reply {0} \"…\"`.">(
            t.id.value);
    case verdict::protected_path:
        return told<"Ask for a change that leaves that path alone, or allow it in .persais.toml on the base branch.",
                    "Попросите не трогать этот путь или разрешите его в .persais.toml в основной ветке.">();
    case verdict::link_outside:
        return told<
            "Ask for a change without that link, or allow it by `outside_links` in .persais.toml on the base branch.",
            "Попросите обойтись без этой ссылки или разрешите её через `outside_links` в .persais.toml в основной "
            "ветке.">();
    case verdict::paths_collide:
        return told<"`persais reply {} \"…\"` with another name for it.", "`persais reply {} \"…\"` с другим именем.">(
            t.id.value);
    case verdict::secret_found:
        return help_of_held(t);
    case verdict::timed_out:
        return told<"{}Ask for less, or give the service a longer TASK_TIMEOUT, then {}.",
                    "{}Разбейте задачу на части или увеличьте TASK_TIMEOUT сервиса, затем {}.">(
            t.known.made
                ? told<"`persais diff {}` shows how far it came. ", "Сколько успел агент, покажет `persais diff {}`. ">(
                      t.id.value)
                : "",
            again);
    case verdict::disk_limit:
        return told<"{}Ask for less, or give the service a larger TASK_DISK_MB, then {}.",
                    "{}Разбейте задачу на части или увеличьте TASK_DISK_MB сервиса, затем {}.">(
            t.known.made
                ? told<"`persais diff {}` shows how far it came. ", "Сколько успел агент, покажет `persais diff {}`. ">(
                      t.id.value)
                : "",
            again);
    default:
        return told<"When that is fixed, {} does it anew.", "Когда это исправлено, задачу повторит {}.">(again);
    }
}

std::string help_of_review(const task& t, verdict how) {
    auto look = told<"`persais diff {0}` shows the change; it is on the branch {1}. `persais reply {0} \"…\"` goes on "
                     "with it.",
                     "Изменение покажет `persais diff {0}`; оно в ветке {1}. Продолжить: `persais reply {0} \"…\"`.">(
        t.id.value, t.known.branch);
    if (how == verdict::ready)
        return told<"{} `persais deploy {}` brings it onto {}.", "{} Выложить: `persais deploy {}` (в ветку {}).">(
            look, t.id.value, t.known.base_branch);
    if (how != verdict::tests_red && how != verdict::checks_could_not_run) return look;
    return told<"{} `persais log {}` has what the checks said, `persais retry {}` does it anew.",
                "{} Что вывели проверки, покажет `persais log {}`; повторить задачу: `persais retry {}`.">(
        look, t.id.value, t.id.value);
}

} // namespace

std::string age(time_point at, time_point now) {
    auto s = duration_cast<seconds>(now - at);
    return s < 5s ? said<"just now", "только что">() : span(s) + said<" ago", " назад">();
}

std::string ahead(time_point at, time_point now) {
    auto s = ceil<seconds>(at - now);
    return s <= 0s ? said<"now", "сейчас">() : said<"in ", "через ">() + span(s);
}

std::string day_and_time(time_point at) {
    return fmt::format("{:%Y-%m-%d %H:%M}", fmt::localtime(seconds_of(at)));
}
std::string time_of_day(time_point at) {
    return fmt::format("{:%H:%M:%S}", fmt::localtime(seconds_of(at)));
}
std::string day(time_point at) {
    return fmt::format("{:%Y-%m-%d}", fmt::localtime(seconds_of(at)));
}

std::string dollars(double usd) {
    return usd == 0 ? "-" : fmt::format("${:.4f}", usd);
}

std::string cost_words(const llm::spent& s) {
    if (s.calls == 0) return said<"no model call", "обращений к модели не было">();
    auto amount = s.estimated && s.cost_usd == 0 ? said<"price unknown", "цена неизвестна">()
                                                 : fmt::format("${:.4f}", s.cost_usd);
    return amount + (s.estimated ? said<" (estimated)", " (оценка)">() : "");
}

std::string tokens_words(const llm::spent& s) {
    auto cached = s.tokens_cached > 0 ? said<" ({} of them cached)", " (из них {} из кэша)">(s.tokens_cached) : "";
    return said<"{} tokens sent{}, {} received", "токенов отправлено {}{}, получено {}">(s.tokens_sent, cached,
                                                                                         s.tokens_received);
}

std::string short_remote(std::string_view remote) {
    auto whole = remote;
    while (remote.ends_with('/'))
        remote.remove_suffix(1);
    if (remote.ends_with(".git")) remote.remove_suffix(4);
    bool path = whole.starts_with('/') || whole.starts_with("file:");
    auto last = remote.find_last_of("/:");
    if (last == remote.npos || last + 1 == remote.size()) return std::string(remote);
    if (path) return std::string(remote.substr(last + 1));
    auto owner = last == 0 ? remote.npos : remote.find_last_of("/:", last - 1);
    return std::string(remote.substr(owner == remote.npos ? 0 : owner + 1));
}

std::string state_words(const queue::summary& s) {
    if (s.abort_wished) return said<"being aborted", "прерывается">();
    if (auto how = verdict_from(s.verdict)) return in_tongue(short_words(*how));
    auto now = state_from(s.state);
    if (!now) return s.state; // the state was written by a newer version
    return std::visit(
        each_state{
            [&](const waiting&) { return fmt::format("{}: {}", in_tongue(word_of(*now)), wait_word(s.wait_reason)); },
            [&](const one_of<coding, checking> auto&) {
                return s.round > 0 ? said<"{}, round {}", "{}, исправление {}">(in_tongue(word_of(*now)), s.round)
                                   : in_tongue(word_of(*now));
            },
            [&](const one_of<queued, preparing, publishing, answering, review, failed, aborted, parked, expired,
                             answered, deploying, deployed, rolling_back, rolled_back, discarded> auto&) {
                return in_tongue(word_of(*now));
            }},
        *now);
}

std::vector<std::string> state_choices(i18n::language l) {
    auto shown = [l](std::string_view word) { return as_one_word(i18n::in(l, word).value_or(std::string(word))); };
    std::vector<std::string> all;
    for (const auto& name : state_names())
        all.push_back(shown(word_of(*state_from(name))));
    for (auto how : all_verdicts())
        if (auto word = shown(short_words(how)); std::ranges::find(all, word) == all.end()) all.push_back(word);
    return all;
}

state_choice chosen_state(const std::string& choice) {
    auto is = [&](std::string_view word) {
        return choice == as_one_word(word) || choice == as_one_word(in_tongue(word));
    };
    for (const auto& name : state_names())
        if (choice == name || is(word_of(*state_from(name)))) return {.state = name};
    for (auto how : all_verdicts())
        if (is(short_words(how))) return {.verdict = std::string(to_string(how))};
    return {.state = choice};
}

std::string wait_words(wait_reason why) {
    switch (why) {
    case wait_reason::key:
        return told<"no key for the model works", "ни один ключ к модели не подходит">();
    case wait_reason::credit:
        return told<"the account at the model's endpoint has no credit",
                    "на счёте у поставщика модели кончились деньги">();
    case wait_reason::day_budget:
        return told<"the day's budget is used up", "дневной бюджет израсходован">();
    case wait_reason::task_budget:
        return told<"the task's budget is used up", "бюджет задачи израсходован">();
    case wait_reason::model_away:
        return told<"the model does not answer", "модель не отвечает">();
    case wait_reason::remote_away:
        return told<"the repository's remote does not answer", "сервер репозитория не отвечает">();
    case wait_reason::request:
        return told<"its pull request cannot be merged yet", "её pull request пока нельзя слить">();
    case wait_reason::world:
        return told<"something on the service's machine is broken", "на машине сервиса что-то сломалось">();
    case wait_reason::month_budget:
        return told<"the month's budget is used up", "месячный бюджет израсходован">();
    case wait_reason::paused:
        return told<"all spending is paused", "все расходы приостановлены">();
    }
    return {};
}

std::string checks_words(const facts& k) {
    if (k.check.command.empty()) return said<"none: no check command", "нет: команда проверки не задана">();
    auto word = [&k](check_outcome how) -> std::string {
        switch (how) {
        case check_outcome::not_run:
            return said<"not run", "не запускались">();
        case check_outcome::green:
            return said<"green", "прошли">();
        case check_outcome::red:
            return said<"red", "не прошли">();
        case check_outcome::could_not_run:
            return said<"could not run", "не запустились">();
        case check_outcome::timed_out:
            if (k.check_seconds <= 0) return said<"timed out", "не уложились во время">();
            return said<"did not end within {} s", "не уложились в {} с">(k.check_seconds);
        }
        return std::string(to_string(how));
    };
    auto rounds = k.rounds_used > 0
                      ? said<", {0} repair {0:round|rounds}", ", {0} {0:исправление|исправления|исправлений}">(
                            number{k.rounds_used})
                      : "";
    return said<"{} ({}): {} before, {} after{}", "{} ({}): до изменения {}, после {}{}">(
        k.check.command, in_tongue(k.check.source), word(k.before), word(k.after), rounds);
}

std::string next_words(const task& t) {
    auto id = t.id.value;
    return std::visit(
        each_state{
            [&](const waiting& s) { return help_of_wait(t, s.why); },
            [&](const review& s) { return t.known.held_back ? help_of_held(t) : help_of_review(t, s.how); },
            [&](const failed& s) { return help_of_failure(t, s.how); },
            [&](const answered&) {
                return told<"`persais reply {0} \"…\"` asks on; `persais run --from-answer {0}` makes the change "
                            "that the answer proposes.",
                            "Спросить дальше: `persais reply {0} \"…\"`; сделать изменение, предложенное в ответе: "
                            "`persais run --from-answer {0}`.">(id);
            },
            [&](const parked&) {
                return told<"Look at what stopped it (`persais log {0}`), then `persais retry {0}`.",
                            "Посмотрите, что её остановило (`persais log {0}`), затем `persais retry {0}`.">(id);
            },
            [&](const one_of<aborted, expired> auto&) {
                return told<"`persais retry {}` does it anew.", "Повторить задачу: `persais retry {}`.">(id);
            },
            [&](const discarded&) {
                return told<"`persais undiscard {0}` takes its result up again; `persais reply {0} \"…\"` goes on with "
                            "it.",
                            "Вернуть результат: `persais undiscard {0}`; продолжить: `persais reply {0} \"…\"`.">(id);
            },
            [&](const queued&) {
                if (t.what.foreground)
                    return told<"`persais run --resume {0}` goes on with it; `persais abort {0}` ends it.",
                                "Продолжить её: `persais run --resume {0}`; прервать: `persais abort {0}`.">(id);
                return told<
                    "A service (`persais serve`) takes it as soon as a place is free; `persais abort {}` "
                    "ends it.",
                    "Сервис (`persais serve`) возьмёт её, как только освободится место; прервать: `persais abort {}`.">(
                    id);
            },
            [&](const deployed&) {
                return told<"`persais rollback {0}` takes it back; `persais reply {0} \"…\"` goes on from there.",
                            "Откатить: `persais rollback {0}`; продолжить: `persais reply {0} \"…\"`.">(id);
            },
            [&](const rolled_back&) {
                if (!lands_without_a_word(t))
                    return told<"`persais deploy {0} --anyway` brings it back; `persais reply {0} \"…\"` goes on from "
                                "there; `persais retry {0}` does it anew.",
                                "Выложить снова: `persais deploy {0} --anyway`; продолжить: `persais reply {0} \"…\"`; "
                                "повторить задачу: `persais retry {0}`.">(id);
                return told<
                    "`persais deploy {0}` brings it back; `persais reply {0} \"…\"` goes on from there; `persais "
                    "retry {0}` does it anew.",
                    "Выложить снова: `persais deploy {0}`; продолжить: `persais reply {0} \"…\"`; повторить задачу: "
                    "`persais retry {0}`.">(id);
            },
            [&](const one_of<preparing, coding, checking, publishing, answering, deploying, rolling_back> auto&) {
                return told<"`persais log {0} --follow` shows what happens; `persais abort {0}` ends it.",
                            "Что происходит, покажет `persais log {0} --follow`; прервать: `persais abort {0}`.">(id);
            }},
        t.now);
}

} // namespace persais::cli

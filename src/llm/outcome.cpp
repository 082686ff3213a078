#include "llm/outcome.hpp"

#include "base/json.hpp"
#include "base/told.hpp"
#include "llm/limits.hpp"
#include "llm/shape.hpp"

#include <charconv>

#include <boost/json.hpp>
#include <fmt/chrono.h>
#include <fmt/format.h>

namespace persais::llm {

namespace json = boost::json;

namespace {

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
}

/// Whether the words are those that endpoints use for a prompt that does not fit, because there is no code for it.
bool about_context(std::string_view message) {
    auto text = lower(message);
    for (auto* words : {"context length", "context window", "context_length", "maximum context", "too many tokens",
                        "prompt is too long", "input is too long", "reduce the length"})
        if (text.find(words) != std::string::npos) return true;
    return false;
}

/// A refusal that names one of OpenRouter's budgets or the key's limit is about money, whatever its status (403 too).
bool about_money(const json::object& error) {
    const auto* metadata = object_in(error, "metadata");
    auto from = metadata ? text_in(*metadata, "limit_source") : std::string();
    return from.find("budget") != from.npos || from.find("limit") != from.npos || from.find("credits") != from.npos;
}

std::string shortened(std::string text) {
    if (text.size() <= limits::model_sentence_bytes) return text;
    auto end = limits::model_sentence_bytes;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
        --end; // the cut must not go through a character
    return text.substr(0, end) + "…";
}

std::string words_of(const json::object& error) {
    auto text = text_in(error, "message");
    // OpenRouter's "Provider returned error" says nothing, but what the provider said is beside it.
    const auto* metadata = object_in(error, "metadata");
    if (auto raw = metadata ? text_in(*metadata, "raw") : std::string(); !raw.empty())
        text += fmt::format(" ({})", raw);
    return shortened(text);
}

} // namespace

namespace {

/// Which budget it is, behind "the budget of ".
std::string budget_of(cause which, const narrowest& of) {
    if (which == cause::task_budget) return told<"this task", "задачи">();
    auto time = which == cause::day_budget ? told<"this day", "дня">() : told<"this month", "месяца">();
    auto colon = of.whose.find(':');
    if (colon == of.whose.npos) return time;
    auto who = of.whose.substr(colon + 1);
    if (of.whose.starts_with("repository")) return told<"{} for {}", "{} у {}">(time, who);
    if (who == "terminal") return told<"{} for the terminal", "{} у терминала">(time);
    return told<"{} for person {}", "{} у человека {}">(time, who);
}

/// Its next day, or month: in UTC, as the ledger's.
std::string free_again(cause which, time_point now) {
    using namespace std::chrono;
    auto day = floor<days>(now) + days(1);
    year_month_day today(floor<days>(now));
    if (which == cause::month_budget) day = sys_days((today.year() / today.month() + months(1)) / 1);
    return fmt::format("{:%Y-%m-%d} 00:00 UTC", day);
}

} // namespace

std::string_view name(cause c) {
    switch (c) {
    case cause::none:
        return "none";
    case cause::key:
        return "key";
    case cause::credit:
        return "credit";
    case cause::day_budget:
        return "day_budget";
    case cause::task_budget:
        return "task_budget";
    case cause::policy:
        return "policy";
    case cause::model:
        return "model";
    case cause::context:
        return "context";
    case cause::rate:
        return "rate";
    case cause::network:
        return "network";
    case cause::month_budget:
        return "month_budget";
    case cause::paused:
        return "paused";
    }
    return "none";
}

std::optional<std::chrono::seconds> retry_after(const http::headers& fields) {
    auto text = http::header(fields, "Retry-After");
    double seconds = 0;
    auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (ec != std::errc() || end != text.data() + text.size() || !(seconds >= 0) || seconds > 1e9) return std::nullopt;
    return std::chrono::seconds(static_cast<std::int64_t>(std::ceil(seconds)));
}

int code_of(const json::object& error) {
    auto* code = error.if_contains("code");
    int number = 0;
    if (code && code->is_number()) {
        auto n = code->to_number<double>();
        if (n >= 400 && n < 600) number = static_cast<int>(n);
    }
    if (code && code->is_string()) {
        std::string_view text = code->get_string();
        std::from_chars(text.data(), text.data() + text.size(), number);
    }
    return number >= 400 && number < 600 ? number : 502;
}

call_error refused(int status, const http::headers& fields, std::string body) {
    if (auto all = parse_object(body))
        if (const auto* error = all->if_contains("error")) {
            if (error->is_object()) return refused(status, fields, error->get_object());
            if (error->is_string()) return refused(status, fields, json::object{{"message", *error}});
        }
    constexpr int not_found = 404, no_such_method = 405;
    if (auto shape = shape_of(body); shape == body_shape::page && (status == not_found || status == no_such_method)) {
        auto t =
            no_model_there(told<"This address answers with a web page", "По этому адресу отвечает веб-страница">());
        t.answered = true;
        return t;
    }
    return refused(status, fields, json::object{});
}

call_error refused(int status, const http::headers& fields, const json::object& error) {
    call_error t;
    t.answered = true;
    t.status = status;
    t.retry_after = retry_after(fields);
    t.parameter = text_in(error, "param");
    auto said = words_of(error);
    auto tail = said.empty() ? std::string(".") : ": " + said;
    auto is = [&](cause why, bool again, std::string sentence) {
        t.why = why;
        t.again = again;
        t.sentence = std::move(sentence);
    };
    if (status == 401) {
        is(cause::key, false,
           told<"The model endpoint refuses the key{}", "Поставщик модели не принимает ключ{}">(tail));
    } else if (status == 402 && t.retry_after) {
        is(cause::rate, true,
           told<"The model endpoint has too much money in flight for this account{}",
                "У поставщика модели на этом счёте слишком много денег в обороте{}">(tail));
    } else if (status == 402 || (status == 403 && about_money(error))) {
        // litellm passes on only the message, and aider stops at once when it reads like this.
        t.why = cause::credit;
        t.status = 402;
        t.sentence = told<"Insufficient credits: the model endpoint's account has no money left{} {{\"code\":402}}",
                          "На счёте у поставщика модели кончились деньги{} {{\"code\":402}}">(tail);
    } else if (status == 403) {
        is(cause::policy, false,
           told<"The model endpoint refuses this request by its policy{}",
                "Поставщик модели отклоняет этот запрос по своим правилам{}">(tail));
    } else if (status == 404) {
        is(cause::model, false,
           told<"The model endpoint has no such model for this account{}",
                "У поставщика модели для этого счёта такой модели нет{}">(tail));
    } else if (status == 408) {
        is(cause::network, true,
           told<"The model endpoint gave up waiting{}", "Поставщик модели не дождался ответа{}">(tail));
    } else if (status == 429) {
        is(cause::rate, true,
           told<"The model endpoint limits the rate of requests{}", "Поставщик модели ограничивает частоту запросов{}">(
               tail));
    } else if (status == 413 || (status < 500 && about_context(said))) {
        is(cause::context, false,
           told<"The prompt does not fit into the model's context{}", "Запрос не помещается в контекст модели{}">(
               tail));
    } else if (status >= 500) {
        is(cause::network, true,
           said.empty()
               ? told<"The model endpoint failed with {}.", "Сбой у поставщика модели: {}.">(status)
               : told<"The model endpoint failed with {}: {}", "Сбой у поставщика модели: {}: {}">(status, said));
    } else if (status >= 400) {
        is(cause::model, false,
           said.empty()
               ? told<"The model endpoint refuses the request with {}.", "Поставщик модели отклоняет запрос: {}.">(
                     status)
               : told<"The model endpoint refuses the request with {}: {}",
                      "Поставщик модели отклоняет запрос: {}: {}">(status, said));
    } else {
        is(cause::network, false,
           told<"The model endpoint answered {}, which is no answer{}",
                "Поставщик модели ответил {}, а это не ответ{}">(status, tail));
        t.status = 502; // redirects are not followed, because the key would go along
    }
    return t;
}

call_error no_answer(const http::fetch_error& error) {
    call_error t;
    t.again = true;
    t.status = error.what == http::fetch_error::kind::silent ? 504 : 502;
    t.sentence = error.sentence;
    t.reached = error.what != http::fetch_error::kind::unreached;
    return t;
}

call_error cut(std::string sentence) {
    return {cause::network, true, std::nullopt, 502, std::move(sentence)};
}

call_error no_model_there(std::string sentence) {
    call_error t;
    t.status = 400; // at which aider stops
    t.sentence =
        told<"{}: does OPENROUTER_BASE_URL lack /v1?", "{}: возможно, в OPENROUTER_BASE_URL не хватает /v1.">(sentence);
    return t;
}

call_error unasked_stream() {
    call_error t;
    t.status = 400;
    t.sentence = told<"The model endpoint answers with a stream where a whole answer was asked for.",
                      "Поставщик модели отвечает потоком, хотя нужен был целый ответ.">();
    return t;
}

call_error budget_over(cause which, const narrowest& of, double call_usd, time_point now) {
    auto whose = budget_of(which, of);
    auto budget_usd = of.usd;
    std::string why;
    if (call_usd > budget_usd)
        why = told<"one call of this model may cost ${:.4f}, which is more than the whole budget of {} (${:.4f})",
                   "один запрос к этой модели может стоить ${:.4f}, а это больше всего бюджета {} (${:.4f})">(
            call_usd, whose, budget_usd);
    else if (call_usd > 0)
        why = told<"the budget of {} is used up; its next call may cost ${:.4f}",
                   "бюджет {} израсходован; следующий запрос может стоить ${:.4f}">(whose, call_usd);
    else
        why = told<"the budget of {} is used up", "бюджет {} израсходован">(whose);
    call_error t{which, false, std::nullopt, 402,
                 told<"Insufficient credits: {} {{\"code\":402}}", "Денег не хватает: {} {{\"code\":402}}">(why)};
    if (which == cause::month_budget || !of.whose.empty())
        t.budget =
            told<"The budget of {} (${:.2f}) is used up; it is free again at {}.",
                 "Бюджет {} (${:.2f}) израсходован; снова будет доступен {}.">(whose, of.usd, free_again(which, now));
    return t;
}

call_error spending_paused() {
    return {cause::paused, false, std::nullopt, 402,
            told<"Insufficient credits: all spending is paused by an admin {{\"code\":402}}",
                 "Денег не хватает: администратор приостановил все расходы {{\"code\":402}}">()};
}

call_error answer_cut_by(cause which, const narrowest& of, std::int64_t tokens) {
    return {which, false, std::nullopt, 402,
            told<"The model's answer was cut: the budget of {} had room for {} tokens of it.",
                 "Ответ модели оборван: бюджета {} хватило только на {} его токенов.">(budget_of(which, of), tokens)};
}

call_error dearer_than_reserved(double cost_usd, double reserved_usd) {
    return {cause::task_budget, false, std::nullopt, 402,
            told<"Insufficient credits: a call of the model cost ${:.4f}, and no more than ${:.4f} was expected, so "
                 "nothing more is spent on this task {{\"code\":402}}",
                 "Денег не хватает: запрос к модели стоил ${:.4f}, а ожидалось не больше ${:.4f}, поэтому на эту "
                 "задачу больше ничего не тратится {{\"code\":402}}">(cost_usd, reserved_usd)};
}

call_error no_key() {
    return {
        cause::key, false, std::nullopt, 401,
        told<"There is no model key: set OPENROUTER_API_KEY.", "Нет ключа к модели: задайте OPENROUTER_API_KEY.">()};
}

std::string agent_error(const call_error& t) {
    return json::serialize(
        json::object{{"error", {{"message", t.sentence}, {"code", t.status}, {"type", name(t.why)}}}});
}

std::string agent_error_event(const call_error& t) {
    return "data: " + agent_error(t) + "\n\n";
}

} // namespace persais::llm

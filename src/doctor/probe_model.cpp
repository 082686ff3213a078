// Probes of the model's endpoint: its list, our model in it, our key.
#include "base/model_name.hpp"
#include "base/told.hpp"
#include "doctor/limits.hpp"
#include "doctor/probes.hpp"
#include "doctor/resemblance.hpp"
#include "llm/limits.hpp"
#include "llm/models.hpp"
#include "llm/rewrite.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace persais::doctor {

namespace json = boost::json;

namespace {

constexpr double low_credit = limits::doctor_credit_low_cents / 100.0;
constexpr auto whose = told_view<"the model endpoint", "поставщик модели">();

awaitable<result<api_answer>> get(subject& of, std::string path) {
    http::fetch_spec request{.url = of.settings.openrouter_base_url + std::string(path)};
    if (const auto& key = of.settings.openrouter_api_key; !key.empty())
        request.secret_fields = {{"Authorization", around("Bearer ", key)}};
    co_return co_await ask(
        of, {.request = std::move(request), .whose = std::string(whose), .most = limits::model_list_bytes});
}

/// Days until the endpoint removes the model; negative: it was removed.
std::optional<double> days_left(const json::object& answer, std::string_view model) {
    const auto* data = answer.if_contains("data");
    if (!data || !data->is_array()) return std::nullopt;
    for (const auto& one : data->get_array())
        if (one.is_object() && text_in(one.get_object(), "id") == model)
            return days_until(text_in(one.get_object(), "expiration_date"));
    return std::nullopt;
}

std::string price_words(const llm::model_facts& f) {
    if (!f.price_prompt || !f.price_completion)
        return told<"the endpoint names no price", "поставщик не называет цены">();
    return told<"${:g} a million tokens sent, ${:g} received",
                "${:g} за миллион отправленных токенов, ${:g} за полученные">(*f.price_prompt, *f.price_completion);
}

finding known(const subject& of, const std::string& model, const llm::model_facts& f, std::optional<double> days) {
    json::object facts{{"model", model}, {"context_tokens", f.context_tokens}};
    if (f.price_prompt) facts["price_prompt"] = *f.price_prompt;
    if (f.price_completion) facts["price_completion"] = *f.price_completion;
    auto says = told<"{} is there: {}", "{} есть: {}">(
        model, f.context_tokens > 0
                   ? told<"a window of {} tokens, {}", "контекст {} токенов, {}">(f.context_tokens, price_words(f))
                   : price_words(f));
    if (days && *days < 0)
        return failed("model",
                      told<"{} was retired by the endpoint {:.0f} days ago.", "{} снята поставщиком {:.0f} дн. назад.">(
                          model, -*days),
                      told<"Name another one in AIDER_MODEL.", "Укажите другую в AIDER_MODEL.">(), std::move(facts));
    if (days && *days < std::chrono::duration<double, std::ratio<86400>>(limits::doctor_expiry_near).count())
        return warn("model",
                    told<"{}; the endpoint retires it in {:.0f} days.", "{}; поставщик снимет её через {:.0f} дн.">(
                        says, *days),
                    told<"Name its successor in AIDER_MODEL before that day.",
                         "Укажите её преемницу в AIDER_MODEL до этого дня.">(),
                    std::move(facts));
    if (!f.price_prompt && !of.settings.model_price_prompt)
        return warn(
            "model", says + ".",
            told<"Without prices budgets count tokens only: set MODEL_PRICE_PROMPT and MODEL_PRICE_COMPLETION.",
                 "Без цен бюджеты считают только токены: задайте MODEL_PRICE_PROMPT и MODEL_PRICE_COMPLETION.">(),
            std::move(facts));
    return ok("model", says + ".", std::move(facts));
}

std::string dollars(double d) {
    return fmt::format("${:.2f}", d);
}

finding refused_key(const api_answer& answer) {
    return failed(
        "key",
        told<"The model endpoint refuses OPENROUTER_API_KEY (status {}).",
             "Поставщик модели не принимает OPENROUTER_API_KEY (статус {}).">(answer.status),
        told<"It is wrong, expired or disabled: make a new one (OpenRouter: openrouter.ai/keys) and set it.",
             "Он неверен, истёк или отключён: создайте новый (OpenRouter: openrouter.ai/keys) и задайте его.">());
}

/// The finding from OpenRouter's /key.
finding read_key(const json::object& data, std::optional<double> credit) {
    auto limit = number_in(data, "limit"), left = number_in(data, "limit_remaining");
    json::object facts;
    if (limit) facts["limit_usd"] = *limit;
    if (left) facts["remaining_usd"] = *left;
    if (credit) facts["credit_usd"] = *credit;
    std::string says = told<"The key is accepted", "Ключ принят">();
    if (left)
        says = told<"{}, {} of its limit of {} are left", "{}, от его предела остаётся {} из {}">(
            says, dollars(*left), dollars(limit.value_or(*left)));
    if (credit) says = told<"{}, the account holds {}", "{}, на счёте {}">(says, dollars(*credit));
    auto least = std::min(left.value_or(low_credit), credit.value_or(low_credit));
    auto advice = told<"Add credit, or raise the key's limit (OpenRouter: openrouter.ai/settings/credits).",
                       "Пополните счёт или поднимите предел ключа (OpenRouter: openrouter.ai/settings/credits).">();
    if (least <= 0)
        return failed("key", told<"{}: nothing can be asked with it.", "{}: спросить с ним ничего нельзя.">(says),
                      advice, std::move(facts));
    if (least < low_credit)
        return warn("key", told<"{}: that is soon used up.", "{}: это скоро кончится.">(says), advice,
                    std::move(facts));
    auto days = days_until(text_in(data, "expires_at"));
    if (days && *days < std::chrono::duration<double, std::ratio<86400>>(limits::doctor_expiry_near).count())
        return warn("key", told<"{}; it expires in {:.0f} days.", "{}; срок истекает через {:.0f} дн.">(says, *days),
                    told<"Make a new one before.", "Создайте новый раньше.">(), std::move(facts));
    if (flag_in(data, "is_free_tier"))
        return warn("key",
                    told<"{}; the account has bought no credit yet, so only free models answer.",
                         "{}; счёт ещё не пополнялся, поэтому отвечают только бесплатные модели.">(says),
                    advice, std::move(facts));
    return ok("key",
              left || credit ? says + "."
                             : told<"{}; it has no limit of its own.", "{}; своего предела у него нет.">(says),
              std::move(facts));
}

} // namespace

awaitable<finding> probe_model(subject& of) {
    auto model = plain_model(of.settings.aider_model);
    if (of.offline) co_return skipped("model", told<"Not looked up: offline.", "Не проверено: без сети.">());
    auto answer = co_await get(of, "/models");
    if (!answer)
        co_return failed(
            "model",
            told<"The model endpoint is not reached: {}", "Связаться с поставщиком модели не удалось: {}">(
                answer.error()),
            told<"Look at OPENROUTER_BASE_URL and at this machine's way to the network (HTTPS_PROXY, "
                 "SSL_CERT_FILE).",
                 "Посмотрите на OPENROUTER_BASE_URL и на выход этой машины в сеть (HTTPS_PROXY, SSL_CERT_FILE).">());
    if (answer->status == 401 || answer->status == 403)
        co_return skipped("model",
                          told<"Not looked up: the endpoint lists its models only with a key that it accepts.",
                               "Не проверено: поставщик показывает модели только с ключом, который он принимает.">());
    const auto* list = answer->object();
    auto all = list ? llm::read_models(*list) : llm::model_list{};
    if (answer->status != 200 || all.empty())
        co_return warn(
            "model",
            told<"The endpoint lists no models (status {}), so {} could not be looked up.",
                 "Поставщик не показывает моделей (статус {}), поэтому {} не проверить.">(answer->status, model),
            told<"If it is no OpenAI-compatible endpoint, correct OPENROUTER_BASE_URL.",
                 "Если это не поставщик, совместимый с OpenAI, исправьте OPENROUTER_BASE_URL.">());
    auto facts = llm::look_up(all, model);
    if (facts.known) co_return known(of, model, facts, days_left(*list, model));
    auto alike = resembling(all, model);
    json::array names;
    for (const auto& name : alike)
        names.emplace_back(name);
    co_return failed(
        "model",
        told<"The endpoint has no model {}: it was never there, or is retired.",
             "У поставщика нет модели {}: её не было или она снята.">(model),
        alike.empty() ? told<"Name one of its models in AIDER_MODEL.", "Укажите в AIDER_MODEL одну из его моделей.">()
                      : told<"Name another one in AIDER_MODEL; these resemble it: {}.",
                             "Укажите другую в AIDER_MODEL; похожие: {}.">(fmt::join(alike, ", ")),
        {{"model", model}, {"alike", std::move(names)}});
}

awaitable<finding> probe_key(subject& of) {
    if (of.settings.openrouter_api_key.empty())
        co_return warn(
            "key",
            told<"OPENROUTER_API_KEY is not set: tasks wait for it.",
                 "OPENROUTER_API_KEY не задан: задачи ждут его.">(),
            told<
                "Make a key (OpenRouter: openrouter.ai/keys) and run `persais init`, or set it in .env.",
                "Создайте ключ (OpenRouter: openrouter.ai/keys) и запустите `persais init` или впишите его в .env.">());
    if (of.offline)
        co_return skipped("key", told<"Not shown to the endpoint: offline.", "Поставщику не показан: без сети.">());
    auto answer = co_await get(of, "/key");
    if (!answer)
        co_return failed("key", told<"The key could not be tried: {}", "Ключ не удалось проверить: {}">(answer.error()),
                         told<"Look at OPENROUTER_BASE_URL and at this machine's way to the network.",
                              "Посмотрите на OPENROUTER_BASE_URL и на выход этой машины в сеть.">());
    if (answer->status == 401) co_return refused_key(*answer);
    const auto* body = answer->object();
    if (const auto* data = body ? object_in(*body, "data") : nullptr; data && answer->status == 200) {
        std::optional<double> credit;
        auto account = co_await get(of, "/credits"); // many keys may not read it
        const auto* top = account && account->status == 200 ? account->object() : nullptr;
        if (const auto* sums = top ? object_in(*top, "data") : nullptr)
            if (auto bought = number_in(*sums, "total_credits"); bought && *bought > 0)
                credit = *bought - number_in(*sums, "total_usage").value_or(0);
        co_return read_key(*data, credit);
    }
    auto models = co_await get(of, "/models");
    if (models && (models->status == 401 || models->status == 403)) co_return refused_key(*models);
    if (models && models->status == 200)
        co_return ok("key", told<"The endpoint takes the key; it does not tell what is left on it.",
                                 "Поставщик принимает ключ, но не говорит, сколько на нём осталось.">());
    co_return warn("key", told<"The endpoint says nothing about the key.", "Поставщик ничего не говорит о ключе.">(),
                   told<"A first task will show whether it is accepted.", "Принят ли он, покажет первая задача.">());
}

} // namespace persais::doctor

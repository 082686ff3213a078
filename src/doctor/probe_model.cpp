// Probes of the model's endpoint: its list, our model in it, our key.
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
constexpr auto whose = "the model endpoint";

awaitable<result<api_answer>> get(subject& of, std::string path) {
    http::fetch_spec request{.url = of.settings.openrouter_base_url + std::string(path)};
    if (const auto& key = of.settings.openrouter_api_key; !key.empty())
        request.secret_fields = {{"Authorization", around("Bearer ", key)}};
    co_return co_await ask(of, {.request = std::move(request), .whose = whose, .most = limits::model_list_bytes});
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
    if (!f.price_prompt || !f.price_completion) return "the endpoint names no price";
    return fmt::format("${:g} a million tokens sent, ${:g} received", *f.price_prompt, *f.price_completion);
}

finding known(const subject& of, const std::string& model, const llm::model_facts& f, std::optional<double> days) {
    json::object facts{{"model", model}, {"context_tokens", f.context_tokens}};
    if (f.price_prompt) facts["price_prompt"] = *f.price_prompt;
    if (f.price_completion) facts["price_completion"] = *f.price_completion;
    auto says = fmt::format("{} is there: {}{}", model,
                            f.context_tokens > 0 ? fmt::format("a window of {} tokens, ", f.context_tokens) : "",
                            price_words(f));
    if (days && *days < 0)
        return failed("model", fmt::format("{} was retired by the endpoint {:.0f} days ago.", model, -*days),
                      "Name another one in AIDER_MODEL.", std::move(facts));
    if (days && *days < std::chrono::duration<double, std::ratio<86400>>(limits::doctor_expiry_near).count())
        return warn("model", fmt::format("{}; the endpoint retires it in {:.0f} days.", says, *days),
                    "Name its successor in AIDER_MODEL before that day.", std::move(facts));
    if (!f.price_prompt && !of.settings.model_price_prompt)
        return warn("model", says + ".",
                    "Without prices budgets count tokens only: set MODEL_PRICE_PROMPT and MODEL_PRICE_COMPLETION.",
                    std::move(facts));
    return ok("model", says + ".", std::move(facts));
}

std::string dollars(double d) {
    return fmt::format("${:.2f}", d);
}

finding refused_key(const api_answer& answer) {
    return failed("key", fmt::format("The model endpoint refuses OPENROUTER_API_KEY (status {}).", answer.status),
                  "It is wrong, expired or disabled: make a new one (OpenRouter: openrouter.ai/keys) and set it.");
}

/// The finding from OpenRouter's /key.
finding read_key(const json::object& data, std::optional<double> credit) {
    auto limit = number_in(data, "limit"), left = number_in(data, "limit_remaining");
    json::object facts;
    if (limit) facts["limit_usd"] = *limit;
    if (left) facts["remaining_usd"] = *left;
    if (credit) facts["credit_usd"] = *credit;
    std::string says = "The key is accepted";
    if (left) says += fmt::format(", {} of its limit of {} are left", dollars(*left), dollars(limit.value_or(*left)));
    if (credit) says += fmt::format(", the account holds {}", dollars(*credit));
    auto least = std::min(left.value_or(low_credit), credit.value_or(low_credit));
    auto advice = "Add credit, or raise the key's limit (OpenRouter: openrouter.ai/settings/credits).";
    if (least <= 0) return failed("key", says + ": nothing can be asked with it.", advice, std::move(facts));
    if (least < low_credit) return warn("key", says + ": that is soon used up.", advice, std::move(facts));
    auto days = days_until(text_in(data, "expires_at"));
    if (days && *days < std::chrono::duration<double, std::ratio<86400>>(limits::doctor_expiry_near).count())
        return warn("key", fmt::format("{}; it expires in {:.0f} days.", says, *days), "Make a new one before.",
                    std::move(facts));
    if (flag_in(data, "is_free_tier"))
        return warn("key", says + "; the account has bought no credit yet, so only free models answer.", advice,
                    std::move(facts));
    return ok("key", says + (left || credit ? "." : "; it has no limit of its own."), std::move(facts));
}

} // namespace

awaitable<finding> probe_model(subject& of) {
    auto model = llm::plain_model(of.settings.aider_model);
    if (of.offline) co_return skipped("model", "Not looked up: offline.");
    auto answer = co_await get(of, "/models");
    if (!answer)
        co_return failed("model", fmt::format("The model endpoint is not reached: {}", answer.error()),
                         "Look at OPENROUTER_BASE_URL and at this machine's way to the network (HTTPS_PROXY, "
                         "SSL_CERT_FILE).");
    if (answer->status == 401 || answer->status == 403)
        co_return skipped("model", "Not looked up: the endpoint lists its models only with a key that it accepts.");
    const auto* list = answer->object();
    auto all = list ? llm::read_models(*list) : llm::model_list{};
    if (answer->status != 200 || all.empty())
        co_return warn("model",
                       fmt::format("The endpoint lists no models (status {}), so {} could not be looked up.",
                                   answer->status, model),
                       "If it is no OpenAI-compatible endpoint, correct OPENROUTER_BASE_URL.");
    auto facts = llm::look_up(all, model);
    if (facts.known) co_return known(of, model, facts, days_left(*list, model));
    auto alike = resembling(all, model);
    json::array names;
    for (const auto& name : alike)
        names.emplace_back(name);
    co_return failed(
        "model", fmt::format("The endpoint has no model {}: it was never there, or is retired.", model),
        alike.empty() ? "Name one of its models in AIDER_MODEL."
                      : fmt::format("Name another one in AIDER_MODEL; these resemble it: {}.", fmt::join(alike, ", ")),
        {{"model", model}, {"alike", std::move(names)}});
}

awaitable<finding> probe_key(subject& of) {
    if (of.settings.openrouter_api_key.empty())
        co_return warn("key", "OPENROUTER_API_KEY is not set: tasks wait for it.",
                       "Make a key (OpenRouter: openrouter.ai/keys) and run `persais init`, or set it in .env.");
    if (of.offline) co_return skipped("key", "Not shown to the endpoint: offline.");
    auto answer = co_await get(of, "/key");
    if (!answer)
        co_return failed("key", fmt::format("The key could not be tried: {}", answer.error()),
                         "Look at OPENROUTER_BASE_URL and at this machine's way to the network.");
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
        co_return ok("key", "The endpoint takes the key; it does not tell what is left on it.");
    co_return warn("key", "The endpoint says nothing about the key.", "A first task will show whether it is accepted.");
}

} // namespace persais::doctor

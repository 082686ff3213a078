#include "llm/models.hpp"

#include "base/json.hpp"
#include "base/model_name.hpp"
#include "llm/limits.hpp"
#include "llm/money.hpp"
#include "llm/rewrite.hpp"

#include <charconv>
#include <cmath>

#include <boost/json.hpp>
#include <spdlog/spdlog.h>

namespace persais::llm {

namespace json = boost::json;

namespace {

/// Written as text or as a number. Negative means "it depends" (openrouter/auto) and is unknown, as what is no number.
std::optional<double> dollars(const json::object& pricing, std::string_view name) {
    auto text = text_in(pricing, name);
    if (text.empty()) return read_amount(pricing, name);
    double usd = -1;
    auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), usd);
    bool whole = ec == std::errc() && end == text.data() + text.size();
    return whole && std::isfinite(usd) && usd >= 0 ? std::optional(usd) : std::nullopt;
}

/// The list has dollars a token; ours are dollars a million.
std::optional<double> price(const json::object& pricing, std::string_view name) {
    auto usd = dollars(pricing, name);
    return usd ? std::optional(*usd * 1e6) : usd;
}

/// Thoughts have a price of their own with some models, and are counted among the tokens of the answer.
std::optional<double> price_of_answers(const json::object& pricing) {
    auto said = price(pricing, "completion");
    return said ? std::max(said, price(pricing, "internal_reasoning")) : said;
}

/// Of OpenRouter's list: other prices from some length of the prompt on. One whose condition is another may always
/// hold.
std::vector<price_band> read_bands(const json::object& pricing) {
    std::vector<price_band> bands;
    if (const auto* overrides = array_in(pricing, "overrides"))
        for (const auto& each : *overrides)
            if (const auto* band = each.if_object())
                bands.push_back({.from_prompt_tokens = read_count(*band, "min_prompt_tokens"),
                                 .price_prompt = price(*band, "prompt"),
                                 .price_completion = price_of_answers(*band),
                                 .price_cache_write = price(*band, "input_cache_write")});
    return bands;
}

model_facts read_one(const json::object& of) {
    model_facts f;
    f.known = true;
    f.slug = text_in(of, "canonical_slug");
    f.context_tokens = read_count(of, "context_length");
    if (const auto* top = object_in(of, "top_provider"))
        f.max_output_tokens = read_count(*top, "max_completion_tokens");
    if (const auto* pricing = object_in(of, "pricing")) {
        f.price_prompt = price(*pricing, "prompt");
        f.price_completion = price_of_answers(*pricing);
        f.price_cache_write = price(*pricing, "input_cache_write");
        f.price_request = dollars(*pricing, "request").value_or(0);
        f.bands = read_bands(*pricing);
    }
    return f;
}

void take_dearest(model_facts& all, const model_facts& one) {
    auto smaller = [](std::int64_t a, std::int64_t b) { return a == 0 ? b : b == 0 ? a : std::min(a, b); };
    all.known = true;
    all.context_tokens = smaller(all.context_tokens, one.context_tokens);
    all.max_output_tokens = smaller(all.max_output_tokens, one.max_output_tokens);
    all.price_prompt = std::max(all.price_prompt, one.price_prompt); // nothing is less than any price
    all.price_completion = std::max(all.price_completion, one.price_completion);
    all.price_cache_write = std::max(all.price_cache_write, one.price_cache_write);
    all.price_request = std::max(all.price_request, one.price_request);
    all.bands.insert(all.bands.end(), one.bands.begin(), one.bands.end());
}

bool is_alias(std::string_view model) {
    return model.starts_with('~');
}

} // namespace

model_list read_models(const json::object& answer) {
    model_list list;
    const auto* data = array_in(answer, "data");
    if (!data) return list;
    for (const auto& entry : *data) {
        const auto* one = entry.if_object();
        if (auto id = one ? text_in(*one, "id") : std::string(); !id.empty()) list[id] = read_one(*one);
    }
    // An alias is listed with the prices of what it stands for just now, or without prices.
    for (const auto& entry : *data) {
        const auto* one = entry.if_object();
        const auto* target = one ? object_in(*one, "alias_target") : nullptr;
        if (!target) continue;
        auto stands_for = list.find(text_in(*target, "slug"));
        auto alias = list.find(text_in(*one, "id"));
        if (alias != list.end() && stands_for != list.end()) take_dearest(alias->second, stands_for->second);
    }
    return list;
}

namespace {

/// Of all models that an alias which is not listed could stand for.
model_facts dearest_of_family(const model_list& all, std::string_view model) {
    model_facts f;
    constexpr std::string_view latest = "-latest";
    if (!is_alias(model) || !model.ends_with(latest)) return f;
    auto family = model.substr(1, model.size() - 1 - latest.size());
    auto words = family.substr(family.find('/') + 1);
    auto vendor = family.substr(0, family.size() - words.size());
    // The version may stand anywhere: name-fine-4.5 and name-3.7-fine are both name-fine.
    for (const auto& [id, facts] : all) {
        if (!id.starts_with(vendor) || id.ends_with(":free")) continue;
        bool all_words = true;
        for (std::size_t from = 0; from <= words.size();) {
            auto to = std::min(words.find('-', from), words.size());
            all_words = all_words && id.find(words.substr(from, to - from), vendor.size()) != id.npos;
            from = to + 1;
        }
        if (all_words) take_dearest(f, facts);
    }
    return f;
}

} // namespace

model_facts look_up(const model_list& all, std::string_view model) {
    auto found = all.find(model);
    if (found != all.end() && (found->second.priced() || !is_alias(model))) return found->second;
    if (auto colon = model.find(':'); found == all.end() && colon != model.npos)
        return look_up(all, model.substr(0, colon));
    auto f = dearest_of_family(all, model);
    if (found != all.end()) take_dearest(f, found->second);
    return f;
}

model_facts of_answering(const model_list& all, std::string_view asked, std::string_view answering,
                         const model_facts& of_asked) {
    bool stands_for_others = is_alias(asked) || !look_up(all, asked).priced();
    if (!stands_for_others || answering.empty()) return of_asked;
    if (auto by_id = all.find(answering); by_id != all.end() && by_id->second.priced()) return by_id->second;
    for (const auto& [id, facts] : all)
        if (facts.slug == answering && facts.priced()) return facts;
    return of_asked;
}

awaitable<> models::refresh() {
    http::fetch_spec get{.url = where_.base_url + "/models"};
    if (!where_.key.empty()) get.secret_fields = {{"Authorization", around("Bearer ", where_.key)}};
    auto of_which = asked_for_;
    auto answer = co_await client_.fetch(std::move(get), limits::model_list_bytes);
    if (of_which != asked_for_) co_return; // it was forgotten meanwhile, so this is the list of another endpoint or key
    auto all = answer && answer->status == 200 ? parse_object(answer->body) : std::nullopt;
    auto now = std::chrono::steady_clock::now();
    if (!all) {
        spdlog::warn("model list: {}", !answer ? answer.error().sentence : fmt::format("status {}", answer->status));
        good_until_ = now + limits::model_list_retry;
        co_return;
    }
    list_ = read_models(*all);
    good_until_ = now + limits::model_list_kept;
}

void models::forget(bool other_endpoint) {
    ++asked_for_;
    good_until_ = {};
    if (other_endpoint) list_.clear();
}

awaitable<> models::make_fresh() {
    while (fetching_)
        co_await fetched_.wait();
    while (std::chrono::steady_clock::now() >= good_until_) {
        fetching_ = true;
        fetched_.reset();
        struct release {
            models& of;
            ~release() {
                of.fetching_ = false;
                of.fetched_.set();
            }
        } whatever_happens{*this};
        co_await refresh();
    }
}

awaitable<std::vector<std::string>> models::names() {
    co_await make_fresh();
    std::vector<std::string> all;
    for (const auto& [name, facts] : list_)
        all.push_back(name);
    co_return all;
}

awaitable<model_facts> models::facts(std::string model) {
    co_await make_fresh();
    auto f = look_up(list_, plain_model(model));
    if (!f.priced()) {
        f.price_prompt = where_.price_prompt;
        f.price_completion = where_.price_completion;
    }
    co_return f;
}

} // namespace persais::llm

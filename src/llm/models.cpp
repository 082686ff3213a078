#include "llm/models.hpp"

#include "base/json.hpp"
#include "llm/limits.hpp"
#include "llm/money.hpp"
#include "llm/rewrite.hpp"

#include <charconv>

#include <boost/json.hpp>
#include <spdlog/spdlog.h>

namespace persais::llm {

namespace json = boost::json;

namespace {

/// Dollars a token, as text or number; negative means "it depends" (openrouter/auto).
std::optional<double> price(const json::object& pricing, std::string_view name) {
    auto* value = pricing.if_contains(name);
    double per_token = -1;
    if (value && value->is_number()) per_token = value->to_number<double>();
    if (value && value->is_string()) {
        std::string_view text = value->get_string();
        std::from_chars(text.data(), text.data() + text.size(), per_token);
    }
    return per_token >= 0 && per_token < 1 ? std::optional(per_token * 1e6) : std::nullopt;
}

model_facts read_one(const json::object& of) {
    model_facts f;
    f.known = true;
    f.context_tokens = read_count(of, "context_length");
    if (const auto* top = object_in(of, "top_provider"))
        f.max_output_tokens = read_count(*top, "max_completion_tokens");
    if (const auto* pricing = object_in(of, "pricing")) {
        f.price_prompt = price(*pricing, "prompt");
        f.price_completion = price(*pricing, "completion");
        if (f.price_completion) // what is thought is counted among what is said
            f.price_completion = std::max(f.price_completion, price(*pricing, "internal_reasoning"));
        f.price_request = price(*pricing, "request").value_or(0) / 1e6;
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
    all.price_request = std::max(all.price_request, one.price_request);
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
    return list;
}

model_facts look_up(const model_list& all, std::string_view model) {
    if (auto found = all.find(model); found != all.end()) return found->second;
    if (auto colon = model.find(':'); colon != model.npos) return look_up(all, model.substr(0, colon));
    model_facts f;
    constexpr std::string_view latest = "-latest";
    if (!model.starts_with('~') || !model.ends_with(latest)) return f;
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

awaitable<> models::refresh() {
    http::fetch_spec get{.url = where_.base_url + "/models"};
    if (!where_.key.empty()) get.secret_fields = {{"Authorization", around("Bearer ", where_.key)}};
    auto answer = co_await client_.fetch(std::move(get), limits::model_list_bytes);
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

awaitable<model_facts> models::facts(std::string model) {
    while (fetching_)
        co_await fetched_.wait();
    if (std::chrono::steady_clock::now() >= good_until_) {
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
    auto f = look_up(list_, plain_model(model));
    if (!f.price_prompt || !f.price_completion) {
        f.price_prompt = where_.price_prompt;
        f.price_completion = where_.price_completion;
    }
    co_return f;
}

} // namespace persais::llm

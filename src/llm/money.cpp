#include "llm/money.hpp"

#include "base/json.hpp"

#include <cmath>

#include <boost/json.hpp>

namespace persais::llm {

namespace json = boost::json;

std::optional<double> read_amount(const json::object& of, std::string_view name) {
    auto n = number_in(of, name);
    return n && std::isfinite(*n) && *n >= 0 ? n : std::nullopt;
}

std::int64_t read_count(const json::object& of, std::string_view name) {
    return static_cast<std::int64_t>(std::min(read_amount(of, name).value_or(0), 1e12));
}

std::optional<double> read_cost(const json::object& of, std::string_view name) {
    constexpr double most = 1e12;
    auto n = read_amount(of, name);
    return n ? std::optional(std::min(*n, most)) : n;
}

namespace {

/// Tokens of a prompt that an earlier call had the endpoint keep.
std::int64_t read_cached(const json::object& of) {
    const auto* details = object_in(of, "prompt_tokens_details");
    return details ? read_count(*details, "cached_tokens") : read_count(of, "prompt_cache_hit_tokens");
}

} // namespace

usage read_usage(const json::object& of) {
    usage u{.sent = read_count(of, "prompt_tokens"),
            .received = read_count(of, "completion_tokens"),
            .cached = read_cached(of),
            .cost_usd = read_cost(of, "cost")};
    u.cached = std::min(u.cached, u.sent);
    if (!u.cost_usd) return u;
    auto* own_key = of.if_contains("is_byok");
    const auto* details = object_in(of, "cost_details");
    auto upstream = details ? read_cost(*details, "upstream_inference_cost") : std::nullopt;
    // With the user's own provider key `cost` is only the fee. Without one the field is null or repeats the cost, so it
    // counts when the endpoint says "byok", or when it says nothing and the fee is smaller than the upstream's price.
    bool said = own_key && own_key->is_bool();
    bool own = said ? own_key->get_bool() : upstream && *upstream > *u.cost_usd;
    if (own && upstream)
        *u.cost_usd += *upstream;
    else if (own)
        u.cost_usd.reset(); // what the provider takes is not told: it is counted by its prices
    return u;
}

usage joined(const usage& before, const usage& now) {
    return {.sent = std::max(before.sent, now.sent),
            .received = std::max(before.received, now.received),
            .cached = std::max(before.cached, now.cached),
            .cost_usd = std::max(before.cost_usd, now.cost_usd)}; // nothing is less than any cost
}

model_facts priced_for(model_facts facts, std::int64_t prompt_tokens) {
    auto dearer = [](std::optional<double>& all, const std::optional<double>& one) {
        if (all) all = std::max(all, one);
    };
    for (const auto& band : facts.bands) {
        if (prompt_tokens < band.from_prompt_tokens) continue;
        dearer(facts.price_prompt, band.price_prompt);
        dearer(facts.price_completion, band.price_completion);
        dearer(facts.price_cache_write, band.price_cache_write);
    }
    return facts;
}

namespace {

/// Dollars a million tokens of a prompt: what it is reserved at, and counted at when the endpoint tells no cost.
double price_of_prompt(const model_facts& prices, bool writes_cache) {
    constexpr double of_keeping = 1.25; // the dearest that is usual, where the endpoint's list has no price for it
    if (!writes_cache) return *prices.price_prompt;
    return std::max(*prices.price_prompt * of_keeping, prices.price_cache_write.value_or(0));
}

} // namespace

bill bill_for(const usage& u, bool writes_cache, const model_facts& facts) {
    if (u.cost_usd) return {u, *u.cost_usd, "cost"};
    if (!facts.priced()) return {u, 0, "tokens"};
    auto prices = priced_for(facts, u.sent);
    auto tokens = static_cast<double>(u.sent) * price_of_prompt(prices, writes_cache) +
                  static_cast<double>(u.received) * *prices.price_completion;
    // As many digits as a reservation holds: else what a double adds in the last of its own makes a call that used up
    // all that was reserved look dearer than that.
    constexpr double digits = 1e9;
    return {u, std::round((tokens / 1e6 + prices.price_request) * digits) / digits, "prices"};
}

std::int64_t tokens_at_most(std::size_t bytes) {
    return static_cast<std::int64_t>(bytes / 2 + 1);
}

quote quote_for(std::int64_t prompt_tokens, bool writes_cache, const model_facts& facts) {
    quote q{.prompt_tokens = prompt_tokens, .prompt_usd = {}, .answer_token_usd = {}};
    if (!facts.priced()) return q;
    auto prices = priced_for(facts, prompt_tokens);
    q.prompt_usd =
        static_cast<double>(prompt_tokens) * price_of_prompt(prices, writes_cache) / 1e6 + prices.price_request;
    q.answer_token_usd = *prices.price_completion / 1e6;
    return q;
}

double least_reservation(const quote& of, std::int64_t most_tokens) {
    if (!of.prompt_usd || !of.answer_token_usd) return 0;
    auto tokens = std::min(most_tokens, limits::model_output_tokens_least);
    return *of.prompt_usd + static_cast<double>(tokens) * *of.answer_token_usd;
}

} // namespace persais::llm

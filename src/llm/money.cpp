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

usage read_usage(const json::object& of) {
    usage u{read_count(of, "prompt_tokens"), read_count(of, "completion_tokens"), read_amount(of, "cost")};
    auto* own_key = of.if_contains("is_byok");
    auto* details = of.if_contains("cost_details");
    // With the user's own provider key `cost` is only the fee. Without one the field is null or repeats the cost, so it
    // counts when the endpoint says "byok", or when it says nothing and the fee is smaller than the upstream's price.
    if (u.cost_usd && details && details->is_object()) {
        auto upstream = read_amount(details->get_object(), "upstream_inference_cost");
        bool said = own_key && own_key->is_bool();
        if (upstream && (said ? own_key->get_bool() : *upstream > *u.cost_usd)) *u.cost_usd += *upstream;
    }
    return u;
}

bill bill_for(const usage& u, const model_facts& facts) {
    if (u.cost_usd) return {u, *u.cost_usd, "cost"};
    if (facts.price_prompt && facts.price_completion)
        return {u,
                (static_cast<double>(u.sent) * *facts.price_prompt +
                 static_cast<double>(u.received) * *facts.price_completion) /
                        1e6 +
                    facts.price_request,
                "prices"};
    return {u, 0, "tokens"};
}

std::int64_t tokens_at_most(std::size_t bytes) {
    return static_cast<std::int64_t>(bytes / 2 + 1);
}

double least_reservation(std::int64_t paid_prompt, std::int64_t most_tokens, const model_facts& facts) {
    model_facts by_tokens = facts;
    by_tokens.price_request = 0; // it is among the prompt's tokens
    return bill_for({paid_prompt, std::min(most_tokens, limits::model_output_tokens_least), {}}, by_tokens).cost_usd;
}

std::int64_t paid_prompt_tokens(std::int64_t prompt_tokens, bool writes_cache, const model_facts& facts) {
    auto paid = prompt_tokens;
    if (writes_cache) paid += prompt_tokens / 4 + 1;
    if (facts.price_request > 0 && facts.price_prompt.value_or(0) > 0)
        paid += static_cast<std::int64_t>(std::ceil(facts.price_request * 1e6 / *facts.price_prompt));
    return paid;
}

} // namespace persais::llm

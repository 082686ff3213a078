#pragma once
#include "llm/types.hpp"

#include <boost/json/object.hpp>

namespace persais::llm {

/// Tokens and cost of one call as its `usage` object tells them.
struct usage {
    std::int64_t sent = 0;
    std::int64_t received = 0;
    std::int64_t cached = 0;        // of those sent
    std::optional<double> cost_usd; // what the endpoint says it cost, with the upstream's price for an own provider key
};
usage read_usage(const boost::json::object& of);
/// Of an answer that tells its usage in several pieces. Each tells what was so far, so the larger number stands.
usage joined(const usage& before, const usage& now);
/// A field that holds a finite number of at least 0; anything else is nullopt.
std::optional<double> read_amount(const boost::json::object& of, std::string_view name);
/// Dollars, as `read_amount`, and at most 1e12, so that sums of them stay numbers.
std::optional<double> read_cost(const boost::json::object& of, std::string_view name);
/// Of tokens, between 0 and 1e12; 0 when nothing is said.
std::int64_t read_count(const boost::json::object& of, std::string_view name);

/// Where a cost comes from: `llm_calls.settled_by`.
struct bill {
    usage tokens;
    double cost_usd = 0;
    std::string by; // cost, prices, tokens
};
/// The endpoint's cost, else tokens by prices, else tokens only. `writes_cache`: as for the quote of the call.
bill bill_for(const usage& u, bool writes_cache, const model_facts& facts);

/// An upper bound for any text in practice: two bytes a token (byte-level tokenizers give 3 to 4 for text and code).
std::int64_t tokens_at_most(std::size_t bytes);
/// The same model with the dearest of the prices that a prompt of this length may have.
model_facts priced_for(model_facts facts, std::int64_t prompt_tokens);

/// What is reserved for a call: its prompt, with what keeping it and the call itself cost, and each token of its
/// answer.
struct quote {
    std::int64_t prompt_tokens = 0;
    std::optional<double> prompt_usd; // nothing, as the next one: prices are not known
    std::optional<double> answer_token_usd;
};
quote quote_for(std::int64_t prompt_tokens, bool writes_cache, const model_facts& facts);
/// What a call may cost whose answer is as short as one may be; 0 when prices are not known.
double least_reservation(const quote& of, std::int64_t most_tokens);

} // namespace persais::llm

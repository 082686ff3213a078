#pragma once
#include "llm/types.hpp"

#include <boost/json/object.hpp>

namespace persais::llm {

/// Tokens and cost of one call as its `usage` object tells them.
struct usage {
    std::int64_t sent = 0;
    std::int64_t received = 0;
    std::optional<double> cost_usd; // what the endpoint says it cost, with the upstream's price for an own provider key
};
usage read_usage(const boost::json::object& of);
/// A field that holds a finite number of at least 0; anything else is nullopt.
std::optional<double> read_amount(const boost::json::object& of, std::string_view name);
/// Of tokens, between 0 and 1e12; 0 when nothing is said.
std::int64_t read_count(const boost::json::object& of, std::string_view name);

/// Where a cost comes from: `llm_calls.settled_by`.
struct bill {
    usage tokens;
    double cost_usd = 0;
    std::string by; // cost, prices, tokens
};
/// The endpoint's cost, else tokens by prices, else tokens only.
bill bill_for(const usage& u, const model_facts& facts);

/// An upper bound for any text in practice: two bytes a token (byte-level tokenizers give 3 to 4 for text and code).
std::int64_t tokens_at_most(std::size_t bytes);
/// What a call may cost whose answer is as short as one may be; 0 when prices are not known.
double least_reservation(std::int64_t paid_prompt, std::int64_t most_tokens, const model_facts& facts);
/// What a prompt costs at most, as so many tokens of a prompt: to have the endpoint keep it costs a quarter more, and a
/// call may have a price of its own.
std::int64_t paid_prompt_tokens(std::int64_t prompt_tokens, bool writes_cache, const model_facts& facts);

} // namespace persais::llm

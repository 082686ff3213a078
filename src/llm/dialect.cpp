#include "llm/dialect.hpp"

#include "base/json.hpp"
#include "llm/limits.hpp"

#include <algorithm>
#include <cctype>
#include <limits>
#include <string_view>

#include <boost/json.hpp>

namespace persais::llm {

namespace json = boost::json;

namespace {

constexpr std::string_view older_bound = "max_tokens", newer_bound = "max_completion_tokens";

constexpr std::string_view may_be_left_out[] = {"temperature",
                                                "top_p",
                                                "top_k",
                                                "min_p",
                                                "top_a",
                                                "seed",
                                                "frequency_penalty",
                                                "presence_penalty",
                                                "repetition_penalty",
                                                "logit_bias",
                                                "logprobs",
                                                "top_logprobs",
                                                "parallel_tool_calls",
                                                "reasoning_effort",
                                                "include_reasoning",
                                                "reasoning",
                                                "thinking",
                                                "verbosity",
                                                "cache_control",
                                                "structured_outputs",
                                                "stream_options"};

/// Only a refusal with one of these words refuses the field; "max_tokens is too large" refuses its value.
constexpr std::string_view words_of_refusal[] = {"unsupported",  "not supported", "not support",   "unknown",
                                                 "unrecognized", "unexpected",    "not permitted", "not allowed"};

bool part_of_a_name(char c) {
    return c == '_' || std::isalnum(static_cast<unsigned char>(c));
}

/// Whether the text has the field as a word of its own.
bool names(std::string_view text, std::string_view field) {
    for (auto at = text.find(field); at != text.npos; at = text.find(field, at + 1)) {
        auto after = at + field.size();
        if ((at == 0 || !part_of_a_name(text[at - 1])) && (after == text.size() || !part_of_a_name(text[after])))
            return true;
    }
    return false;
}

} // namespace

bool dialect::learn(const call_error& refusal, const json::object& sent) {
    constexpr int bad_request = 400, no_money = 402, unprocessable = 422;
    // OpenRouter refuses a call when the account cannot pay the longest answer that the bound allows.
    if (refusal.answered && refusal.status == no_money && refusal.sentence.contains(older_bound)) {
        auto bound = std::max(whole_in(sent, older_bound).value_or(0), whole_in(sent, newer_bound).value_or(0));
        bool too_long = bound > limits::model_output_tokens;
        is_modest_ = is_modest_ || too_long;
        return too_long;
    }
    if (!refusal.answered || (refusal.status != bad_request && refusal.status != unprocessable)) return false;
    std::string said = refusal.sentence;
    std::ranges::transform(said, said.begin(), [](unsigned char c) { return std::tolower(c); });
    if (std::ranges::none_of(words_of_refusal, [&](auto words) { return said.contains(words); })) return false;
    auto named = [&](std::string_view field) {
        return sent.contains(field) && (refusal.parameter.empty() ? names(said, field) : refusal.parameter == field);
    };
    // Another call has learnt it meanwhile, so this one may be made again too.
    if (std::ranges::any_of(refused_, named)) return true;
    auto meant = [&](std::string_view field) { return named(field) && !refused_.contains(field); };
    // The newer name is used only for an endpoint that names it, because a bound that is ignored would be none.
    bool says_newer = meant(older_bound) && names(said, newer_bound) && !refused_.contains(newer_bound);
    bool says_older = meant(newer_bound) && !refused_.contains(older_bound);
    if (says_newer || says_older) {
        refused_.emplace(says_newer ? older_bound : newer_bound);
        return true;
    }
    auto found = std::ranges::find_if(may_be_left_out, meant);
    if (found == std::ranges::end(may_be_left_out)) return false;
    refused_.emplace(*found);
    return true;
}

std::int64_t dialect::most_tokens() const {
    return is_modest_ ? limits::model_output_tokens : std::numeric_limits<std::int64_t>::max();
}

json::object dialect::spoken(json::object body, std::int64_t tokens) const {
    bool newer = body.contains(newer_bound) && !body.contains(older_bound);
    body.erase(older_bound);
    body.erase(newer_bound);
    for (const auto& field : refused_)
        body.erase(field);
    if (refused_.contains(older_bound)) newer = true;
    if (refused_.contains(newer_bound)) newer = false;
    body[newer ? newer_bound : older_bound] = tokens;
    return body;
}

} // namespace persais::llm

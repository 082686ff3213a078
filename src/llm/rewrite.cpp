#include "llm/rewrite.hpp"

#include "base/json.hpp"
#include "base/url.hpp"
#include "llm/limits.hpp"
#include "llm/money.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace persais::llm {

namespace json = boost::json;

namespace {

constexpr std::string_view passed_on[] = {"messages",
                                          "temperature",
                                          "top_p",
                                          "top_k",
                                          "min_p",
                                          "top_a",
                                          "stop",
                                          "seed",
                                          "frequency_penalty",
                                          "presence_penalty",
                                          "repetition_penalty",
                                          "logit_bias",
                                          "response_format",
                                          "tools",
                                          "tool_choice",
                                          "parallel_tool_calls",
                                          "functions",
                                          "function_call",
                                          "reasoning",
                                          "reasoning_effort",
                                          "include_reasoning",
                                          "thinking",
                                          "verbosity",
                                          "cache_control",
                                          "prediction",
                                          "structured_outputs",
                                          "max_tokens",
                                          "max_completion_tokens"};

std::unexpected<call_error> bad(std::string sentence) {
    return std::unexpected(call_error{cause::model, false, std::nullopt, 400, std::move(sentence)});
}

} // namespace

std::string plain_model(std::string_view name) {
    constexpr std::string_view prefix = "openrouter/";
    if (name.starts_with(prefix) && name.find('/', prefix.size()) != name.npos) name.remove_prefix(prefix.size());
    return std::string(name);
}

bool is_openrouter(std::string_view base_url) {
    auto url = parse_url(base_url);
    if (!url) return false;
    auto host = lower_case(url->host);
    return host == "openrouter.ai" || host.ends_with(".openrouter.ai");
}

result<chat, call_error> read_chat(std::string_view body, const rules& by) {
    json::parse_options depth;
    depth.max_depth = limits::model_json_depth;
    boost::system::error_code ec;
    auto value = json::parse(body, ec, {}, depth);
    if (ec == json::error::too_deep)
        return bad(fmt::format("The request's JSON is nested deeper than {} levels.", limits::model_json_depth));
    if (ec) return bad(fmt::format("The request is not JSON: {}.", ec.message()));
    if (!value.is_object()) return bad("The request is no JSON object.");
    auto& asked = value.get_object();
    const auto* messages = array_in(asked, "messages");
    if (!messages || messages->empty()) return bad("The request has no messages.");
    auto* model = asked.if_contains("model");
    if (!model || !model->is_string()) return bad("The request names no model.");

    chat c;
    c.model = plain_model(std::string_view(model->get_string()));
    if (c.model != plain_model(by.model) && (by.weak_model.empty() || c.model != plain_model(by.weak_model)))
        return std::unexpected(
            call_error{cause::model, false, std::nullopt, 404,
                       fmt::format("No endpoints found for {}. This task uses {}.", c.model, plain_model(by.model))});
    c.stream = flag_in(asked, "stream");
    c.asked_tokens = std::max(read_count(asked, "max_tokens"), read_count(asked, "max_completion_tokens"));
    c.body["model"] = c.model;
    for (auto name : passed_on)
        if (auto* field = asked.if_contains(name)) c.body[name] = std::move(*field);
    if (c.stream) {
        c.body["stream"] = true;
        c.body["stream_options"] = {{"include_usage", true}};
    }
    if (by.openrouter) c.body["usage"] = {{"include", true}};
    if (!by.provider_json.empty())
        if (auto provider = json::parse(by.provider_json, ec); !ec) c.body["provider"] = std::move(provider);
    return c;
}

std::int64_t tokens_wanted(const chat& c, const model_facts& facts, std::int64_t prompt_tokens) {
    auto most = limits::model_output_tokens;
    if (c.asked_tokens > 0) most = std::min(most, c.asked_tokens);
    if (facts.max_output_tokens > 0) most = std::min(most, facts.max_output_tokens);
    // The prompt is over-estimated, so a quarter of the context stays for the answer whatever the estimate says.
    if (facts.context_tokens > 0)
        most = std::min(most, std::max(facts.context_tokens - prompt_tokens, facts.context_tokens / 4));
    return std::max<std::int64_t>(most, 1);
}

std::string upstream_body(const chat& c, std::int64_t tokens) {
    auto body = c.body;
    bool newer = body.contains("max_completion_tokens") && !body.contains("max_tokens");
    body.erase("max_tokens");
    body.erase("max_completion_tokens");
    body[newer ? "max_completion_tokens" : "max_tokens"] = tokens;
    return json::serialize(body);
}

} // namespace persais::llm

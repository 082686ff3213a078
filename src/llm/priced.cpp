#include "llm/priced.hpp"

#include "base/json.hpp"
#include "base/text.hpp"
#include "llm/limits.hpp"

#include <algorithm>
#include <initializer_list>
#include <span>
#include <string_view>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace persais::llm {

namespace json = boost::json;

namespace {

using names = std::span<const std::string_view>;
using sentence = std::optional<std::string>;

constexpr std::string_view for_the_endpoint[] = {"messages",
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
                                                 "logprobs",
                                                 "top_logprobs",
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
                                                 "structured_outputs",
                                                 "max_tokens",
                                                 "max_completion_tokens"};
// The gateway says these itself, or they change nothing about the answer.
constexpr std::string_view for_the_gateway[] = {"model",    "stream",           "stream_options",   "usage",
                                                "provider", "metadata",         "session_id",       "user",
                                                "store",    "prompt_cache_key", "safety_identifier"};
constexpr std::string_view of_a_message[] = {
    "role",      "content",           "name",   "tool_calls",        "tool_call_id", "function_call", "refusal",
    "reasoning", "reasoning_content", "prefix", "reasoning_details", "cache_control"};
constexpr std::string_view of_a_part[] = {"type", "text", "refusal", "cache_control"};
constexpr std::string_view of_a_tool[] = {"type", "function", "cache_control"};
constexpr std::string_view of_a_function[] = {"name", "description", "parameters", "strict"};
constexpr std::string_view of_a_cache[] = {"type", "ttl"};

bool one_of(std::string_view name, names all) {
    return std::ranges::find(all, name) != all.end();
}

std::string refuse(std::string_view what) {
    return fmt::format(
        "The request is refused: what {} costs is not known before the call. Text, and tools of the type "
        "\"function\", may be asked for.",
        what);
}

std::string in_quotes(std::string_view name) {
    return fmt::format("\"{}\"", text::printable(text::cut(name, limits::model_sentence_bytes)));
}

/// Says the same as if it were left out.
bool neutral(std::string_view name, const json::value& value) {
    if (value.is_null() || value == json::value(false)) return true;
    if (const auto* list = value.if_array(); list && list->empty()) return true;
    if (name == "n" || name == "best_of") return value == json::value(1);
    if (name == "service_tier") return value == json::value("auto") || value == json::value("default");
    if (name == "modalities") return value == json::value(json::array{"text"});
    return false;
}

sentence foreign_member(const json::object& in, names allowed, std::string_view where) {
    for (const auto& [name, value] : in)
        if (!one_of(name, allowed) && !neutral(name, value))
            return refuse(in_quotes(name) + " in " + std::string(where));
    return std::nullopt;
}

/// A cache that is kept for longer costs more to write.
sentence wrong_cache(const json::object& in) {
    const auto* cache = in.if_contains("cache_control");
    if (!cache || cache->is_null()) return std::nullopt;
    const auto* object = cache->if_object();
    bool shortest = object && (!object->contains("ttl") || text_in(*object, "ttl") == "5m");
    if (!shortest || text_in(*object, "type") != "ephemeral") return refuse("this \"cache_control\"");
    return foreign_member(*object, of_a_cache, "cache_control");
}

sentence wrong_part(const json::value& part) {
    const auto* object = part.if_object();
    if (!object) return refuse("a part of a message that is no object");
    auto type = text_in(*object, "type");
    if (type != "text" && type != "refusal") return refuse("a part of a message of the type " + in_quotes(type));
    if (auto why = foreign_member(*object, of_a_part, "a part of a message")) return why;
    return wrong_cache(*object);
}

sentence wrong_message(const json::value& message) {
    const auto* object = message.if_object();
    if (!object) return refuse("a message that is no object");
    if (auto why = foreign_member(*object, of_a_message, "a message")) return why;
    if (auto why = wrong_cache(*object)) return why;
    const auto* content = object->if_contains("content");
    if (!content || content->is_null() || content->is_string()) return std::nullopt;
    if (!content->is_array()) return refuse("a message whose content is neither text nor a list");
    for (const auto& part : content->get_array())
        if (auto why = wrong_part(part)) return why;
    return std::nullopt;
}

sentence wrong_tool(const json::value& tool) {
    const auto* object = tool.if_object();
    auto type = object ? text_in(*object, "type") : std::string();
    if (type != "function") return refuse("a tool of the type " + in_quotes(type));
    if (auto why = foreign_member(*object, of_a_tool, "a tool")) return why;
    if (auto why = wrong_cache(*object)) return why;
    const auto* function = object_in(*object, "function");
    if (!function) return refuse("a tool without its function");
    return foreign_member(*function, of_a_function, "a function");
}

sentence wrong_choice(const json::value& choice) {
    if (choice.is_null() || choice.is_string()) return std::nullopt;
    const auto* object = choice.if_object();
    if (!object || text_in(*object, "type") != "function") return refuse("this \"tool_choice\"");
    return foreign_member(*object, of_a_tool, "tool_choice");
}

sentence first_wrong(const json::object& request, std::string_view list, sentence (*wrong)(const json::value&)) {
    const auto* value = request.if_contains(list);
    if (!value || value->is_null()) return std::nullopt;
    if (!value->is_array()) return refuse(in_quotes(list) + " that is no list");
    for (const auto& each : value->get_array())
        if (auto why = wrong(each)) return why;
    return std::nullopt;
}

bool has_cache(const json::value& value) {
    if (const auto* list = value.if_array()) return std::ranges::any_of(*list, has_cache);
    const auto* object = value.if_object();
    if (!object) return false;
    if (const auto* cache = object->if_contains("cache_control"); cache && !cache->is_null()) return true;
    const auto* content = object->if_contains("content");
    return content && has_cache(*content);
}

} // namespace

sentence unpriced(const json::object& request) {
    for (const auto& [name, value] : request)
        if (!one_of(name, for_the_endpoint) && !one_of(name, for_the_gateway) && !neutral(name, value))
            return refuse(in_quotes(name));
    if (auto why = wrong_cache(request)) return why;
    if (auto why = first_wrong(request, "messages", wrong_message)) return why;
    if (auto why = first_wrong(request, "tools", wrong_tool)) return why;
    const auto* choice = request.if_contains("tool_choice");
    return choice ? wrong_choice(*choice) : std::nullopt;
}

json::object passed_on(json::object request) {
    json::object body;
    for (auto name : for_the_endpoint)
        if (auto* field = request.if_contains(name)) body[name] = std::move(*field);
    return body;
}

bool writes_cache(const json::object& request) {
    if (has_cache(request)) return true;
    for (auto list : {"messages", "tools"})
        if (const auto* value = request.if_contains(list); value && has_cache(*value)) return true;
    return false;
}

} // namespace persais::llm

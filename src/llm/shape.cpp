#include "llm/shape.hpp"

#include "base/json.hpp"

#include <boost/json.hpp>

namespace persais::llm {

namespace json = boost::json;

std::optional<body_shape> shape_of(std::string& beginning) {
    constexpr std::string_view mark = "\xEF\xBB\xBF";
    if (beginning.starts_with(mark)) beginning.erase(0, mark.size());
    beginning.erase(0, std::min(beginning.find_first_not_of(" \t\r\n"), beginning.size()));
    if (beginning.empty() || mark.starts_with(beginning)) return std::nullopt;
    if (beginning.front() == '{' || beginning.front() == '[') return body_shape::json;
    if (beginning.front() == '<') return body_shape::page;
    for (std::string_view field : {":", "data:", "event:", "id:", "retry:"}) {
        if (beginning.starts_with(field)) return body_shape::events;
        if (field.starts_with(beginning)) return std::nullopt;
    }
    return body_shape::other;
}

namespace {

json::object chunk_of(const json::object& completion) {
    json::object chunk = completion;
    for (auto name : {"choices", "usage", "error"})
        chunk.erase(name);
    chunk["object"] = "chat.completion.chunk";
    return chunk;
}

/// A message as the delta that adds all of it.
json::object delta_of(const json::object& choice) {
    const auto* message = object_in(choice, "message");
    json::object delta = message ? *message : json::object{};
    if (auto* calls = delta.if_contains("tool_calls"); calls && calls->is_array()) {
        std::int64_t index = 0;
        for (auto& each : calls->get_array())
            if (auto* call = each.if_object()) call->insert_or_assign("index", index++);
    }
    return delta;
}

std::string event_of(const json::object& chunk) {
    return "data: " + json::serialize(chunk) + "\n\n";
}

} // namespace

std::string as_stream(std::string_view completion) {
    auto whole = parse_object(completion).value_or(json::object{});
    const auto base = chunk_of(whole);
    std::string stream;
    std::int64_t next = 0;
    if (const auto* choices = array_in(whole, "choices"))
        for (const auto& each : *choices) {
            const auto* choice = each.if_object();
            if (!choice) continue;
            auto index = whole_in(*choice, "index").value_or(next);
            next = index + 1;
            auto add = [&](json::object delta, json::value reason) {
                auto chunk = base;
                chunk["choices"] = json::array{
                    json::object{{"index", index}, {"delta", std::move(delta)}, {"finish_reason", std::move(reason)}}};
                stream += event_of(chunk);
            };
            add(delta_of(*choice), nullptr);
            const auto* reason = choice->if_contains("finish_reason");
            add({}, reason ? *reason : json::value());
        }
    if (const auto* usage = object_in(whole, "usage")) {
        auto chunk = base;
        chunk["choices"] = json::array();
        chunk["usage"] = *usage;
        stream += event_of(chunk);
    }
    return stream + "data: [DONE]\n\n";
}

} // namespace persais::llm

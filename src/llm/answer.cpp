#include "llm/answer.hpp"

#include "base/json.hpp"
#include "base/told.hpp"
#include "llm/limits.hpp"

#include <boost/json.hpp>

namespace persais::llm {

namespace json = boost::json;

namespace {

std::size_t text_in_all(const json::value& value) {
    std::size_t bytes = 0;
    if (const auto* text = value.if_string()) bytes = text->size();
    if (const auto* list = value.if_array())
        for (const auto& each : *list)
            bytes += text_in_all(each);
    if (const auto* object = value.if_object())
        for (const auto& [name, each] : *object)
            if (name != "role") bytes += text_in_all(each);
    return bytes;
}

/// Of each event the same, mostly.
void take_text(std::string& into, const json::object& of, std::string_view name) {
    const auto* value = of.if_contains(name);
    const auto* text = value ? value->if_string() : nullptr;
    if (text && !text->empty() && *text != into) into = std::string_view(*text);
}

} // namespace

std::optional<call_error> answer_watch::event(std::string_view data) {
    if (data == "[DONE]") {
        done_ = true;
        return std::nullopt;
    }
    unsigned char room[limits::model_event_room_bytes];
    json::monotonic_resource memory(room, sizeof room);
    auto object = parse_object(data, limits::model_json_depth, &memory);
    if (!object)
        return cut(told<"The model endpoint's stream holds something that is no JSON object.",
                        "В потоке поставщика модели есть что-то, что не является объектом JSON.">());
    return take(*object, {});
}

std::optional<call_error> answer_watch::body(std::string_view text, const http::headers& fields) {
    auto object = parse_object(text);
    if (!object)
        return cut(
            told<"The model endpoint's answer is no JSON object.", "Ответ поставщика модели — не объект JSON.">());
    return take(*object, fields);
}

std::optional<call_error> answer_watch::take(const json::object& of, const http::headers& fields) {
    take_text(generation_, of, "id");
    take_text(model_, of, "model");
    if (const auto* u = object_in(of, "usage"))
        if (auto read = read_usage(*u); read.cost_usd || read.sent > 0 || read.received > 0)
            used_ = used_ ? joined(*used_, read) : read;
    if (auto* error = of.if_contains("error"); error && !error->is_null()) {
        json::object none;
        const auto& what = error->is_object() ? error->get_object() : none;
        return broken_by(what, fields);
    }
    const auto* choices = array_in(of, "choices");
    if (!choices) return std::nullopt;
    for (const auto& each : *choices) {
        const auto* choice = each.if_object();
        if (!choice) continue;
        any_choice_ = true;
        for (auto name : {"delta", "message", "text"})
            if (const auto* said = choice->if_contains(name)) text_bytes_ += text_in_all(*said);
        if (const auto* error = object_in(*choice, "error")) return broken_by(*error, fields);
        const auto* reason = choice->if_contains("finish_reason");
        if (!reason || !reason->is_string()) continue;
        if (reason->get_string() == "error")
            return cut(told<"The model stopped with an error in the middle of its answer.",
                            "Модель остановилась с ошибкой посреди ответа.">());
        finished_ = true;
        if (reason->get_string() == "length") cut_short_ = true;
    }
    return std::nullopt;
}

call_error answer_watch::broken_by(const json::object& error, const http::headers& fields) const {
    auto t = refused(code_of(error), fields, error);
    if (text_bytes_ > 0) t.answered = false; // the model has begun to write, and that may have a price
    return t;
}

std::optional<call_error> answer_watch::missing(bool stream) const {
    if (finished_) return std::nullopt;
    auto t = cut(told<"The model endpoint's answer ended without a finish_reason.",
                      "Ответ поставщика модели закончился без finish_reason.">());
    t.again = stream; // the endpoint meant a whole answer to be so: the next would be like it, and cost as much
    return t;
}

} // namespace persais::llm

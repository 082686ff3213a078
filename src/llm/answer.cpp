#include "llm/answer.hpp"

#include <boost/json.hpp>

namespace persais::llm {

namespace json = boost::json;

std::optional<call_error> answer_watch::event(std::string_view data) {
    if (data == "[DONE]") {
        done_ = true;
        return std::nullopt;
    }
    boost::system::error_code ec;
    auto value = json::parse(data, ec);
    if (ec || !value.is_object()) return cut("The model endpoint's stream holds something that is no JSON object.");
    return take(value.get_object(), {});
}

std::optional<call_error> answer_watch::body(std::string_view text, const http::headers& fields) {
    boost::system::error_code ec;
    auto value = json::parse(text, ec);
    if (ec || !value.is_object()) return cut("The model endpoint's answer is no JSON object.");
    return take(value.get_object(), fields);
}

std::optional<call_error> answer_watch::take(const json::object& of, const http::headers& fields) {
    if (auto* id = of.if_contains("id"); id && id->is_string()) generation_ = id->get_string().c_str();
    if (auto* u = of.if_contains("usage"); u && u->is_object()) used_ = read_usage(u->get_object());
    if (auto* error = of.if_contains("error"); error && !error->is_null()) {
        json::object none;
        const auto& what = error->is_object() ? error->get_object() : none;
        return refused(code_of(what), fields, what);
    }
    auto* choices = of.if_contains("choices");
    if (!choices || !choices->is_array()) return std::nullopt;
    for (const auto& choice : choices->get_array()) {
        if (!choice.is_object()) continue;
        if (auto* error = choice.get_object().if_contains("error"); error && error->is_object())
            return refused(code_of(error->get_object()), fields, error->get_object());
        auto* reason = choice.get_object().if_contains("finish_reason");
        if (!reason || !reason->is_string()) continue;
        if (reason->get_string() == "error") return cut("The model stopped with an error in the middle of its answer.");
        finished_ = true;
    }
    return std::nullopt;
}

std::optional<call_error> answer_watch::missing(bool stream) const {
    if (stream && !done_) return cut("The model endpoint's stream was cut before its end.");
    if (!finished_) return cut("The model endpoint's answer ended without a finish_reason.");
    return std::nullopt;
}

} // namespace persais::llm

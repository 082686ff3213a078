#include "base/json.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace persais {

namespace {

namespace json = boost::json;

void write(const json::value& v, std::string& out) {
    if (v.is_double()) {
        out += fmt::format("{:f}", v.get_double());
        while (out.back() == '0')
            out.pop_back();
        if (out.back() == '.') out += '0'; // it stays a decimal for readers that distinguish the two
    } else if (v.is_array()) {
        out += '[';
        for (bool first = true; const auto& e : v.get_array()) {
            if (!std::exchange(first, false)) out += ',';
            write(e, out);
        }
        out += ']';
    } else if (v.is_object()) {
        out += '{';
        for (bool first = true; const auto& [key, e] : v.get_object()) {
            if (!std::exchange(first, false)) out += ',';
            out += json::serialize(json::value(key)) + ":";
            write(e, out);
        }
        out += '}';
    } else {
        out += json::serialize(v);
    }
}

} // namespace

std::string to_text(const json::value& value) {
    std::string out;
    write(value, out);
    return out;
}

std::optional<json::object> parse_object(std::string_view text, std::size_t most_depth, json::storage_ptr memory) {
    boost::system::error_code ec;
    auto value = json::parse(text, ec, std::move(memory), {.max_depth = most_depth});
    if (ec || !value.is_object()) return std::nullopt;
    return std::move(value.get_object());
}

std::string text_in(const json::object& of, std::string_view name) {
    const auto* value = of.if_contains(name);
    return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::optional<std::int64_t> whole_in(const json::object& of, std::string_view name) {
    const auto* value = of.if_contains(name);
    return value && value->is_int64() ? std::optional(value->get_int64()) : std::nullopt;
}

std::optional<double> number_in(const json::object& of, std::string_view name) {
    const auto* value = of.if_contains(name);
    return value && value->is_number() ? std::optional(value->to_number<double>()) : std::nullopt;
}

bool flag_in(const json::object& of, std::string_view name) {
    const auto* value = of.if_contains(name);
    return value && value->is_bool() && value->get_bool();
}

const json::object* object_in(const json::object& of, std::string_view name) {
    const auto* value = of.if_contains(name);
    return value ? value->if_object() : nullptr;
}

const json::array* array_in(const json::object& of, std::string_view name) {
    const auto* value = of.if_contains(name);
    return value ? value->if_array() : nullptr;
}

std::vector<std::string> texts_in(const boost::json::object& of, std::string_view name) {
    std::vector<std::string> all;
    if (const auto* list = array_in(of, name))
        for (const auto& text : *list)
            if (text.is_string()) all.emplace_back(text.get_string());
    return all;
}

} // namespace persais

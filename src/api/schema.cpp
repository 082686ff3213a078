#include "api/schema.hpp"

#include "base/json.hpp"
#include "base/text.hpp"
#include "base/told.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <regex>
#include <stdexcept>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace persais::api {

namespace json = boost::json;

namespace {

bool is_of_type(const json::value& v, std::string_view type) {
    if (type == "integer") return v.is_int64() || v.is_uint64();
    if (type == "number") return v.is_number();
    if (type == "string") return v.is_string();
    if (type == "boolean") return v.is_bool();
    if (type == "object") return v.is_object();
    if (type == "array") return v.is_array();
    throw std::logic_error("the schema has a type that is not known: " + std::string(type));
}

std::string_view kind_of(std::string_view type) {
    if (type == "integer") return told_view<"a whole number", "целое число">();
    if (type == "number") return told_view<"a number", "число">();
    if (type == "boolean") return told_view<"true or false", "true или false">();
    if (type == "object") return told_view<"a JSON object", "объект JSON">();
    if (type == "array") return told_view<"a list", "список">();
    return told_view<"a text", "текст">();
}

std::optional<std::string> fault_of_type(const json::value& v, const json::object& s, std::string_view name) {
    auto type = text_in(s, "type");
    if (!type.empty() && !is_of_type(v, type))
        return told<"'{}' has to be {}.", "«{}» — это должно быть {}.">(name, kind_of(type));
    if (const auto* choices = array_in(s, "enum"); choices && std::ranges::find(*choices, v) == choices->end()) {
        std::vector<std::string> words;
        for (const auto& each : *choices)
            words.push_back(each.is_string() ? std::string(each.as_string()) : json::serialize(each));
        return told<"'{}' is one of {}.", "«{}» — одно из: {}.">(name, fmt::format("{}", fmt::join(words, ", ")));
    }
    return std::nullopt;
}

bool is_day(std::string_view text) {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
    auto number = [&](std::size_t from, std::size_t digits) {
        int n = 0;
        auto [at, ec] = std::from_chars(text.data() + from, text.data() + from + digits, n);
        return ec == std::errc() && at == text.data() + from + digits && text[from] != '-' ? n : 0;
    };
    std::chrono::year_month_day day{std::chrono::year(number(0, 4)),
                                    std::chrono::month(static_cast<unsigned>(number(5, 2))),
                                    std::chrono::day(static_cast<unsigned>(number(8, 2)))};
    return day.ok() && number(0, 4) > 0;
}

std::optional<std::string> fault_of_text(std::string_view v, const json::object& s, std::string_view name) {
    auto length = text::characters(v);
    if (auto least = whole_in(s, "minLength"); least && length < static_cast<std::size_t>(*least))
        return told<"'{}' is empty or too short: it has at least {} characters.",
                    "«{}»: пусто или слишком коротко, нужно знаков: {} или больше.">(name, *least);
    if (auto most = whole_in(s, "maxLength"); most && length > static_cast<std::size_t>(*most))
        return told<"'{}' has {} characters; at most {} are taken.", "«{}»: {} знаков, принимается не больше {}.">(
            name, length, *most);
    if (v.contains('\0')) return told<"'{}' has a zero byte in it.", "«{}»: внутри нулевой байт.">(name);
    if (text_in(s, "format") == "date" && !is_day(v))
        return told<"'{}' is no day, such as 2026-11-30.", "«{}» — не день, например 2026-11-30.">(name);
    auto pattern = text_in(s, "pattern"); // the text is short: its length was looked at
    if (!pattern.empty() && !std::regex_search(v.begin(), v.end(), std::regex(pattern)))
        return told<"'{}' is not written as it has to be ({}).", "«{}» записано не так, как нужно ({}).">(name,
                                                                                                          pattern);
    return std::nullopt;
}

std::optional<std::string> fault_of_number(const json::value& v, const json::object& s, std::string_view name) {
    if (const auto *whole = v.if_int64(), *bound = s.if_contains("maximum") ? s.at("maximum").if_int64() : nullptr;
        whole && bound && *whole > *bound) // larger ones are not told apart below
        return told<"'{}' is at most {}.", "«{}» — не больше {}.">(name, *bound);
    auto is = v.to_number<double>();
    if (auto least = number_in(s, "minimum"); least && is < *least)
        return told<"'{}' is at least {}.", "«{}» — не меньше {}.">(name, *least);
    if (auto most = number_in(s, "maximum"); most && is > *most)
        return told<"'{}' is at most {}.", "«{}» — не больше {}.">(name, *most);
    if (auto bound = number_in(s, "exclusiveMinimum"); bound && is <= *bound)
        return told<"'{}' is more than {}.", "«{}» — больше {}.">(name, *bound);
    return std::nullopt;
}

std::optional<std::string> fault_of_object(const json::object& v, const json::object& s, std::string_view name) {
    auto inner = [&](std::string_view key) {
        return name.empty() ? std::string(key) : fmt::format("{}.{}", name, key);
    };
    for (const auto& key : texts_in(s, "required"))
        if (!v.contains(key)) return told<"'{}' is missing.", "Не хватает «{}».">(inner(key));
    const auto* known = object_in(s, "properties");
    for (const auto& [key, value] : v) {
        const auto* of = known ? object_in(*known, key) : nullptr;
        if (!of && s.contains("additionalProperties") && !flag_in(s, "additionalProperties"))
            return told<"'{}' is not known here.", "«{}» здесь неизвестно.">(text::printable(inner(key)));
        if (auto fault = of ? fault_of(value, *of, inner(key)) : std::nullopt) return fault;
    }
    return std::nullopt;
}

/// Words of a schema that hold nothing.
constexpr std::array<std::string_view, 5> remarks{"description", "default", "examples", "title", "format"};
constexpr std::array<std::string_view, 11> rules{
    "type",    "enum",      "properties", "required", "additionalProperties", "minLength",
    "pattern", "maxLength", "minimum",    "maximum",  "exclusiveMinimum"};

} // namespace

std::optional<std::string> fault_of(const json::value& value, const json::object& schema, std::string_view name) {
    for (const auto& [key, rule] : schema)
        if (std::ranges::find(remarks, std::string_view(key)) == remarks.end() &&
            std::ranges::find(rules, std::string_view(key)) == rules.end())
            throw std::logic_error("the schema has a keyword that is not known: " + std::string(key));
    if (auto fault = fault_of_type(value, schema, name)) return fault;
    if (value.is_string()) return fault_of_text(value.as_string(), schema, name);
    if (value.is_number()) return fault_of_number(value, schema, name);
    if (value.is_object()) return fault_of_object(value.as_object(), schema, name);
    return std::nullopt;
}

json::value value_of(std::string_view text, const json::object& schema) {
    auto type = text_in(schema, "type");
    if (type == "boolean" && (text == "true" || text == "false")) return text == "true";
    std::int64_t number = 0;
    const auto* end = text.data() + text.size();
    if (type == "integer")
        if (auto [at, ec] = std::from_chars(text.data(), end, number); ec == std::errc() && at == end) return number;
    return json::string(text);
}

} // namespace persais::api

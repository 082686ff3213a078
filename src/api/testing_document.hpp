#pragma once
#include "api/components.hpp"
#include "api/openapi.hpp"
#include "api/operation.hpp"
#include "base/json.hpp"
#include "http/route_table.hpp"

#include <algorithm>
#include <regex>

#include <fmt/format.h>

/// Holds answers to the document that the API serves of itself.
namespace persais::api::testing {

namespace json = boost::json;

inline bool is_a(const json::value& v, std::string_view type) {
    return (type == "string" && v.is_string()) || (type == "integer" && (v.is_int64() || v.is_uint64())) ||
           (type == "number" && v.is_number()) || (type == "boolean" && v.is_bool()) ||
           (type == "object" && v.is_object()) || (type == "array" && v.is_array()) || (type == "null" && v.is_null());
}

/// Why a value is not as its schema says; empty: it is. A word of the schema that nothing here looks at is a fault, and
/// so is a field that it does not describe.
inline std::string misfit(const json::value& v, const json::object& schema, const std::string& where) {
    auto no = [&](std::string_view why) { return fmt::format("{}: {} {}", where, json::serialize(v), why); };
    for (const auto& [word, rule] : schema) {
        std::string fault;
        if (word == "$ref") {
            std::string name(rule.as_string());
            name.erase(0, name.rfind('/') + 1);
            fault = misfit(v, schemas().at(name).as_object(), where);
        } else if (word == "type") {
            auto types = rule.is_array() ? rule.as_array() : json::array{rule};
            if (std::ranges::none_of(types, [&](const auto& each) { return is_a(v, each.as_string()); }))
                fault = no("is no " + json::serialize(rule));
        } else if (word == "const") {
            if (v != rule) fault = no("is not " + json::serialize(rule));
        } else if (word == "enum") {
            if (std::ranges::find(rule.as_array(), v) == rule.as_array().end()) fault = no("is none of the words");
        } else if (word == "anyOf") {
            if (std::ranges::all_of(rule.as_array(),
                                    [&](const auto& each) { return !misfit(v, each.as_object(), where).empty(); }))
                fault = no("is none of several things");
        } else if (word == "pattern") {
            if (v.is_string() && !std::regex_search(v.as_string().c_str(), std::regex(rule.as_string().c_str())))
                fault = no("is not written so");
        } else if (word == "minimum") {
            if (v.is_number() && v.to_number<double>() < rule.to_number<double>()) fault = no("is too small");
        } else if (word == "required") {
            for (const auto& name : rule.as_array())
                if (v.is_object() && !v.as_object().contains(name.as_string()))
                    fault = no("has no " + std::string(name.as_string()));
        } else if (word == "properties" && v.is_object()) {
            for (const auto& [name, value] : v.as_object()) {
                auto inner = fmt::format("{}.{}", where, std::string_view(name));
                const auto* of = rule.as_object().if_contains(name);
                if (fault.empty()) fault = of ? misfit(value, of->as_object(), inner) : inner + " is not described";
            }
        } else if (word == "items" && v.is_array()) {
            for (const auto& each : v.as_array())
                if (fault.empty()) fault = misfit(each, rule.as_object(), where + "[]");
        } else if (word != "description" && word != "default" && word != "properties" && word != "items") {
            fault = "nothing looks at " + std::string(word);
        }
        if (!fault.empty()) return fault;
    }
    return "";
}

/// The row of the operation that a request is for; nullptr: it is none.
inline const operation* operation_at(std::string_view method, std::string_view path) {
    static const auto routes = [] {
        http::route_table made;
        for (const auto& each : operations())
            made.add(std::string(each.method), std::string(root) + std::string(each.path));
        return made;
    }();
    auto match = routes.find(method, path);
    const auto* found = std::get_if<http::route_table::found>(&match);
    return found ? &operations()[found->index] : nullptr;
}

/// Why an answer is none that the document promises for the operation; empty: it is one.
inline std::string not_promised(const operation& what, const http::response& r) {
    static const auto document = openapi_document();
    std::string method = what.method == "GET" ? "get" : "post";
    const auto& responses =
        document.at("paths").at(std::string(root) + std::string(what.path)).at(method).at("responses");
    const auto* promised = responses.as_object().if_contains(std::to_string(r.status));
    if (!promised) return fmt::format("{} does not promise {}: {}", what.id, r.status, r.body);
    auto type = http::header(r.fields, "Content-Type");
    const auto* content = promised->at("content").as_object().if_contains(type);
    if (!content) return fmt::format("{} does not promise {} with {}", what.id, r.status, type);
    if (!type.ends_with("json")) return "";
    boost::system::error_code ec;
    auto body = json::parse(r.body, ec); // which refuses what is not UTF-8
    return ec ? "no JSON: " + r.body : misfit(body, content->at("schema").as_object(), std::string(what.id));
}

} // namespace persais::api::testing

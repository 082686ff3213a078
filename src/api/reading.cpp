// A request becomes what its operation wants.
#include "api/components.hpp"
#include "api/front.hpp"
#include "api/limits.hpp"
#include "api/problem.hpp"
#include "api/schema.hpp"
#include "base/encoding.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "base/told.hpp"

#include <algorithm>

namespace persais::api {

namespace json = boost::json;

namespace {

using pairs = std::vector<std::pair<std::string, std::string>>;

/// The parameters behind the '?'; nullopt: they are no text.
std::optional<pairs> query_of(std::string_view query) {
    pairs all;
    while (!query.empty()) {
        auto end = std::min(query.find('&'), query.size());
        auto one = query.substr(0, end);
        query.remove_prefix(std::min(end + 1, query.size()));
        if (one.empty()) continue;
        auto equals = std::min(one.find('='), one.size());
        auto decoded = [](std::string_view text) {
            std::string plain(text);
            std::ranges::replace(plain, '+', ' ');
            return percent_decoded(plain);
        };
        auto name = decoded(one.substr(0, equals)), value = decoded(one.substr(std::min(equals + 1, one.size())));
        if (!text::valid_utf8(name) || !text::valid_utf8(value)) return std::nullopt;
        all.emplace_back(std::move(name), std::move(value));
    }
    return all;
}

const parameter* parameter_of(const operation& what, parameter::place in, std::string_view name) {
    auto found =
        std::ranges::find_if(what.parameters, [&](const auto& each) { return each.in == in && each.name == name; });
    return found == what.parameters.end() ? nullptr : &*found;
}

/// Also an empty one.
bool has_header(const http::headers& fields, std::string_view name) {
    return std::ranges::any_of(fields,
                               [&](const auto& each) { return !http::header({{each.first, "x"}}, name).empty(); });
}

/// The parameters by name, as their schemas mean them; else a sentence.
result<json::object> parameters_of(const http::call& c, const operation& what) {
    json::object all;
    auto take = [&](const parameter& p, std::string_view text) -> std::optional<std::string> {
        auto schema = json::parse(p.schema).as_object();
        auto value = value_of(text, schema);
        if (auto fault = fault_of(value, schema, p.name)) return fault;
        all[p.name] = std::move(value);
        return std::nullopt;
    };
    for (const auto& [name, text] : c.path)
        if (const auto* p = parameter_of(what, parameter::place::path, name))
            if (auto fault = take(*p, text)) return fail(std::move(*fault));
    auto query = query_of(c.asked.query);
    if (!query) return fail(told<"What is behind the '?' is no text.", "То, что после «?», — не текст.">());
    for (const auto& [name, text] : *query) {
        const auto* p = parameter_of(what, parameter::place::query, name);
        if (!p) return fail(told<"'{}' is not known here.", "«{}» здесь неизвестно.">(text::printable(name)));
        if (all.contains(name)) return fail(told<"'{}' is given twice.", "«{}» указано дважды.">(name));
        if (auto fault = take(*p, text)) return fail(std::move(*fault));
    }
    for (const auto& p : what.parameters) {
        if (p.in != parameter::place::header) continue;
        auto text = http::header(c.asked.fields, p.name);
        if (text.empty() && !has_header(c.asked.fields, p.name)) continue;
        if (!text::valid_utf8(text)) return fail(told<"'{}' is not valid UTF-8.", "«{}» — не UTF-8.">(p.name));
        if (auto fault = take(p, text)) return fail(std::move(*fault));
    }
    return all;
}

bool is_json(std::string_view type) {
    auto end = std::min(type.find(';'), type.size());
    std::string plain(text::trim(type.substr(0, end)));
    std::ranges::transform(plain, plain.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
    return plain == json_type;
}

result<json::object, http::response> body_of(const http::call& c, const operation& what, bool russian) {
    if (what.body.empty()) {
        if (c.asked.body.empty()) return json::object();
        return std::unexpected(problem(400, told<"This takes no body.", "Тело запроса здесь не нужно.">(), russian));
    }
    const auto& schema = *object_in(schemas(), what.body);
    if (c.asked.body.empty() && texts_in(schema, "required").empty()) return json::object();
    if (!is_json(http::header(c.asked.fields, "Content-Type")))
        return std::unexpected(problem(415,
                                       told<"The body has to be JSON, and Content-Type application/json.",
                                            "Тело запроса должно быть в JSON, а Content-Type — application/json.">(),
                                       russian));
    auto body = text::valid_utf8(c.asked.body) ? parse_object(c.asked.body) : std::nullopt;
    if (!body)
        return std::unexpected(problem(400,
                                       told<"The body is not one JSON object, nested at most 32 levels deep.",
                                            "Тело запроса — не объект JSON с вложенностью не больше 32.">(),
                                       russian));
    if (auto fault = fault_of(*body, schema, "")) return std::unexpected(problem(400, std::move(*fault), russian));
    return std::move(*body);
}

} // namespace

bool reads_russian(const http::headers& fields) {
    auto first = http::header(fields, "Accept-Language").substr(0, 2);
    return first == "ru" || first == "RU";
}

result<asked, http::response> asked_of(const dependencies& with, service::caller who, const http::call& c,
                                       const operation& what, bool russian) {
    auto given = parameters_of(c, what);
    if (!given) return std::unexpected(problem(400, std::move(given.error()), russian));
    auto body = body_of(c, what, russian);
    if (!body) return std::unexpected(std::move(body.error()));
    auto said = *given;
    said.erase("Idempotency-Key");
    auto digest = to_hex(sha256(std::string(what.id) + json::serialize(said) + json::serialize(*body)));
    return asked{.with = with,
                 .who = std::move(who),
                 .given = std::move(*given),
                 .body = std::move(*body),
                 .digest = std::move(digest),
                 .russian = russian};
}

} // namespace persais::api

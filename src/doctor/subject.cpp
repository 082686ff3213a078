#include "doctor/subject.hpp"

#include "base/text.hpp"
#include "llm/limits.hpp"

#include <ctime>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace persais::doctor {

namespace json = boost::json;

namespace {

double now() {
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::optional<double> parsed(std::string_view text, const char* format) {
    std::string copy(text);
    std::tm when{};
    if (!::strptime(copy.c_str(), format, &when)) return std::nullopt;
    return static_cast<double>(::timegm(&when));
}

} // namespace

std::optional<double> http_date(std::string_view value) {
    return parsed(value, "%a, %d %b %Y %H:%M:%S GMT");
}

std::optional<double> days_until(std::string_view date) {
    auto at = parsed(date, "%Y-%m-%d");
    if (!at) return std::nullopt;
    constexpr double day = 24 * 3600;
    return (*at - now()) / day;
}

std::string text_in(const json::object& of, std::string_view name) {
    const auto* value = of.if_contains(name);
    return value && value->is_string() ? text::printable(value->get_string()) : "";
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

awaitable<result<api_answer>> ask(subject& of, api_call what) {
    auto sent = now();
    auto got = co_await of.client.fetch({.url = std::move(what.url), .fields = std::move(what.fields)}, what.most);
    if (!got) co_return fail(got.error().sentence);
    auto came = now();
    auto date = http_date(http::header(got->fields, "Date"));
    // The header tells whole seconds, cut off.
    if (date && !what.whose.empty())
        of.clocks.push_back({what.whose, *date + 0.5 - (sent + came) / 2, (came - sent) / 2 + 0.5});
    api_answer answer{.status = got->status, .fields = std::move(got->fields), .body = nullptr};
    boost::system::error_code ec;
    json::parse_options plain;
    plain.max_depth = limits::model_json_depth;
    auto value = json::parse(got->body, ec, {}, plain);
    if (!ec) answer.body = std::move(value);
    co_return answer;
}

} // namespace persais::doctor

#include "doctor/subject.hpp"

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

awaitable<result<http::fetched, http::fetch_error>> fetch(subject& of, http::fetch_spec what, std::string whose,
                                                          std::size_t most) {
    auto sent = now();
    auto got = co_await of.client.fetch(std::move(what), most);
    if (!got) co_return got;
    auto came = now();
    auto date = http_date(http::header(got->fields, "Date"));
    // The header holds whole seconds, rounded down.
    if (date && !whose.empty()) of.clocks.push_back({whose, *date + 0.5 - (sent + came) / 2, (came - sent) / 2 + 0.5});
    co_return got;
}

awaitable<result<api_answer>> ask(subject& of, api_call what) {
    auto got = co_await fetch(of, std::move(what.request), std::move(what.whose), what.most);
    if (!got) co_return fail(got.error().sentence);
    api_answer answer{.status = got->status, .fields = std::move(got->fields), .body = nullptr};
    boost::system::error_code ec;
    json::parse_options plain;
    plain.max_depth = limits::model_json_depth;
    auto value = json::parse(got->body, ec, {}, plain);
    if (!ec) answer.body = std::move(value);
    co_return answer;
}

} // namespace persais::doctor

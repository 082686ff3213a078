#include "http/http.hpp"

#include "http/limits.hpp"

#include <boost/beast/http/status.hpp>
#include <boost/json.hpp>

namespace persais::http {

namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same_name(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

} // namespace

std::string_view header(const headers& all, std::string_view name) {
    for (const auto& [key, value] : all)
        if (same_name(key, name)) return value;
    return {};
}

std::string_view reason(int status) {
    auto text = boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(status));
    return {text.data(), text.size()};
}

std::string error_json(int status, std::string_view sentence) {
    return boost::json::serialize(boost::json::object{{"error", {{"code", status}, {"message", sentence}}}});
}

response error_response(int status, std::string_view sentence) {
    response r{
        status, {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}}, error_json(status, sentence)};
    if (status == 503) r.fields.emplace_back("Retry-After", std::to_string(limits::http_retry_after.count()));
    return r;
}

bool client_left(const std::exception_ptr& error) {
    try {
        if (error) std::rethrow_exception(error);
        return false;
    } catch (const boost::system::system_error& e) {
        return e.code() == asio::error::operation_aborted || e.code() == asio::error::broken_pipe ||
               e.code() == asio::error::connection_reset || e.code() == asio::error::eof ||
               e.code() == asio::error::bad_descriptor;
    } catch (...) {
        return false;
    }
}

} // namespace persais::http

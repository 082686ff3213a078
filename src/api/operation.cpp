#include "api/operation.hpp"

#include "api/problem.hpp"
#include "base/json.hpp"

namespace persais::api {

std::string asked::text(std::string_view name) const {
    return given.contains(name) ? text_in(given, name) : text_in(body, name);
}

std::optional<std::string> asked::maybe(std::string_view name) const {
    if (!given.contains(name) && !body.contains(name)) return std::nullopt;
    return text(name);
}

task_id asked::task() const {
    return {std::stoll(text_in(given, "task"))};
}

std::optional<service::request_key> asked::key() const {
    auto key = text_in(given, "Idempotency-Key");
    if (key.empty()) return std::nullopt;
    return service::request_key{.key = std::move(key), .digest = digest};
}

http::response json_response(int status, const boost::json::value& body) {
    return {status, {{"Content-Type", json_type}, {"Cache-Control", "no-store"}}, to_text(body) + "\n"};
}

} // namespace persais::api

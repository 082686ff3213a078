#include "app/service_http.hpp"

#include <array>
#include <chrono>

#include <fmt/format.h>

namespace persais::app {

namespace {

struct answer {
    int status;
    std::string type;
    std::string body;
};
constexpr auto json_type = "application/json";

answer ready(const service_view& v) {
    if (v.refresh) v.refresh();
    return {v.health.ready() ? 200 : 503, json_type, v.health.json() + "\n"};
}
answer live(const service_view& v) {
    bool alive = v.alive.live();
    return {alive ? 200 : 503, json_type, alive ? "{\"status\":\"ok\"}\n" : "{\"status\":\"down\"}\n"};
}
answer figures(const service_view& v) {
    if (v.refresh) v.refresh();
    return {200, std::string(ops::metrics::content_type), v.metrics.text()};
}

struct route {
    std::string_view path;
    answer (*act)(const service_view&);
};
constexpr std::array service_table{route{"/health", ready}, route{"/health/ready", ready}, route{"/health/live", live}};
constexpr std::array metrics_table{route{"/metrics", figures}};

/// All of these only read, so each takes GET and HEAD.
template <std::size_t N>
http::handler routes(service_view view, const std::array<route, N>& table) {
    return [view, &table](const http::request& asked, http::responder& to) -> awaitable<> {
        auto start = std::chrono::steady_clock::now();
        std::string_view pattern = "other";
        answer a{404, json_type, http::error_json(404, fmt::format("There is no {} here.", asked.path))};
        for (const auto& each : table) {
            if (asked.path != each.path) continue;
            pattern = each.path;
            a = asked.method == "GET" || asked.method == "HEAD"
                    ? each.act(view)
                    : answer{405, json_type,
                             http::error_json(405, fmt::format("{} does not take {}.", asked.path, asked.method))};
        }
        if (asked.method == "HEAD") a.body.clear();
        http::headers fields{{"Content-Type", a.type}, {"Cache-Control", "no-store"}};
        if (a.status == 503) fields.emplace_back("Retry-After", "5");
        if (a.status == 405) fields.emplace_back("Allow", "GET, HEAD");
        co_await to.send(a.status, std::move(fields), std::move(a.body));
        view.metrics.http_request(pattern, asked.method, a.status, std::chrono::steady_clock::now() - start);
    };
}

} // namespace

http::handler service_routes(service_view view) {
    return routes(std::move(view), service_table);
}
http::handler metrics_routes(service_view view) {
    return routes(std::move(view), metrics_table);
}

} // namespace persais::app

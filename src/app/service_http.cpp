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
    http::headers more = {};
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

answer not_there(std::string_view path) {
    return {404, json_type, http::error_json(404, fmt::format("There is no {} here.", path))};
}
answer not_taken(const http::request& asked, std::string allowed) {
    return {405,
            json_type,
            http::error_json(405, fmt::format("{} does not take {}.", asked.path, asked.method)),
            {{"Allow", std::move(allowed)}}};
}

awaitable<> give(const http::request& asked, http::responder& to, answer a) {
    if (asked.method == "HEAD") a.body.clear();
    http::headers fields{{"Content-Type", a.type}, {"Cache-Control", "no-store"}};
    fields.insert(fields.end(), a.more.begin(), a.more.end());
    if (a.status == 503) fields.emplace_back("Retry-After", "5");
    co_await to.send(a.status, std::move(fields), std::move(a.body));
}

/// All of these only read, so each takes GET and HEAD.
template <std::size_t N>
std::pair<std::string_view, answer> look_up(const service_view& view, const std::array<route, N>& table,
                                            const http::request& asked) {
    for (const auto& each : table) {
        if (asked.path != each.path) continue;
        bool reads = asked.method == "GET" || asked.method == "HEAD";
        return {each.path, reads ? each.act(view) : not_taken(asked, "GET, HEAD")};
    }
    return {"other", not_there(asked.path)};
}

awaitable<answer> hook(const service_view& view, const http::request& asked) {
    if (asked.method != "POST") co_return not_taken(asked, "POST");
    auto told = co_await view.webhook(std::string(http::header(asked.fields, telegram::secret_header)), asked.body);
    if (!told) co_return not_there(asked.path);
    auto body = told->status == 200 ? std::string("{}\n") : http::error_json(told->status, told->sentence);
    co_return answer{told->status, json_type, std::move(body)};
}

/// The address that Telegram was given may have a path before the hook's own.
bool is_hook(std::string_view path) {
    return path.ends_with(telegram::webhook_path);
}

} // namespace

http::handler service_routes(service_view view) {
    return [view](const http::request& asked, http::responder& to) -> awaitable<> {
        auto start = std::chrono::steady_clock::now();
        bool hooked = view.webhook && is_hook(asked.path);
        auto [pattern, a] = hooked ? std::pair(telegram::webhook_path, answer{}) : look_up(view, service_table, asked);
        if (hooked) a = co_await hook(view, asked);
        auto status = a.status;
        co_await give(asked, to, std::move(a));
        view.metrics.http_request(pattern, asked.method, status, std::chrono::steady_clock::now() - start);
    };
}

http::handler metrics_routes(service_view view) {
    return [view](const http::request& asked, http::responder& to) -> awaitable<> {
        auto start = std::chrono::steady_clock::now();
        auto [pattern, a] = look_up(view, metrics_table, asked);
        auto status = a.status;
        co_await give(asked, to, std::move(a));
        view.metrics.http_request(pattern, asked.method, status, std::chrono::steady_clock::now() - start);
    };
}

} // namespace persais::app

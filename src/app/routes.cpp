#include "app/routes.hpp"

#include "app/limits.hpp"

namespace persais::app {

namespace {

using http::call;
using http::response;

response whole(int status, std::string_view type, std::string body) {
    response r{status, {{"Content-Type", std::string(type)}, {"Cache-Control", "no-store"}}, std::move(body)};
    if (status == 503) r.fields.emplace_back("Retry-After", std::to_string(limits::http_retry_after.count()));
    return r;
}
constexpr auto json_type = "application/json";

/// Only Telegram itself may call its webhook.
struct telegram_itself {};

response as_response(const telegram::hook_reply& r) {
    return r.status == 200 ? whole(200, json_type, "{}\n") : http::error_response(r.status, r.sentence);
}

/// Whoever signs its calls.
struct forge_itself {};

response as_response(const forge_reply& r) {
    return r.status == 200 ? whole(200, json_type, "{}\n") : http::error_response(r.status, r.sentence);
}

/// Adds a route that only reads the service's state. Anybody may ask, so nobody's body is read.
void show(http::router& routes, std::string path, bool first, std::function<response()> look) {
    routes.add({.method = "GET", .pattern = std::move(path), .body_bytes = 0, .first = first},
               http::no_authentication{}, [look = std::move(look)](call) -> awaitable<response> { co_return look(); });
}

http::router routes_of(const service_view& view) {
    http::router routes;
    routes.answered([&metrics = view.metrics](std::string_view pattern, std::string_view method, int status,
                                              auto took) { metrics.http_request(pattern, method, status, took); });
    return routes;
}

} // namespace

http::router service_routes(const service_view& view) {
    auto routes = routes_of(view);
    auto ready = [view] {
        if (view.refresh) view.refresh();
        return whole(view.health.ready() ? 200 : 503, json_type, view.health.json() + "\n");
    };
    show(routes, "/health", false, ready);
    show(routes, "/health/ready", false, ready);
    show(routes, "/health/live", true, [view] {
        bool alive = view.alive.live();
        return whole(alive ? 200 : 503, json_type, alive ? "{\"status\":\"ok\"}\n" : "{\"status\":\"down\"}\n");
    });
    http::authenticator<telegram_itself> by_secret{
        "Telegram's secret", [view](http::request head) -> awaitable<result<telegram_itself, response>> {
            auto admitted = view.admit_webhook(http::header(head.fields, telegram::secret_header));
            if (!admitted) co_return std::unexpected(as_response(admitted.error()));
            co_return telegram_itself{};
        }};
    // The address that Telegram was given may have a path before the webhook's own.
    routes.add({.method = "POST",
                .pattern = "/{...}" + std::string(telegram::webhook_path),
                .body_bytes = limits::webhook_body_bytes,
                .at_once = limits::webhook_at_once,
                .counted_as = std::string(telegram::webhook_path)},
               by_secret, [view](telegram_itself, call c) -> awaitable<response> {
                   co_return as_response(co_await view.webhook(std::move(c.asked.body)));
               });
    http::authenticator<forge_itself> by_signature{
        "the forge's signature", [view](http::request head) -> awaitable<result<forge_itself, response>> {
            auto admitted = view.admit_forge(head.fields);
            if (!admitted) co_return std::unexpected(as_response(admitted.error()));
            co_return forge_itself{};
        }};
    routes.add({.method = "POST",
                .pattern = "/{...}/forge/webhook",
                .body_bytes = limits::forge_hook_body_bytes,
                .deadline = limits::forge_hook_deadline,
                .at_once = limits::forge_hook_at_once,
                .counted_as = "/forge/webhook"},
               by_signature, [view](forge_itself, call c) -> awaitable<response> {
                   co_return as_response(co_await view.forge_call(std::move(c.asked)));
               });
    return routes;
}

http::router metrics_routes(const service_view& view) {
    auto routes = routes_of(view);
    show(routes, "/metrics", false, [view] {
        if (view.refresh) view.refresh();
        return whole(200, ops::metrics::content_type, view.metrics.text());
    });
    return routes;
}

} // namespace persais::app

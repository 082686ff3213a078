#pragma once
#include "app/forge_service.hpp"
#include "http/router.hpp"
#include "ops/health.hpp"
#include "ops/metrics.hpp"
#include "ops/watchdog.hpp"
#include "telegram/inbound/webhook.hpp"

namespace persais::app {

/// What the service's HTTP handlers read. All of it outlives the servers.
struct service_view {
    ops::health& health;
    ops::metrics& metrics;
    const ops::watchdog& alive;
    /// A call of Telegram's webhook: whether its secret is accepted; `webhook` then takes its body.
    std::function<result<void, telegram::hook_reply>(std::string_view)> admit_webhook;
    std::function<awaitable<telegram::hook_reply>(std::string)> webhook;
    /// The same for a call of a forge's webhook.
    std::function<result<void, forge_reply>(const http::headers&)> admit_forge;
    std::function<awaitable<forge_reply>(http::request)> forge_call;
    std::function<void()> refresh; // updates what is only measured when asked; cheap
};

/// The routes of PORT: /health (the same as /health/ready), /health/live, /telegram/webhook,
/// /forge/webhook.
http::router service_routes(const service_view& view);
/// The routes of METRICS_ADDRESS: /metrics.
http::router metrics_routes(const service_view& view);

} // namespace persais::app

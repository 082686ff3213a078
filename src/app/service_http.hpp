#pragma once
#include "http/server.hpp"
#include "ops/health.hpp"
#include "ops/metrics.hpp"
#include "ops/watchdog.hpp"
#include "telegram/inbound/webhook.hpp"

namespace persais::app {

/// What the service's HTTP handlers look at. All of it outlives the servers.
struct service_view {
    ops::health& health;
    ops::metrics& metrics;
    const ops::watchdog& alive;
    /// One call of Telegram's webhook: the secret that was shown, and the body. nullopt: there is no Telegram here.
    std::function<awaitable<std::optional<telegram::hook_reply>>(std::string, std::string)> webhook;
    std::function<void()> refresh; // brings what is only measured when asked up to date; cheap
};

/// PORT: /health (the same as /health/ready), /health/live, /telegram/webhook, and 404 for everything else that is not
/// there yet.
http::handler service_routes(service_view view);
/// METRICS_ADDRESS: /metrics.
http::handler metrics_routes(service_view view);

} // namespace persais::app

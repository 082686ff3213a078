#pragma once
#include "http/server.hpp"
#include "ops/health.hpp"
#include "ops/metrics.hpp"
#include "ops/watchdog.hpp"

namespace persais::app {

/// What the service's HTTP handlers look at. All of it outlives the servers.
struct service_view {
    ops::health& health;
    ops::metrics& metrics;
    const ops::watchdog& alive;
    std::function<void()> refresh; // brings what is only measured when asked up to date; cheap
};

/// PORT: /health (the same as /health/ready), /health/live, and 404 for everything else that is not there yet.
http::handler service_routes(service_view view);
/// METRICS_ADDRESS: /metrics.
http::handler metrics_routes(service_view view);

} // namespace persais::app

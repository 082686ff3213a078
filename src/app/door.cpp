#include "app/door.hpp"

#include "app/limits.hpp"
#include "base/descriptors.hpp"
#include "sandbox/limits.hpp"

#include <algorithm>

#include <spdlog/spdlog.h>

namespace persais::app {

std::size_t door_connections(std::uint64_t descriptors, const config::settings& settings) {
    auto tasks = static_cast<std::size_t>(settings.tasks_parallel.value_or(limits::tasks_most));
    auto kept = limits::descriptors_own + tasks * limits::descriptors_task + limits::figures_connections +
                static_cast<std::size_t>(settings.database_pool_size);
    auto left = descriptors > kept ? descriptors - kept : 0;
    return std::clamp<std::size_t>(left, limits::door_connections_least, limits::http_connections);
}

http::server_options door_options(const config::settings& settings) {
    auto descriptors = raise_descriptors(limits::descriptors_most);
    auto connections = door_connections(descriptors, settings);
    if (connections < limits::http_connections)
        spdlog::warn("this process may open {} files only, so that HTTP takes {} connections at once instead of {}; a "
                     "higher limit (ulimit -Hn, LimitNOFILE) helps",
                     descriptors, connections, limits::http_connections);
    return {.connections = connections,
            .proxies = settings.trusted_proxies.empty()
                           ? networks()
                           : networks::parse(settings.trusted_proxies).value()}; // the settings were validated
}

} // namespace persais::app

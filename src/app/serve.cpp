#include "app/serve.hpp"

#include "api/front.hpp"
#include "app/daemon.hpp"
#include "app/door.hpp"
#include "app/limits.hpp"
#include "app/routes.hpp"
#include "base/url.hpp"
#include "ops/disk.hpp"

#include <csignal>
#include <unistd.h>

#include <boost/asio/signal_set.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace persais::app {

namespace {

/// The first SIGTERM or SIGINT ends the service in order, within limits::leave_within; a second one ends it at once.
awaitable<void> watch_signals(daemon& me, config::reloader& settings) {
    asio::signal_set signals(co_await asio::this_coro::executor, SIGINT, SIGTERM, SIGHUP);
    bool leaving = false;
    asio::steady_timer most(co_await asio::this_coro::executor);
    for (;;) {
        int what = co_await signals.async_wait(asio::use_awaitable);
        if (what == SIGHUP) {
            try {
                settings.reload();
            } catch (const std::exception& e) {
                spdlog::error("the settings could not be read again: {}", e.what());
            }
            continue;
        }
        if (leaving) ::_exit(128 + what);
        leaving = true;
        spdlog::info("{}: giving back what is under way, then leaving", what == SIGINT ? "SIGINT" : "SIGTERM");
        me.leave();
        most.expires_after(limits::leave_within);
        most.async_wait([](boost::system::error_code ec) {
            if (ec) return;
            spdlog::warn("leaving took longer than allowed; what is left is for the next start");
            ::_exit(0);
        });
    }
}

result<void> listen(http::server& at, const std::string& host, int port, std::string_view setting,
                    std::string_view what) {
    auto taken = at.listen_tcp(host, static_cast<std::uint16_t>(port));
    if (!taken) return fail(fmt::format("{}: {} ({} sets it)", what, taken.error(), setting));
    spdlog::info("{} on {}:{}", what, host, *taken);
    return {};
}

} // namespace

awaitable<result<int>> serve(config::reloader& settings, serve_options options) {
    const auto& s = settings.now();
    auto executor = co_await asio::this_coro::executor;
    ops::health health({"database", "agent", "sandbox", "disk", "telegram"});
    ops::metrics metrics(options.version);
    ops::watchdog alive({.late_by = [&](std::chrono::nanoseconds late) { metrics.loop_lag(late); },
                         .last_line =
                             [line = options.line_of_log] {
                                 return line("the event loop is stuck; the process ends so that it is started anew");
                             }});
    ops::disk_watch disk(s.data, health);
    api::front api(executor, s, [&] {
        disk.look();
        return std::pair(health.ready() ? 200 : 503, health.json() + "\n");
    });
    daemon work(settings, options, health, metrics, api);
    service_view view{health,
                      metrics,
                      alive,
                      [&](std::string_view shown) { return work.admit_webhook(shown); },
                      [&](std::string body) { return work.webhook(std::move(body)); },
                      [&](const http::headers& fields) { return admit_forge_call(settings.now(), fields); },
                      [&](http::request call) { return work.forge_call(std::move(call)); },
                      [&] {
                          disk.look();
                          work.measure();
                      }};
    auto routes = service_routes(view);
    api.add_to(routes);
    auto open_to_all = door_options(s);
    open_to_all.first = routes.firsts();
    http::server door(executor, routes.as_handler(), std::move(open_to_all));
    http::server figures(executor, metrics_routes(view).as_handler(), {.connections = limits::figures_connections});
    if (auto ok = listen(door, s.host, s.port, "PORT", "HTTP"); !ok) co_return fail(ok.error());
    if (!s.metrics_address.empty()) {
        auto [host, port] = parse_ip_and_port(s.metrics_address).value(); // the settings were validated
        if (auto ok = listen(figures, host, port, "METRICS_ADDRESS", "metrics"); !ok) co_return fail(ok.error());
    }
    health.changed = [](std::string_view part, const ops::health::report&, const ops::health::report& is) {
        if (is.how == ops::health::state::up)
            spdlog::info("{}: up", part);
        else
            spdlog::warn("{}: {}", part, is.sentence);
    };

    settings.told = [&](const config::reloaded& what) {
        metrics.settings_read(what.errors.empty());
        if (!what.errors.empty()) return;
        options.renew_log(settings.now());
        work.renew(what.changed);
    };
    background<void> ticking(executor, alive.tick());
    background<void> signals(executor, watch_signals(work, settings));
    background<void> watching(executor, settings.watch());
    co_await work.run();
    settings.told = {};
    for (auto* each : {&watching, &signals, &ticking})
        co_await each->stop();
    door.close();
    figures.close();
    spdlog::info("left");
    co_return 0;
}

} // namespace persais::app

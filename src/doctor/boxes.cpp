#include "doctor/boxes.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace persais::doctor {

namespace {

using names = std::vector<std::string_view>;

/// Ticked when none of these probes failed, with their sentences; else the first of the worst says why not. A probe in
/// `more` counts only when it was tried.
finding from_probes(std::string box, const findings& seen, names probes, const names& more = {}) {
    for (auto name : more)
        if (const auto* one = find(seen, name); one && one->how != grade::skipped) probes.push_back(name);
    auto how = worst(seen, probes);
    boost::json::array from;
    std::string good;
    const finding* why = nullptr;
    for (auto name : probes) {
        const auto* one = find(seen, name);
        if (!one) continue;
        from.emplace_back(name);
        if (one->how == how && !why) why = one;
        good += (good.empty() ? "" : " ") + one->sentence;
    }
    if (from.empty()) good = "Not looked at: the settings are to be right first.";
    finding box_seen{std::move(box), how, good, {}, {{"probes", std::move(from)}}};
    if (how != grade::ok && why) {
        box_seen.sentence = why->sentence;
        box_seen.advice = why->advice;
    }
    return box_seen;
}

finding elsewhere(std::string box, std::string how) {
    return skipped(std::move(box), "Seen elsewhere: " + how);
}

finding image_box(const place& here) {
    constexpr auto name = "Dockerfile builds successfully";
    if (here.container && here.installed) return ok(name, "This is a container of it, and it runs.");
    return elsewhere(name, "`docker build .` in the checkout.");
}

finding compose_box(const place&) {
    // A process in a container cannot tell who started the container.
    return elsewhere("docker-compose.yml works locally",
                     "`docker compose up -d`, then `docker compose exec persais persais doctor`.");
}

finding fly_box(const place& here) {
    constexpr auto name = "Fly.io deployment passes";
    if (here.fly_app.empty())
        return elsewhere(name, "`fly deploy`, then `deploy/check https://APP.fly.dev` or `fly ssh console -C 'persais "
                               "doctor'`.");
    return ok(name,
              fmt::format("This is machine {} of the app {} in {}.", here.fly_machine, here.fly_app, here.fly_region));
}

finding health_box(const findings& seen) {
    constexpr auto name = "Health check endpoint answers";
    const auto* port = find(seen, "port");
    if (port && port->how == grade::ok) {
        const auto* running = port->facts.if_contains("running");
        if (!running || !running->is_bool() || !running->get_bool())
            return elsewhere(name, "start `persais serve`, then run doctor again beside it.");
    }
    return from_probes(name, seen, {"port"});
}

} // namespace

findings boxes(const findings& seen, const place& here) {
    findings all;
    all.push_back(image_box(here));
    all.push_back(compose_box(here));
    all.push_back(fly_box(here));
    all.push_back(health_box(seen));
    all.push_back(from_probes("Git clone and push work from here", seen, {"remote", "push"}, {"token"}));
    all.push_back(from_probes("aider starts and answers a simple command", seen, {"sandbox", "agent", "answer"}));
    all.push_back(from_probes("Postgres connection pool works", seen, {"database", "pool"}));
    all.push_back(from_probes("Secrets are injected rightly", seen, {"settings"}, {"key", "token", "telegram"}));
    return all;
}

} // namespace persais::doctor

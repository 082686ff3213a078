#include "doctor/boxes.hpp"

#include "base/told.hpp"

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
    if (from.empty())
        good = told<"Not looked at: the settings are to be right first.",
                    "Не проверено: сначала нужны правильные настройки.">();
    finding box_seen{std::move(box), how, good, {}, {{"probes", std::move(from)}}};
    if (how != grade::ok && why) {
        box_seen.sentence = why->sentence;
        box_seen.advice = why->advice;
    }
    return box_seen;
}

finding elsewhere(std::string box, std::string how) {
    return skipped(std::move(box), told<"Seen elsewhere: {}", "Видно в другом месте: {}">(how));
}

finding image_box(const place& here) {
    const auto name = told<"Dockerfile builds successfully", "Dockerfile собирается">();
    if (here.container && here.installed)
        return ok(name, told<"This is a container of it, and it runs.", "Это контейнер из него, и он работает.">());
    return elsewhere(name, told<"`docker build .` in the checkout.", "`docker build .` в рабочей копии.">());
}

finding compose_box(const place&) {
    // A process in a container cannot tell who started the container.
    return elsewhere(told<"docker-compose.yml works locally", "docker-compose.yml работает локально">(),
                     told<"`docker compose up -d`, then `docker compose exec persais persais doctor`.",
                          "`docker compose up -d`, затем `docker compose exec persais persais doctor`.">());
}

finding fly_box(const place& here) {
    const auto name = told<"Fly.io deployment passes", "Развёртывание на Fly.io проходит">();
    if (here.fly_app.empty())
        return elsewhere(name, "`fly deploy`, then `deploy/check https://APP.fly.dev` or `fly ssh console -C 'persais "
                               "doctor'`.");
    return ok(name, told<"This is machine {} of the app {} in {}.", "Это машина {} приложения {} в {}.">(
                        here.fly_machine, here.fly_app, here.fly_region));
}

finding health_box(const findings& seen) {
    const auto name = told<"Health check endpoint answers", "Проверка работоспособности отвечает">();
    const auto* port = find(seen, "port");
    if (port && port->how == grade::ok) {
        const auto* running = port->facts.if_contains("running");
        if (!running || !running->is_bool() || !running->get_bool())
            return elsewhere(name, told<"start `persais serve`, then run doctor again beside it.",
                                        "запустите `persais serve`, затем рядом с ним ещё раз doctor.">());
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
    all.push_back(
        from_probes(told<"Git clone and push work from here", "Клонирование и отправка git отсюда работают">(), seen,
                    {"remote", "push"}, {"token"}));
    all.push_back(from_probes(
        told<"aider starts and answers a simple command", "aider запускается и отвечает на простую команду">(), seen,
        {"sandbox", "agent", "answer"}));
    all.push_back(from_probes(told<"Postgres connection pool works", "Пул соединений с Postgres работает">(), seen,
                              {"database", "pool"}));
    all.push_back(from_probes(told<"Secrets are injected rightly", "Секреты заданы правильно">(), seen, {"settings"},
                              {"key", "token", "telegram"}));
    return all;
}

} // namespace persais::doctor

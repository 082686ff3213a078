// Spending that an admin paused: what this process does about it. That nothing more is reserved is the database's
// affair.
#include "llm/core.hpp"

#include <spdlog/spdlog.h>

namespace persais::llm {

namespace {

awaitable<> look_for_pause(std::shared_ptr<core> all) {
    while (!all->under_way.empty()) {
        co_await sleep_for(all->options.pause_look);
        if (all->under_way.empty()) break;
        try {
            if (co_await all->books.paused()) all->pause();
        } catch (const store::db_error& e) { // asked again: what was reserved before is bounded by its reservation
            spdlog::warn("whether spending is paused is not known: {}", e.what());
        }
    }
    all->watching = false;
}

} // namespace

void core::watch_pause() {
    if (closed || std::exchange(watching, true)) return;
    start("llm pause", look_for_pause(shared_from_this()));
}

void core::set_paused(bool now) {
    if (std::exchange(paused, now) == now) return;
    spdlog::warn("{}", now ? "all spending is paused: calls of models are cut and refused" : "spending goes on");
    if (options.paused) options.paused(now);
}

void core::pause() {
    set_paused(true);
    for (const auto& one : std::list(sessions))
        if (!one->answering.empty() && (!one->closed || one->closed->why != cause::paused))
            one->cut_all(spending_paused()); // an agent that asks nothing may end: it is refused when it asks
}

} // namespace persais::llm

#pragma once
#include "api/event_hub.hpp"
#include "api/operation.hpp"
#include "app/engine.hpp"

namespace persais::app {

/// What the HTTP API works with while the engine is up.
class api_service {
public:
    /// All references outlive it. `wake_workers`: a task was added, or somebody asked something of one. `hears`:
    /// whether this process is told of events that others write.
    api_service(const asio::any_io_executor& executor, engine& on, const config::settings& settings,
                std::function<void()> wake_workers, std::function<bool()> hears);

    /// Reads events for streams; runs until cancelled.
    awaitable<void> run() { return hub_.run(); }
    void events_may_be_new() { hub_.news(); }
    void rights_may_be_new() { hub_.rights_may_be_new(); }
    const api::dependencies& dependencies() const { return with_; }

private:
    system_clock time_;
    service::tasks tasks_;
    service::mirror_diffs diffs_;
    service::caller_tasks calls_;
    api::event_hub hub_;
    api::dependencies with_;
};

} // namespace persais::app

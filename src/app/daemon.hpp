#pragma once
#include "api/front.hpp"
#include "app/api_service.hpp"
#include "app/backups.hpp"
#include "app/chat_service.hpp"
#include "app/engine.hpp"
#include "app/forge_service.hpp"
#include "app/secrets_in_force.hpp"
#include "app/serve_options.hpp"
#include "config/reloader.hpp"
#include "ops/health.hpp"
#include "ops/metrics.hpp"
#include "store/listener.hpp"
#include "worker/dispatcher.hpp"
#include "worker/housekeeping.hpp"
#include "worker/request_duties.hpp"

namespace persais::app {

class doorbell;

/// What the service does between its start and its end, besides answering HTTP: it brings the engine up, keeps workers
/// on tasks, listens to the doorbell and the database, and passes new settings on.
class daemon {
public:
    /// All references outlive it.
    daemon(config::reloader& settings, const serve_options& options, ops::health& health, ops::metrics& metrics,
           api::front& api);
    ~daemon();
    daemon(const daemon&) = delete;

    /// Runs until `leave`; then tasks that are being worked on are released.
    awaitable<void> run();
    /// Ends `run`, and releases the running tasks. Returns at once.
    void leave();
    /// Settings changed: names as config::reloaded returns them.
    void renew(const std::vector<std::string>& changed);
    /// Whether a call of Telegram's webhook with this secret is accepted; if not 401, 503, or 404 when Telegram is not
    /// set up.
    result<void, telegram::hook_reply> admit_webhook(std::string_view shown) const;
    /// Takes the body of a call that was accepted.
    awaitable<telegram::hook_reply> webhook(std::string body);
    /// Takes a call of a forge's webhook that was admitted.
    awaitable<forge_reply> forge_call(http::request call);
    /// Updates the metrics that are only measured when somebody asks.
    void measure();

private:
    awaitable<bool> bring_up(engine& on);
    awaitable<void> work_with(engine& on);
    awaitable<void> hear_bell(doorbell& bell);
    void listen_to(engine& on);
    void repositories_changed();
    awaitable<void> read_repositories();
    void secrets_changed();
    awaitable<void> read_secrets();
    void pause_changed();
    awaitable<void> look_for_pause();
    void was_awake();
    awaitable<void> record_rights();
    awaitable<void> tell_admins_of_backups();
    awaitable<void> wake_waiting(std::vector<mechanic::wait_reason> causes);
    worker::dispatcher_events events();
    engine_options how_to_start();

    config::reloader& settings_;
    secrets_in_force secrets_;
    const serve_options& options_;
    ops::health& health_;
    ops::metrics& metrics_;
    api::front& front_;
    asio::any_io_executor executor_;
    std::optional<event> news_;
    bool leaving_ = false;
    std::unique_ptr<store::listener> listener_;
    std::uint64_t told_out_of_memory_ = 0;
    std::string database_lacks_; // what is told of it while it is up; empty: nothing
    std::optional<worker::housekeeping> keeping_;
    std::optional<worker::request_duties> duties_;
    std::optional<background<void>> kept_;
    std::optional<background<void>> fetching_;
    engine* engine_ = nullptr; // these five are set while work_with runs
    worker::dispatcher* dispatcher_ = nullptr;
    chat_service* chat_ = nullptr;
    backups* backups_ = nullptr;
    forge_service* forges_ = nullptr;
    api_service* api_ = nullptr;
};

} // namespace persais::app

#pragma once
#include "ops/limits.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace persais::ops {

/// What the service counts, and the text that Prometheus reads. Names begin with `persais_` (or are the usual
/// `process_…`). Label values are from fixed lists, never a repository, a task or a person: each kind of label has at
/// most limits::metric_labels different values, and those beyond count as "other". docs/metrics.md lists them. Any
/// thread.
class metrics {
public:
    explicit metrics(std::string_view version);
    ~metrics();
    metrics(const metrics&) = delete;

    // tasks; the values are mechanic's: name_of(state), spelling(verdict), wait_reason
    void task_moved(std::string_view from, std::string_view to);
    void task_ended(std::string_view verdict, std::string_view reason = {});
    void tasks_running(int now);
    void tasks_queued(int now);
    /// `phase`: preparing, coding, checking, publishing
    void task_phase(std::string_view phase, std::chrono::duration<double> took);
    void out_of_memory_kill();

    // model
    /// `outcome`: "ok" or the cause's name (llm::name)
    void model_call(std::string_view outcome);
    /// An admin stopped all spending, as far as this process knows.
    void spending_paused(bool now);
    void model_spent(double usd, std::int64_t tokens_sent, std::int64_t tokens_received);

    // Telegram
    /// `effect`: the word of inbox.effect
    void telegram_update(std::string_view effect);
    /// Somebody without rights wrote to the bot.
    void telegram_refused();
    /// `how`: sent, refused, gone
    void telegram_sent(std::string_view how);
    /// A send whose answer was lost is repeated.
    void telegram_unknown_send();
    /// Whether Telegram answered the last call.
    void telegram_reached(bool answers);

    // database
    void database_pool(int open, int busy, int waiting);
    void database_up(bool up);

    // backups
    /// A backup is there, of this size; `made`: what it holds was read then.
    void backup_made(std::chrono::system_clock::time_point made, std::uint64_t bytes);
    void backup_failed();

    // the process
    void loop_lag(std::chrono::duration<double> late);
    /// `pattern`: the route's own ("/health", "/api/v1/tasks/{id}"), never the requested path.
    void http_request(std::string_view pattern, std::string_view method, int status,
                      std::chrono::duration<double> took);
    /// Settings were reloaded: "ok" or "refused".
    void settings_read(bool ok);

    /// The metrics in Prometheus' text format; reads the process_… values (memory, cpu, descriptors) from /proc.
    std::string text() const;
    static constexpr std::string_view content_type = "text/plain; version=0.0.4; charset=utf-8";

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

} // namespace persais::ops

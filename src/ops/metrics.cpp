#include "ops/metrics.hpp"

#include "ops/limits.hpp"
#include "ops/process_metrics.hpp"

#include <mutex>
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>
#include <set>

namespace persais::ops {

namespace {

namespace prom = prometheus;
using buckets = prom::Histogram::BucketBoundaries;

/// The values of one label. Those beyond the limit count as "other", so that a mistake of a caller (a path, a name)
/// costs one series and not the server's memory.
class label {
public:
    std::string operator()(std::string_view word) {
        if (word.empty()) return {};
        std::lock_guard held(lock_);
        if (auto found = known_.find(word); found != known_.end()) return *found;
        if (known_.size() >= limits::metric_labels) return "other";
        return *known_.emplace(word).first;
    }

private:
    std::mutex lock_;
    std::set<std::string, std::less<>> known_;
};

buckets phases() { // covers a small change as well as the longest task
    return {0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 900, 1800, 3600};
}
buckets lags() {
    return {0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10};
}
buckets answers() {
    return {0.001, 0.005, 0.025, 0.1, 0.5, 1, 5, 30, 120};
}

} // namespace

struct metrics::impl {
    prom::Registry registry;

    prom::Family<prom::Counter>& counter(const char* name, const char* help) {
        return prom::BuildCounter().Name(name).Help(help).Register(registry);
    }
    prom::Family<prom::Gauge>& gauge(const char* name, const char* help) {
        return prom::BuildGauge().Name(name).Help(help).Register(registry);
    }
    prom::Family<prom::Histogram>& histogram(const char* name, const char* help) {
        return prom::BuildHistogram().Name(name).Help(help).Register(registry);
    }

    prom::Family<prom::Counter>& moved =
        counter("persais_task_transitions_total", "Tasks that went from a state to another");
    prom::Family<prom::Counter>& ended =
        counter("persais_tasks_ended_total", "Tasks by verdict and, where it has one, reason");
    prom::Gauge& running = gauge("persais_tasks_running", "Tasks being worked on").Add({});
    prom::Gauge& queued = gauge("persais_tasks_queued", "Tasks that wait to be claimed").Add({});
    prom::Family<prom::Histogram>& phase = histogram("persais_task_phase_seconds", "Time of one phase of a task");
    prom::Counter& oom =
        counter("persais_out_of_memory_kills_total", "Coders and checks killed for their memory").Add({});

    prom::Family<prom::Counter>& calls = counter("persais_model_calls_total", "Calls of the model by outcome");
    prom::Gauge& paused = gauge("persais_spending_paused", "1 while an admin has stopped all spending").Add({});
    prom::Counter& spent = counter("persais_model_spent_usd_total", "Dollars spent on the model").Add({});
    prom::Family<prom::Counter>& tokens =
        counter("persais_model_tokens_total", "Tokens sent to and received from the model");
    prom::Counter& sent = tokens.Add({{"direction", "sent"}});
    prom::Counter& received = tokens.Add({{"direction", "received"}});

    prom::Family<prom::Counter>& updates = counter("persais_telegram_updates_total", "Updates by what came of them");
    prom::Counter& refused =
        counter("persais_telegram_refused_total", "Messages of people who may not say anything").Add({});
    prom::Family<prom::Counter>& sends = counter("persais_telegram_sends_total", "Messages by what became of them");
    prom::Counter& unknown =
        counter("persais_telegram_unknown_sends_total", "Sends whose answer was lost, which are repeated").Add({});
    prom::Gauge& reached = gauge("persais_telegram_up", "1 when Telegram answered last").Add({});

    prom::Family<prom::Gauge>& connections =
        gauge("persais_database_connections", "Connections of the pool, and those in use");
    prom::Gauge& open = connections.Add({{"state", "open"}});
    prom::Gauge& busy = connections.Add({{"state", "busy"}});
    prom::Gauge& waiting = gauge("persais_database_waiting", "Statements that wait for a connection").Add({});
    prom::Gauge& up = gauge("persais_database_up", "1 when the database answered last").Add({});

    prom::Gauge& backup_made =
        gauge("persais_backup_made_timestamp_seconds", "When what the newest good backup holds was read").Add({});
    prom::Gauge& backup_bytes = gauge("persais_backup_bytes", "The size of the newest good backup").Add({});
    prom::Counter& backups_failed =
        counter("persais_backup_failures_total", "Backups that did not come about, or that could not be read").Add({});

    prom::Histogram& lag =
        histogram("persais_loop_lag_seconds", "How late the event loop's ticks come").Add({}, lags());
    prom::Family<prom::Counter>& requests =
        counter("persais_http_requests_total", "HTTP requests by route, method and status");
    prom::Family<prom::Histogram>& answered = histogram("persais_http_request_seconds", "Time to answer by route");
    prom::Family<prom::Counter>& reads = counter("persais_settings_reads_total", "Times the settings were read again");
    prom::Family<prom::Gauge>& build = gauge("persais_build_info", "1, labelled with the version");

    label effect, send, from, to, verdict, reason, phase_name, outcome, pattern, method, status;
};

metrics::metrics(std::string_view version) : impl_(std::make_unique<impl>()) {
    impl_->build.Add({{"version", std::string(version)}}).Set(1);
    for (auto outcome : {"ok", "refused"})
        impl_->reads.Add({{"outcome", outcome}});
}

metrics::~metrics() = default;

void metrics::task_moved(std::string_view from, std::string_view to) {
    impl_->moved.Add({{"from", impl_->from(from)}, {"to", impl_->to(to)}}).Increment();
}

void metrics::task_ended(std::string_view verdict, std::string_view reason) {
    impl_->ended.Add({{"verdict", impl_->verdict(verdict)}, {"reason", impl_->reason(reason)}}).Increment();
}

void metrics::tasks_running(int now) {
    impl_->running.Set(now);
}

void metrics::spending_paused(bool now) {
    impl_->paused.Set(now ? 1 : 0);
}

void metrics::tasks_queued(int now) {
    impl_->queued.Set(now);
}

void metrics::task_phase(std::string_view phase, std::chrono::duration<double> took) {
    impl_->phase.Add({{"phase", impl_->phase_name(phase)}}, phases()).Observe(took.count());
}

void metrics::out_of_memory_kill() {
    impl_->oom.Increment();
}

void metrics::model_call(std::string_view outcome) {
    impl_->calls.Add({{"outcome", impl_->outcome(outcome)}}).Increment();
}

void metrics::model_spent(double usd, std::int64_t tokens_sent, std::int64_t tokens_received) {
    impl_->spent.Increment(usd); // a counter ignores negative amounts
    impl_->sent.Increment(static_cast<double>(tokens_sent));
    impl_->received.Increment(static_cast<double>(tokens_received));
}

void metrics::telegram_update(std::string_view effect) {
    impl_->updates.Add({{"effect", impl_->effect(effect)}}).Increment();
}

void metrics::telegram_refused() {
    impl_->refused.Increment();
}

void metrics::telegram_sent(std::string_view how) {
    impl_->sends.Add({{"how", impl_->send(how)}}).Increment();
}

void metrics::telegram_unknown_send() {
    impl_->unknown.Increment();
}

void metrics::telegram_reached(bool answers) {
    impl_->reached.Set(answers ? 1 : 0);
}

void metrics::database_pool(int open, int busy, int waiting) {
    impl_->open.Set(open);
    impl_->busy.Set(busy);
    impl_->waiting.Set(waiting);
}

void metrics::database_up(bool up) {
    impl_->up.Set(up ? 1 : 0);
}

void metrics::backup_made(std::chrono::system_clock::time_point made, std::uint64_t bytes) {
    impl_->backup_made.Set(std::chrono::duration<double>(made.time_since_epoch()).count());
    impl_->backup_bytes.Set(static_cast<double>(bytes));
}

void metrics::backup_failed() {
    impl_->backups_failed.Increment();
}

void metrics::loop_lag(std::chrono::duration<double> late) {
    impl_->lag.Observe(late.count());
}

void metrics::http_request(std::string_view pattern, std::string_view method, int status,
                           std::chrono::duration<double> took) {
    auto path = impl_->pattern(pattern);
    impl_->requests
        .Add({{"path", path}, {"method", impl_->method(method)}, {"status", impl_->status(std::to_string(status))}})
        .Increment();
    impl_->answered.Add({{"path", path}}, answers()).Observe(took.count());
}

void metrics::settings_read(bool ok) {
    impl_->reads.Add({{"outcome", ok ? "ok" : "refused"}}).Increment();
}

std::string metrics::text() const {
    auto all = impl_->registry.Collect();
    for (auto& each : process_metrics())
        all.push_back(std::move(each));
    return prom::TextSerializer().Serialize(all);
}

} // namespace persais::ops

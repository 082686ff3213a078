#pragma once
#include "base/background.hpp"
#include "worker/journal.hpp"
#include "worker/task_run.hpp"

#include <map>

namespace persais::worker {

/// Hears of what workers do, for health, metrics and the log. Each may be empty; none may throw.
struct dispatcher_events {
    std::function<void(const mechanic::task&, std::string_view from_state)> moved;
    /// What is being done for a task.
    std::function<void(task_id, const mechanic::progress&)> progress;
    std::function<void(int running)> running;
    std::function<void(int queued)> queued;
    /// The database threw at us, or answered again (empty).
    std::function<void(const std::string& trouble)> database;
};

/// The service's workers: takes claimable tasks, several at once, and carries each to its end. Between two tasks it
/// sleeps without SQL until something falls due or it is woken. One executor.
class dispatcher {
public:
    /// `with` is the engine's and outlives us. `slots`: tasks at once.
    dispatcher(const driver_dependencies& with, int slots, dispatcher_events events);
    ~dispatcher();
    dispatcher(const dispatcher&) = delete;

    /// Until `leave` is done; not to be cancelled.
    awaitable<void> run();
    /// Something may be claimable or to be aborted: a task was added, a cause went away, somebody rang.
    void wake();
    /// Takes no new work, ends what is under way and gives it back; `run` returns then.
    void leave();

    int running() const { return static_cast<int>(workers_.size()); }

private:
    struct worker;
    awaitable<bool> claim_one();
    awaitable<void> carry(worker& w);
    awaitable<void> reap_workers();
    awaitable<void> hear_wishes();
    awaitable<std::optional<std::chrono::milliseconds>> look();
    observer watch(worker& w);

    const driver_dependencies& with_;
    int slots_;
    dispatcher_events events_;
    /// Of one task there may be two: one whose lease ran out and does not know it yet, and its successor.
    std::multimap<task_id, std::unique_ptr<worker>> workers_;
    std::optional<event> news_;
    bool leaving_ = false;
};

} // namespace persais::worker

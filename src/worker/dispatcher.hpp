#pragma once
#include "base/background.hpp"
#include "worker/journal.hpp"
#include "worker/task_run.hpp"

#include <map>

namespace persais::worker {

/// Called with what workers do, for health, metrics and the log. Each may be empty; none may throw.
struct dispatcher_events {
    /// A new state was stored.
    std::function<void(const mechanic::task&, std::string_view from_state)> moved;
    /// What is being done for a task now.
    std::function<void(task_id, const mechanic::progress&)> progress;
    std::function<void(int running)> running;
    /// After each look at the queue; how many tasks wait in it is counted now and then.
    std::function<void(std::optional<int> queued)> queued;
    /// The database failed (the text says how), or answered again (empty).
    std::function<void(const std::string& trouble)> database;
};

/// The service's workers: claims tasks, several at once, and carries each to its end. Between two tasks it sleeps
/// without SQL until a task is due or it is woken. Used from one executor.
class dispatcher {
public:
    /// `with` is the engine's and outlives us. `slots`: the number of tasks at once.
    dispatcher(const driver_dependencies& with, int slots, dispatcher_events events);
    ~dispatcher();
    dispatcher(const dispatcher&) = delete;

    /// Returns when `leave` is done; must not be cancelled.
    awaitable<void> run();
    /// There may be a task to claim or to abort: one was added, a cause went away, the doorbell rang.
    void wake();
    /// Claims no more tasks, stops the running ones and returns them to the queue; then `run` returns.
    void leave();

    int running() const { return static_cast<int>(workers_.size()); }

private:
    struct worker;
    std::unique_ptr<worker> hire();
    awaitable<void> begin_new();
    awaitable<bool> take(queue::snapshot found);
    awaitable<void> start(std::unique_ptr<worker> w);
    awaitable<void> take_all(std::vector<queue::snapshot> found);
    awaitable<void> carry(worker& w);
    awaitable<void> reap_workers();
    std::vector<task_id> held() const;
    void abort(const std::vector<task_id>& wished);
    bool has_room() const { return !leaving_ && running() < slots_; }
    worker* last_beside() const;
    void make_room_for(const std::vector<queue::snapshot>& found);
    awaitable<std::optional<std::chrono::milliseconds>> look();
    awaitable<queue::leases::seen> ask(bool& count);
    observer watch(worker& w);

    const driver_dependencies& with_;
    int slots_;
    dispatcher_events events_;
    /// There may be two workers for one task: one whose lease ran out and that does not know it yet, and its successor.
    std::multimap<task_id, std::unique_ptr<worker>> workers_;
    std::optional<event> news_;
    std::optional<std::chrono::steady_clock::time_point> counted_; // when the queue was counted last
    bool leaving_ = false;
};

} // namespace persais::worker

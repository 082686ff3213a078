#pragma once
#include "worker/driver.hpp"

namespace persais::worker {

/// How a worker's hold on a task ended.
enum class task_run_end { settled, waits, lost_lease, gave_back };

/// One worker's hold on one task: from the claim until the task settles, waits, or the lease is lost. Renews the lease
/// beside the work; stores every step before its commands are carried out (design.md D3, D4).
class task_run {
public:
    task_run(const driver_dependencies& with, observer tell);
    ~task_run();

    /// Claims `only`, or the next claimable task. nullopt: there is none. Throws db_error, queue::unusable_row.
    awaitable<std::optional<queue::snapshot>> claim(std::optional<task_id> only);
    /// Works on what `claim` took. Throws db_error when the database stayed away.
    awaitable<task_run_end> work();
    /// A person asks for it, from the same thread: the task ends as aborted.
    void abort();
    /// The process leaves, from the same thread: the work under way ends, the task is given back to the queue.
    void leave();

    const mechanic::task& task() const { return held_.task; }
    fence held() const { return held_.at; }

private:
    /// By the database's clock, the only one that leases and waits are counted by: this machine's may be wrong, or
    /// jump.
    time_point now() const;
    awaitable<bool> store(mechanic::task next, std::vector<mechanic::command> commands, bool claim);
    awaitable<void> hold_lease();
    awaitable<mechanic::event> one(mechanic::command what);

    const driver_dependencies& with_; // the wiring's, outlives us
    observer tell_;
    queue::snapshot held_;
    std::chrono::steady_clock::time_point read_{}; // when held_.read_at was asked for
    std::vector<mechanic::command> pending_;
    std::optional<persais::event> news_; // something to look at: work done, lease lost, abort wished
    bool lost_ = false;
    bool abort_ = false;
    bool leave_ = false;
    bool done_ = false;
    std::unique_ptr<command_executor> executor_;
};

} // namespace persais::worker

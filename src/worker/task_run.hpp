#pragma once
#include "worker/driver.hpp"

namespace persais::worker {

/// How a worker's hold on a task ended.
enum class task_run_end { settled, waits, lost_lease, gave_back };

/// One worker's hold on one task: from the claim until the task settles or waits, or the lease is lost. Renews the
/// lease during the work, and stores every step before its commands are executed (design.md D3, D4).
class task_run {
public:
    task_run(const driver_dependencies& with, observer tell);
    ~task_run();

    /// Claims `only`, or the next claimable task. nullopt: there is none. Throws db_error, queue::unusable_row.
    awaitable<std::optional<queue::snapshot>> claim(std::optional<task_id> only);
    /// Claims what leases::look found. False: another worker was first, or it was no claim that it needed; look again.
    /// Throws as claim does.
    awaitable<bool> take(queue::snapshot found);
    /// The task was claimed by a statement that was begun at `asked`, and these are its first commands. False: the
    /// lease is lost. Throws db_error.
    awaitable<bool> begin(queue::snapshot claimed, std::vector<mechanic::command> commands,
                          std::chrono::steady_clock::time_point asked);
    /// Works on the task that was claimed. Throws db_error when the database stayed unreachable.
    awaitable<task_run_end> work();
    /// Aborts the task because a person asked for it. Call it from the same thread.
    void abort();
    /// The process ends: the running work is stopped, and the task returned to the queue. Call it from the same thread.
    void leave();

    /// Whether it works on a landing that has not its turn yet: that can be left off at any time.
    bool works_beside() const;
    /// Such a landing is left off, because its place is wanted. Call it from the same thread.
    void give_way();
    /// Whether it was left off for that, and its place will be free.
    bool gives_way() const { return give_way_ && (works_beside() || !mechanic::lease_of(held_.task.now)); }
    /// Asked before a landing is begun that has not its turn yet: whether there is room. Without it there is.
    void beside_if(std::function<bool()> room) { room_ = std::move(room); }

    /// The lease is known to be lost: the running work is stopped and its result dropped. Call it from the same thread.
    void lose();

    const mechanic::task& task() const { return held_.task; }
    fence held() const { return held_.at; }

private:
    enum class attempt { claimed, ended, again };
    awaitable<attempt> try_to_claim(queue::snapshot found);
    awaitable<bool> make_ready(std::vector<mechanic::command> commands, std::chrono::steady_clock::time_point asked);
    /// The time of the database's clock, the only one that leases and waits use, because this machine's clock may be
    /// wrong, or jump.
    time_point now() const;
    bool leaving() const { return leave_ || (give_way_ && works_beside()); }
    bool aborting() const { return abort_ && mechanic::obeys_abort(held_.task); }
    /// The number of the turn that could begin now; 0: a reply waits, which has the next one.
    awaitable<int> next_turn();
    /// Decides what follows, and stores it. nullopt: the lease is lost.
    awaitable<std::optional<std::vector<mechanic::command>>> go_on(mechanic::event happened);
    awaitable<bool> store(mechanic::task next, std::vector<mechanic::command> commands, bool claim);
    awaitable<void> hold_lease();
    awaitable<mechanic::event> one(mechanic::command what);

    const driver_dependencies& with_; // declared in the wiring, outlives us
    observer tell_;
    queue::snapshot held_;
    std::chrono::steady_clock::time_point read_{}; // when held_.read_at was read
    std::vector<mechanic::command> pending_;
    std::optional<persais::event> news_; // set when work is done, the lease lost, or an abort asked for
    bool lost_ = false;
    bool abort_ = false;
    bool leave_ = false;
    bool give_way_ = false;
    std::function<bool()> room_;
    bool done_ = false;
    std::unique_ptr<command_executor> executor_;
};

} // namespace persais::worker

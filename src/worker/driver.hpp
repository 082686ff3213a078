#pragma once
#include "base/async.hpp"
#include "base/clock.hpp"
#include "llm/gateway.hpp"
#include "mechanic/progress.hpp"
#include "mechanic/step.hpp"
#include "queue/tasks.hpp"

#include <functional>
#include <memory>
#include <optional>

namespace persais::worker {

/// Who watches a task: a terminal, later a chat. Each may be empty; none may throw.
struct observer {
    std::function<void(const mechanic::task&)> state;
    std::function<void(const mechanic::progress&)> progress;
    std::function<void(std::string_view)> agent_text; // the model's words as they come
    std::function<void(const llm::spent&)> money;
};

/// Carries out the commands of one claimed task, one at a time; every outcome is an event. A throw is a broken world.
class command_executor {
public:
    virtual ~command_executor() = default;
    /// `t` as it stands after the step that gave the command.
    virtual awaitable<mechanic::event> execute(mechanic::task t, mechanic::command what, std::string conversation) = 0;
    /// What the task's next row should hold as its conversation; empty when nothing changed.
    virtual std::optional<std::string> take_conversation() = 0;
    /// Removes what the task holds on this machine.
    virtual awaitable<void> put_away() = 0;
    /// As put_away, and what is kept of the task beyond a worker's hold, when its end needs none of it.
    virtual awaitable<void> clean_up(mechanic::task t) = 0;
    /// The process leaves: what is on the disk is removed by the next start.
    virtual void leave_behind() = 0;
};

/// What the driver (task_run, dispatcher) works with, and all that it knows of the world. Outlives it.
struct driver_dependencies {
    const clock& time;
    queue::leases& leases;
    queue::requests& requests; // kept replies are begun when their task has settled
    /// For a task that was claimed under this fence; the observer outlives the executor.
    std::function<std::unique_ptr<command_executor>(const observer&, task_id, fence)> make_executor;
};

} // namespace persais::worker

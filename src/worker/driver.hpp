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

/// Who watches a task: a terminal or a chat. Each function may be empty; none may throw.
struct observer {
    std::function<void(const mechanic::task&)> state;
    std::function<void(const mechanic::progress&)> progress;
    std::function<void(std::string_view)> agent_text; // the model's output as it comes
    std::function<void(const llm::spent&)> money;
};

/// Executes the commands of one claimed task, one at a time; every outcome is an event. An exception counts as
/// world_trouble.
class command_executor {
public:
    virtual ~command_executor() = default;
    /// `t`: the task after the step that returned the command.
    virtual awaitable<mechanic::event> execute(mechanic::task t, mechanic::command what, std::string conversation) = 0;
    /// Takes the conversation to store with the task's next row; nullopt: unchanged.
    virtual std::optional<std::string> take_conversation() = 0;
    /// Removes what the task holds on this machine.
    virtual awaitable<void> put_away() = 0;
    /// As put_away, and removes what is kept of the task between two workers, when its end needs none of it.
    virtual awaitable<void> clean_up(mechanic::task t) = 0;
    /// The process ends: what is on the disk is removed by the next start.
    virtual void leave_behind() = 0;
};

/// What the driver (task_run, dispatcher) works with, and everything that it knows of the world. Outlives it.
struct driver_dependencies {
    const clock& time;
    queue::leases& leases;
    queue::requests& requests; // kept replies are begun when their task has settled
    /// Makes the executor for a task that was claimed with this fence; the observer outlives the executor.
    std::function<std::unique_ptr<command_executor>(const observer&, task_id, fence)> make_executor;
};

} // namespace persais::worker

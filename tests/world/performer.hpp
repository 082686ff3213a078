#pragma once
#include "worker/driver.hpp"
#include "world/world.hpp"

namespace persais::world {

/// Plays the outcomes of a task's commands, by the seed: every kind of outcome, and how long it takes. It really keeps
/// commits on a disk and pushes them to the remote.
std::unique_ptr<worker::command_executor> make_executor(simulation& in, std::shared_ptr<const life> of,
                                                        const worker::observer& tell, task_id id, fence held);

} // namespace persais::world

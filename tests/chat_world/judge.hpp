#pragma once
#include "chat_world/world.hpp"

namespace persais::chat_world {

/// What must hold when nothing is left to do, of the inbox, the outbox, the tasks and what stands in the chats. What
/// does not is told to the simulation; the report gets what was counted.
void judge_chats(simulation& in, report& r);

} // namespace persais::chat_world

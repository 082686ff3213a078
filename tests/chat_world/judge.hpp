#pragma once
#include "chat_world/world.hpp"

namespace persais::chat_world {

/// Checks what must hold at the end of a run, in the inbox, the outbox, the tasks and the chats. Violations are
/// reported to the simulation; the report gets the counts.
void judge_chats(simulation& in, report& r);

} // namespace persais::chat_world

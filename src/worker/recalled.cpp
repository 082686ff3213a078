// What a turn is given of its repository's memory.
#include "worker/command_executor.hpp"

namespace persais::worker {

using namespace mechanic;

awaitable<void> local_executor::recall_for(task t) {
    if (!with_.recall || !with_.settings.memory) co_return;
    auto asked = t.known.turn > 0 ? t.known.asked + "\n" + t.what.instruction : t.what.instruction;
    co_await with_.recall->give(t.id, t.known.turn, t.what.remote, std::move(asked));
}

awaitable<std::string> local_executor::notes_for(task t) {
    if (!with_.recall || !with_.settings.memory) co_return std::string();
    co_return co_await with_.recall->given(t.id, t.known.turn, t.what.remote);
}

} // namespace persais::worker

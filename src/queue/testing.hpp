#pragma once
#include "mechanic/task.hpp"

namespace persais::queue::testing {

/// Puts the task into this state, with the facts that the table requires for it.
inline mechanic::task in_state(mechanic::task t, mechanic::state now) {
    using namespace mechanic;
    auto made = [&](const std::string& commit, verdict how) {
        t.known.made = work{commit, {1, 2, 3}, 0};
        t.known.decided = how;
    };
    if (auto* s = std::get_if<publishing>(&now)) made(s->commit, verdict::ready);
    if (auto* s = std::get_if<review>(&now)) made(s->commit, s->how);
    t.now = std::move(now);
    return t;
}

} // namespace persais::queue::testing

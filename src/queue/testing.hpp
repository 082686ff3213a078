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
    auto lands = [&](const std::string& commit, landing::kind what) {
        made(commit, verdict::ready);
        t.known.stands = standing_of(t.known, verdict::ready);
        t.known.lands = landing{.what = what, .commit = commit};
    };
    if (auto* s = std::get_if<deploying>(&now)) lands(s->commit, landing::kind::deploy);
    if (auto* s = std::get_if<rolling_back>(&now)) lands(s->commit, landing::kind::roll_back);
    if (auto* s = std::get_if<discarded>(&now)) {
        made(s->commit, verdict::ready);
        t.known.stands = standing_of(t.known, verdict::ready);
    }
    if (auto* s = std::get_if<deployed>(&now)) t.known.on_base = landed{s->commit, std::string(40, 'b')};
    t.now = std::move(now);
    return t;
}

} // namespace persais::queue::testing

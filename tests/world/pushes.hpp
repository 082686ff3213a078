#pragma once
#include "mechanic/event.hpp"
#include "world/world.hpp"

#include <algorithm>

namespace persais::world {

using joined_landings = std::vector<queue::leases::joined>;

/// Those that a push brings with its own commit, as far as this disk has theirs; `done` names them.
inline joined_landings join(simulation& in, const disk_model& disk, task_id front, fence held, mechanic::pushed& done) {
    auto joined = in.store.join_landings(front, held);
    joined.erase(std::ranges::find_if_not(joined, [&](const auto& each) { return disk.has(each.made); }), joined.end());
    for (const auto& each : joined) {
        done.tip = each.made;
        done.with.push_back(each.id);
    }
    return joined;
}

inline void push_all(simulation& in, const life& by, const mechanic::task& t, fence held, const mechanic::land& what,
                     const joined_landings& joined) {
    auto& all = in.remote.main[t.what.remote];
    all.push_back(what.commit);
    in.note("{} lands {} on {}", by.name(), what.commit, what.expected);
    in.checks.landed(by, t, held, what);
    for (const auto& each : joined) {
        all.push_back(each.made);
        in.note("and with it {} of task {}", each.made, each.id.value);
        in.checks.landed_with(t.id, held, each.id, each.made);
    }
}

} // namespace persais::world

// A landing that finds the lane taken is tried on top of the one in front meanwhile (decision 0071). It pushes nothing
// and ends nothing: when its turn comes, it is made anew on the base branch, and what is the same commit then was
// checked already.
#include "mechanic/landing_beside.hpp"

#include "mechanic/limits.hpp"

namespace persais::mechanic {

using kind = landing::kind;

void step_to(task& t, landing_step next, const landing_hold& at, int moves) {
    auto& l = *t.known.lands;
    l.step = next;
    if (l.what == kind::roll_back)
        t.now = rolling_back{at.attempt, moves, l.commit, at.by};
    else
        t.now = deploying{at.attempt, moves, l.commit, at.by};
}

decision ask_for_lane(task& t, const landing_hold& at) {
    t.known.lands->beside = false;
    step_to(t, landing_step::lane, at, at.moves + 1);
    return commands(take_lane{});
}

decision wait_for_lane(task& t, time_point now) {
    t.now = queued{now + limits::lane_look_every};
    return commands(clean_up{});
}

decision lane_is_taken(task& t, const landing_hold& at, const std::string& ahead, time_point now) {
    auto& l = *t.known.lands;
    bool tried = ahead.empty() || ahead == l.ahead;
    bool may_be_there = l.in_doubt || l.withdrawn || l.there; // by the commit that it has now, which must stay known
    may_be_there |= l.by_request && l.waits_on;               // the forge may merge it yet
    bool at_once = l.what == kind::roll_back && l.anyway;     // there are no checks to be ahead with
    if (tried || may_be_there || at_once) return wait_for_lane(t, now);
    l.ahead = ahead;
    l.beside = true;
    step_to(t, landing_step::replay, at, at.moves + 1);
    return commands(replay{});
}

decision leave_off_beside(task& t, time_point now) {
    auto& l = *t.known.lands;
    l.beside = false;
    l.ahead.clear();
    return wait_for_lane(t, now);
}

void push_brings_alone(landing& l) {
    l.with.clear();
    l.tip.clear();
}

bool was_checked(const landing& l, const replayed& e) {
    return l.made == e.commit && l.onto == e.onto && (l.after == check_outcome::green || l.after == check_outcome::red);
}

decision replayed_beside(task& t, const landing_hold& at, const replayed& e) {
    auto& l = *t.known.lands;
    bool known = was_checked(l, e);
    bool nothing = !e.conflicts.empty() || e.commit == e.onto || e.commit.empty();
    l.onto = e.onto;
    l.made = nothing ? std::string() : e.commit;
    l.size = e.size;
    l.same_text = e.same_text;
    l.by_request = false; // what waited at the forge is another commit
    l.waits_on.reset();
    if (!known) l.after = check_outcome::not_run;
    if (nothing || known) return ask_for_lane(t, at);
    step_to(t, landing_step::check, at, at.moves + 1);
    return commands(check_landing{l.made});
}

} // namespace persais::mechanic

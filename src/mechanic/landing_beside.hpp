#pragma once
#include "mechanic/endings.hpp"

namespace persais::mechanic {

// What a landing does while another one has the lane, and what both ways share.

/// A worker's hold on a landing.
struct landing_hold {
    int attempt = 1;
    int moves = 0;
    lease by;
};

/// Another landing has the lane. `ahead`: what it, or whoever is between, has made.
decision lane_is_taken(task& t, const landing_hold& at, const std::string& ahead, time_point now);
decision wait_for_lane(task& t, time_point now);
/// What it did without the lane is over, and whatever came of it stands in `facts::lands`.
decision ask_for_lane(task& t, const landing_hold& at);
/// Its place is wanted for something else, or the worker stops.
decision leave_off_beside(task& t, time_point now);
/// The next step of the landing, as the state that it is stored in.
void step_to(task& t, landing_step next, const landing_hold& at, int moves);
/// Those that were to be pushed with it were not, or will be asked for anew.
void push_brings_alone(landing& l);
/// Whether its checks have said what they say of exactly this commit: beside the lane, or to a worker that died.
bool was_checked(const landing& l, const replayed& e);
/// What came of it on top of a commit that is not on the base branch; it decides nothing yet.
decision replayed_beside(task& t, const landing_hold& at, const replayed& e);

} // namespace persais::mechanic

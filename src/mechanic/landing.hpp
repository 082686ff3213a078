#pragma once
#include "mechanic/landing_beside.hpp"

namespace persais::mechanic {

// How approved work comes onto the base branch, and how it is taken back: what `step` decides in `deploying` and
// `rolling_back`. Both go the same way (lane, replay, checks, push, watch), and both end where they began when they
// come to nothing.

decision approve(task& t, const review& shown, const approved& e, time_point now);
/// What was rolled back comes onto the base branch once more.
decision approve(task& t, const rolled_back& shown, const approved& e, time_point now);
decision wish_roll_back(task& t, const roll_back_wished& e, time_point now);
/// A worker took it up: it asks for the lane first, whatever came before.
decision begin_landing(task& t, const lease& by, time_point now);
/// The lane is ours.
decision begin_replay(task& t, const landing_hold& at, time_point now);
decision after_replay(task& t, const landing_hold& at, const replayed& e, time_point now);
/// What was approved cannot be made anew there without a person, or the agent, once.
decision after_conflict(task& t, const replayed& e, time_point now);
decision after_landing_checks(task& t, const landing_hold& at, const checked& e);
/// Before the push: those who wanted it may not have it any more.
decision after_right_lost(task& t, const right_lost& e);
decision base_moved(task& t, const landing_hold& at, time_point now);
/// It is pushed, or merged by the forge.
decision after_push(task& t, const landing_hold& at, const pushed& e, time_point now);
/// The forge does not merge its request yet: it is looked at again, for a bounded time. Nobody waits for it meanwhile.
decision after_request(task& t, const landing_hold& at, const request_waits& e, time_point now);
/// It would have to stand on what the base branch has by now.
decision after_request(task& t, const landing_hold& at, const request_outdated& e, time_point now);
/// What is made on the base branch as it is now becomes the result, on the task's branch, and a person is asked again.
decision ask_again(task& t, const landing_hold& at, std::string sentence);
/// The base branch holds it: how its deployment does is looked at, under the lane.
decision watch_it(task& t, const landing_hold& at, landed what, time_point now);
decision after_watch(task& t, const watched& e, time_point now);
/// The person takes the wish back.
decision withdraw_landing(task& t, time_point now);

/// Why work with marks of conflicts is no result.
std::string unmerged_in_words(const std::vector<std::string>& paths);
/// The landing that is under way, or that led to what is made anew; nullptr: there is none.
const landing* wish_to_land(const facts& k);

/// Whether the forge has its request, and may merge it in its own time, as from a queue.
bool may_be_merged_yet(const landing& l);
/// It is taken out of the forge's hands, and looked for; only then it ends, with this sentence.
decision leave_forge(task& t, std::string sentence);

/// The sentence of `deployed` and `rolled_back`.
std::string landed_in_words(const task& t);

/// Whether a result with this verdict is landed without an extra word.
bool lands_without_a_word(verdict how);
/// The same of what a task has: its result, or what was rolled back.
bool lands_without_a_word(const task& t);

} // namespace persais::mechanic

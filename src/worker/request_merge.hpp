#pragma once
#include "base/clock.hpp"
#include "forge/requests.hpp"
#include "mechanic/event.hpp"
#include "worker/limits.hpp"

#include <functional>
#include <optional>
#include <string>
#include <variant>

namespace persais::worker {

/// A commit of ours that the forge is to merge.
struct request_plan {
    std::string branch;  // of the request
    std::string base;    // the branch that it is merged into
    std::string head;    // the approved commit: nothing else is merged
    std::string onto;    // what the base branch must still hold
    int known = 0;       // the number of the request that this landing has; 0: it has none yet
    bool queued = false; // it was in the base branch's merge queue when it was seen last
    std::string title, body;
    std::chrono::microseconds most{}; // that it may wait in all
    /// Has the branch end at `head`. An event: why it does not.
    std::function<awaitable<std::optional<mechanic::event>>()> offer;
    std::function<void(const std::string& sentence)> tell;
    std::chrono::nanoseconds every = limits::request_state_every;
};

struct merged_request {
    std::string commit; // the newest one that the base branch got
    std::string page;
};
using request_end = std::variant<merged_request, mechanic::event>;

/// Finds the request or opens it, and merges it as soon as the forge would; an event says what else is the case. One
/// that is merged already is found to be. `time` and `at` outlive it.
awaitable<request_end> merge_by_request(forge::requests& at, request_plan what, const clock& time);

/// The request of this branch and head that was merged already; nullopt: there is none.
awaitable<forge::outcome<std::optional<merged_request>>> merged_already(forge::requests& at, std::string branch,
                                                                        std::string base, std::string head);

/// Takes an open request out of the forge's queue. An event: it may still be merged, which is looked at again. `last`:
/// what it waited for when it was seen last.
awaitable<std::optional<mechanic::event>> taken_out(forge::requests& at, int number,
                                                    std::optional<mechanic::request_wait> last);

/// Opens a draft for a branch that has no open request. Gives its page.
awaitable<forge::outcome<std::string>> open_draft(forge::requests& at, forge::new_request what);

mechanic::event trouble_event(const forge::trouble& why);

} // namespace persais::worker

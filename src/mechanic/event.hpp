#pragma once
#include "mechanic/task.hpp"

#include <string>
#include <variant>

namespace persais::mechanic {

// What happens to a task. The driver reports it; `step` decides what follows.

/// A worker took the task: from the queue, after a wait that is over, or from a worker that died.
struct claimed {
    lease by;
};
/// The mirror is fresh, the base is known, the coder's tree exists.
struct prepared {
    std::string base;
    std::string base_branch;
    std::string branch;
    chosen_command check;
    chosen_command setup;
    int check_seconds = 0;     // timeout of one run of the checks
    bool has_work = false;     // the work in the facts (made, or a draft) is still in the mirror
    bool doubt_stands = false; // the branch is at the commit of `facts::in_doubt`
    bool is_pushed = false;    // the branch is at the commit of `facts::made`, which was to be pushed
    double took_seconds = 0;
};
/// The coder changed something and its work is in the mirror. `before` is the checks' result on the base.
struct coded {
    work made;
    check_outcome before = check_outcome::not_run;
    std::string said;
    double took_seconds = 0;
    std::vector<std::string> edits_failed = {}; // facts::edits_failed after this round
    std::vector<std::string> unmerged = {};     // facts::unmerged
};
/// The coder ended without any change to the tree.
struct coded_nothing {
    std::string said;
    double took_seconds = 0;
    std::vector<std::string> left_out = {};     // repositories inside the tree that changed; they are not this one's
    std::vector<std::string> lfs_left_out = {}; // files in LFS that changed
};
/// The change does what its repository does not allow: protected_path, link_outside or paths_collide.
struct work_refused {
    verdict how = verdict::protected_path;
    std::string path;
    std::string other = {}; // the target of the link; the path that is the same file elsewhere
    double took_seconds = 0;
};
/// Why the model did not do its work; the gateway's record decides, not the agent.
enum class model_trouble {
    key,
    credit,
    day_budget,
    month_budget,
    task_budget,
    paused, // an admin stopped all spending
    policy,
    model,
    context,
    rate,
    network,
    nonsense
};
struct model_failed {
    model_trouble why;
    std::string sentence;
    std::optional<std::chrono::seconds> retry_after = {};
    double took_seconds = 0;
    std::string budget = {}; // facts::budget after it
};
struct coder_timed_out {
    bool idle = false;
    std::string sentence;
    std::optional<work> made; // the work so far, kept as a diff
    double took_seconds = 0;
    std::vector<std::string> edits_failed = {}; // facts::edits_failed after it
};
/// The coder, or setup or a check after the change, used more of the disk than a task may.
struct over_disk {
    std::string sentence;
    std::optional<work> made = {}; // the coder's work so far, kept as a diff
    double took_seconds = 0;
    std::vector<std::string> edits_failed = {}; // facts::edits_failed after the coder
};
struct answer_given {
    std::string text;
    double took_seconds = 0;
};
struct checked {
    check_outcome how;
    std::string feedback; // the useful part of what failed or could not run, for the coder
    std::string could_not_run;
    double took_seconds = 0;
    std::string setup_failed = {};              // the guessed setup without which they ran
    std::vector<std::string> hosts_denied = {}; // that setup asked for and may not reach
};
struct pushed {
    double took_seconds = 0;
    std::optional<landed> as = {};  // what the forge made of it on the base branch; nullopt: the commit itself is there
    std::string request = {};       // the page of its request; empty: there is none
    std::string tip = {};           // of a landing that brought others with it: the last commit
    std::vector<task_id> with = {}; // those others, in order
};
/// A request is open at the forge and cannot be merged yet.
struct request_waits {
    request_wait what;
    int number = 0;
    std::string page;
    std::chrono::microseconds most{}; // that it may wait in all
};
/// The base branch takes only requests that stand on all that it holds, and this one does not.
struct request_outdated {
    int number = 0;
    std::string page;
    std::chrono::microseconds most{};
};
/// Somebody on whose word it stands has lost the right to say it, before anything was pushed.
struct right_lost {
    std::string sentence;
};
/// The commit that was to be pushed carries what looks like a credential. Nothing was pushed.
struct leaks_found {
    std::vector<leak> found;
    double took_seconds = 0;
};
/// An admin lets exactly this commit be pushed as it is; only for a task that holds it.
struct push_allowed {
    std::string commit;
    bool foreground = false; // a terminal waits for it
};
/// A person who may lets exactly this commit be brought onto the base branch; of what was rolled back, it is the commit
/// that took it back.
struct approved {
    std::string commit;
    bool anyway = false;                  // also when its checks are not green
    std::string by;                       // landing::by
    std::vector<std::string> agreed = {}; // landing::agreed
};
/// A person who may wants what this commit brought onto the base branch to be taken back.
struct roll_back_wished {
    std::string commit;
    bool anyway = false;
    std::string by;
};
/// A person puts away the result that is this commit.
struct discard_wished {
    std::string commit;
};
/// A person takes up again what was put away.
struct undiscard_wished {};
/// Whether the repository's lane is ours.
struct lane_answered {
    bool taken = false;
    std::string ahead = {}; // the commit of the landing in front, to work on top of meanwhile; empty: wait
};
/// What came of the approved commits on the base branch as it is now.
struct replayed {
    std::string onto;                        // what the base branch holds, or what is in front of it
    std::string commit;                      // made on it; equal to `onto` when nothing is left to change
    std::vector<std::string> conflicts = {}; // paths; then nothing was made
    bool same_text = true;                   // reads the same as what was approved
    diff_size size = {};
    std::string there = {};        // this commit of ours is on the base branch already: nothing has to be done
    bool by_request = false;       // the forge is to merge it
    std::optional<landed> as = {}; // what the forge made of `there`, where that is another commit
    bool solve = false;            // the agent may try to solve conflicts
    int turn = 0;                  // the number that the turn for it would have; 0: there can be none, a reply waits
    bool tip_there = false;        // with `there`: as are the commits of those that were pushed with it (landing::with)
};
/// What was seen of the deployment of what is on the base branch.
struct watched {
    std::optional<health> seen = {}; // nullopt: nobody says where to look
    bool take_back = false;          // an unhealthy one is rolled back by itself
};
/// The remote, or what is on it, prevents the work; `reason` is contract.md's word.
struct remote_trouble {
    std::string reason; // not_found, no_read, no_push, protected_branch, moved, network
    std::string sentence;
    double took_seconds = 0;
    std::optional<std::chrono::seconds> retry_after = {}; // the forge said how long it wants to be left alone
};
/// A failure of disk, database, sandbox or agent environment, which the task did not cause.
struct world_trouble {
    std::string sentence;
    bool may_pass = false; // another attempt may well succeed, so a foreground task is retried too
};
/// The worker stops on purpose and returns the task to the queue: no attempt is used up.
struct handed_back {};
struct abort_wished {};
/// The wait's time is over, or its cause is gone.
struct wait_over {};
/// Nobody decided in time; only for review.
struct review_over {};
/// A person replied to a task that had settled.
struct replied {
    int turn = 1; // the number that the reply got when it was accepted
    std::string instruction;
    bool foreground = false; // a terminal waits for this turn
};

using event =
    std::variant<claimed, prepared, coded, coded_nothing, work_refused, model_failed, coder_timed_out, over_disk,
                 answer_given, checked, pushed, remote_trouble, world_trouble, handed_back, abort_wished, wait_over,
                 review_over, replied, leaks_found, push_allowed, approved, roll_back_wished, lane_answered, replayed,
                 watched, discard_wished, undiscard_wished, request_waits, request_outdated, right_lost>;

} // namespace persais::mechanic

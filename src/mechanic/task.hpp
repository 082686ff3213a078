#pragma once
#include "base/clock.hpp"
#include "base/ids.hpp"
#include "mechanic/landing_parts.hpp"
#include "mechanic/noted_file.hpp"
#include "mechanic/verdict.hpp"

#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace persais::mechanic {

/// What a person asked for. After it was accepted only the person can change it: a higher budget, and where the next
/// turn is worked on (`foreground`).
struct order {
    enum class kind { change, question };
    kind what = kind::change;
    std::string remote;                     // URL or path, without any secret
    std::optional<std::string> base_branch; // nullopt: the branch of the remote's HEAD
    std::string instruction;
    std::optional<std::string> check; // set with the task; nullopt: found at the base commit
    std::optional<std::string> setup;
    std::string model;
    double budget_usd = 0;
    int attempts = 3;        // TASK_ATTEMPTS
    int repair_rounds = 3;   // REPAIR_ROUNDS
    bool foreground = false; // `persais run`: the task ends where one of the service would wait
    std::optional<task_id> retry_of;
    std::optional<task_id> from_answer = {}; // the question whose answer this task carries out
    std::string co_author = {}; // the person who asks, as commits name them: "Ann <ann@example.org>"; empty: not known
    bool withdrawn = false;     // `instruction` is only the beginning of what was too long, and is never worked on
    bool operator==(const order&) const = default;
};

/// The command that checks or sets up the repository, and its source: "flag", "repository", ".persais.toml",
/// "CHECK_COMMAND", "guess: pytest.ini", … Empty command: there is none.
struct chosen_command {
    std::string command;
    std::string source;
    bool operator==(const chosen_command&) const = default;
};

inline constexpr std::string_view guessed_source = "guess: ";

/// Why a task waits; the causes are in design.md's table.
enum class wait_reason {
    key,
    credit,
    day_budget,
    task_budget,
    model_away,
    remote_away,
    world,
    request,
    month_budget,
    paused
};

/// `timed_out`: the check did not end in time, which is not green and, before the change, not red either.
enum class check_outcome { not_run, green, red, could_not_run, timed_out };

struct diff_size {
    int files = 0;
    int insertions = 0;
    int deletions = 0;
    bool operator==(const diff_size&) const = default;
};

/// What the coder made, as a commit in the trusted mirror. It outlives the sandbox and the process.
struct work {
    std::string commit;                 // 40 hex digits, or 64
    diff_size size;                     // relative to the commit that the turn works on
    int round = 0;                      // the round that made it
    diff_size whole = {};               // relative to the base: all turns together
    std::vector<noted_file> noted = {}; // of all turns together; limits::noted_kept at most
    bool operator==(const work&) const = default;
};

struct seconds_spent {
    double preparing = 0, coding = 0, checking = 0, publishing = 0;
    bool operator==(const seconds_spent&) const = default;
};

/// The result of the turns before, on the branch. A turn works on top of it, and when the turn comes to nothing this is
/// still the result.
struct standing {
    work made; // its commit is the last one that we pushed
    verdict how = verdict::ready;
    check_outcome before = check_outcome::not_run;
    check_outcome after = check_outcome::not_run;
    std::string could_not_run;
    std::string feedback;
    std::vector<std::string> edits_failed = {}; // as facts::edits_failed
    bool operator==(const standing&) const = default;
};

/// Why the newest turn came to nothing, while the earlier result stands.
struct setback {
    verdict how = verdict::no_change;
    std::string reason; // contract.md's word, or empty
    std::string sentence;
    bool operator==(const setback&) const = default;
};

/// What looks like a credential in a change. It never has more of the secret than its first characters.
struct leak {
    std::string path;
    int line = 0; // 0: the file itself
    std::string rule;
    std::string about; // one sentence
    std::string shown; // "ghp_…"
    bool operator==(const leak&) const = default;
};

/// Work that is done, and not pushed because of what it seems to carry.
struct held {
    standing what;
    std::vector<leak> found;
    bool operator==(const held&) const = default;
};

/// Nobody asked: what was deployed was not healthy.
inline constexpr std::string_view by_health = "health";

/// Approved work on its way onto the base branch, or landed work on its way out of it: what a person asked for, and how
/// far it came.
struct landing {
    enum class kind { deploy, roll_back, deploy_again }; // the last one takes a rollback back
    kind what = kind::deploy;
    std::string commit;                   // which the person was shown; it acts on this one and no other
    bool anyway = false;                  // the extra word of an admin: also when the checks are not green
    std::string by;                       // who asked, for the audit: "terminal", a person's number, or `by_health`
    std::vector<std::string> agreed = {}; // who agreed to the deploy, `by` among them; empty: an earlier version's
    time_point asked{};                   // whoever asked first goes first; also the date of the commit that is made
    landing_step step = landing_step::lane;
    int tries = 0;    // pushes that found the branch moved
    int looks = 0;    // in vain: at a remote that is away, or for what became of a push
    std::string onto; // the commit of the base branch that `made` is made on; empty: not looked yet
    std::string made; // the commit that is pushed; empty: there is none yet
    bool same_text = true;
    diff_size size; // of `made`, relative to `onto`
    check_outcome after = check_outcome::not_run;
    bool in_doubt = false;       // `made` may have been pushed: the next look finds out
    bool withdrawn = false;      // taken back while it may have been pushed already: only that is found out
    std::optional<landed> there; // is on the base branch, and is looked at until it is seen healthy
    time_point there_since{};
    bool by_request = false;              // not pushed: the forge merges it, by a pull or merge request
    int request = 0;                      // its number at the forge; 0: none is known
    std::vector<std::string> offered;     // commits of ours that the branch of a rollback's request may be at
    std::optional<request_wait> waits_on; // what the request waits for
    time_point waits_since{};
    bool beside = false;           // it works without the lane, on top of `ahead`
    std::string ahead;             // the commit, of the landing in front, that it was last tried on top of
    std::optional<task_id> joined; // the landing that pushes `made` together with its own, or did: then it is in doubt
    std::vector<task_id> with;     // the landings whose commits were pushed with this one's, in order
    std::string tip;               // the last of those commits; empty: `made` alone was pushed
    std::optional<front_outcome> front; // what `joined` came to, once that is known; the database sets it
    bool unwatched = false;             // a rollback of several: the last one of them is looked at
    bool operator==(const landing&) const = default;
};

/// What is known of a task in any state. From `attempts_used` on, and in the checks' results, it is about the newest
/// turn.
struct facts {
    int turn = 0;      // 0: the order itself; each reply that is begun has a higher number
    std::string asked; // the reply that this turn is about; empty in turn 0, which has the order's instruction
    std::optional<standing> stands;   // nullopt: nothing was pushed yet
    std::optional<std::string> draft; // commit of a turn that ran out of time; the next turn continues from it
    std::optional<setback> came_to_nothing;
    std::optional<held> held_back;    // under the verdict secret_found
    std::string anyway;               // the commit that an admin lets be pushed as it is; empty: none
    std::optional<landing> lands;     // under way
    std::optional<landed> on_base;    // of the newest landing
    std::string not_landed;           // why the newest landing came to nothing, or was taken back by itself: sentences
    std::optional<health> seen;       // of what the newest landing brought; nullopt: it is not watched
    std::string request;              // the page of the newest pull or merge request of the task
    bool landing_unknown = false;     // it ended without a look at the branch, which may have it after all
    bool branch_moved = false;        // when last looked at, the branch was not there, or had others' work
    std::optional<standing> in_doubt; // of a turn that ended while it pushed: its commit may be on the branch
    std::string base;                 // commit of the base branch that all turns are based on; empty before `prepared`
    check_outcome base_checks = check_outcome::not_run; // at `base`; a later turn's `before` is about the turn before
    std::string base_branch;
    std::string branch; // mechanic/<id>-<slug>
    time_point dated{}; // the date of its commits, so that a repeated step makes the same bytes
    chosen_command check;
    chosen_command setup;
    int check_seconds = 0; // timeout of one run of the checks; 0: stored by a version that did not set it
    check_outcome before = check_outcome::not_run;
    check_outcome after = check_outcome::not_run;
    std::string could_not_run;             // why the checks could not, for a person
    std::string setup_failed;              // the guessed setup without which the checks ran, because it failed
    std::vector<std::string> hosts_denied; // hosts with their ports that setup asked for and may not reach
    std::string feedback; // what failed when the checks were last red: for the coder's next round, and for people
    std::string said;     // the coder's last words to the person
    /// Paths of edits that the coder meant, could not apply, and did not repair; "": of no known path.
    std::vector<std::string> edits_failed;
    int attempts_used = 0;
    int rounds_used = 0; // repair rounds begun
    std::optional<work> made;
    std::string budget; // that was used up, and when it is free again: a sentence; empty: the task's or none
    std::optional<wait_reason> told;   // the cause that the person was told about, to tell it only once
    std::optional<verdict> decided;    // what the task will be published as; set from `checking` on
    std::vector<std::string> unmerged; // paths that still have marks of conflicts after the newest round
    bool conflict_tried = false;       // the agent had its turn at a conflict of the result, or of what it brought
    /// One while the result is made anew on what the base branch holds now, which nobody asked for; else none. These
    /// are the facts, with the landing, as they were: the task is that again when nothing comes of it.
    std::vector<facts> was;
    seconds_spent seconds;
    bool operator==(const facts&) const = default;
};

struct lease {
    fence held;
    time_point until{};
    bool operator==(const lease&) const = default;
};

// The states (design.md, "The task's states"). Each owns exactly its data; the table's CHECKs say the same.
struct queued {
    time_point not_before{};
    bool operator==(const queued&) const = default;
};
struct preparing {
    int attempt = 1;
    lease by;
    bool operator==(const preparing&) const = default;
};
struct coding {
    int attempt = 1;
    int round = 0;
    lease by;
    bool operator==(const coding&) const = default;
};
struct checking {
    int attempt = 1;
    int round = 0;
    lease by;
    bool operator==(const checking&) const = default;
};
struct publishing {
    int attempt = 1;
    std::string commit;
    lease by;
    bool operator==(const publishing&) const = default;
};
struct answering {
    int attempt = 1;
    lease by;
    bool operator==(const answering&) const = default;
};
struct review {
    std::string commit;
    verdict how = verdict::ready;
    bool operator==(const review&) const = default;
};
/// Whoever has the repository's lane has it with this lease; who has not, works beside it and pushes nothing.
struct deploying {
    int attempt = 1;
    int moves = 0;      // steps that were taken under this lease
    std::string commit; // the approved one
    lease by;
    bool operator==(const deploying&) const = default;
};
struct deployed {
    std::string commit; // on the base branch
    bool operator==(const deployed&) const = default;
};
struct rolling_back {
    int attempt = 1;
    int moves = 0;
    std::string commit; // the one on the base branch
    lease by;
    bool operator==(const rolling_back&) const = default;
};
struct rolled_back {
    std::string commit; // that took it back
    bool operator==(const rolled_back&) const = default;
};
/// A person put the result away; it can be taken up again for as long as its commit is kept.
struct discarded {
    std::string commit;
    bool operator==(const discarded&) const = default;
};
struct waiting {
    wait_reason why = wait_reason::key;
    time_point until{};   // the time of the next attempt
    time_point give_up{}; // the time at which it is given up
    bool operator==(const waiting&) const = default;
};
struct failed {
    verdict how = verdict::no_change;
    std::string reason; // contract.md's word, or empty
    std::string sentence;
    bool operator==(const failed&) const = default;
};
struct aborted {
    bool operator==(const aborted&) const = default;
};
struct parked {
    std::string sentence;
    bool operator==(const parked&) const = default;
};
struct expired {
    bool operator==(const expired&) const = default;
};
struct answered {
    bool operator==(const answered&) const = default;
};

using state = std::variant<queued, preparing, coding, checking, publishing, answering, review, waiting, failed, aborted,
                           parked, expired, answered, deploying, deployed, rolling_back, rolled_back, discarded>;

struct task {
    task_id id;
    order what;
    facts known;
    state now;
    bool operator==(const task&) const = default;
};

std::string_view to_string(wait_reason why);
std::optional<wait_reason> wait_reason_from(std::string_view text);
std::string_view to_string(landing::kind what);
std::optional<landing::kind> landing_kind_from(std::string_view text);
std::string_view to_string(request_need what);
std::optional<request_need> request_need_from(std::string_view text);
std::string_view to_string(landing_step at);
std::optional<landing_step> landing_step_from(std::string_view text);
std::string_view to_string(check_outcome how);
std::optional<check_outcome> check_outcome_from(std::string_view text);

/// Whether the task was taken back before it was begun, and nothing was asked of it since.
bool is_withdrawn(const task& t);
/// What the newest turn is about, in the person's words.
const std::string& instruction_of(const task& t);
/// The commit that a running turn works on, the parent of its commit. The branch must still be at it, but for a turn
/// that solves a conflict: then at `facts::stands`.
const std::string& ground_of(const facts& k);

/// What is on the task's branch at the remote, as far as is known; nullptr: nothing was pushed. It stays there when the
/// task ends in another way, and while its next turn is under way.
const work* pushed_work(const task& t);
/// A push was begun and its outcome is not known: the next turn finds it out.
bool push_in_doubt(const task& t);

/// What the task's branch at the remote held when it was last looked at. `nothing`: no push was begun, or it was
/// refused. `ours`: what `pushed_work` names. `unknown`: a push was begun, and nobody saw what came of it. `not_ours`:
/// it was deleted there, or holds work of somebody else.
enum class branch_seen { nothing, ours, unknown, not_ours };
branch_seen seen_of_branch(const task& t);
std::string_view to_string(branch_seen what);

/// Whether the turn is about the conflict of a landing: it works on the base branch as it is now, and replaces what is
/// on the task's branch instead of going on from it.
bool solves_conflict(const facts& k);
/// A result that is made anew may have been pushed: the next look at its branch finds out.
bool anew_in_doubt(const facts& k);

/// Whether an abort changes anything: a landing that was withdrawn goes on only to find out what was pushed.
bool obeys_abort(const task& t);

/// What was made in this turn, as it stands on the branch: `made` has a value.
standing standing_of(const facts& k, verdict how);

/// "queued", "preparing", …: the spelling of the table and of contract.md.
std::string_view name_of(const state& s);
/// The lease of a state in which a worker works, nullptr for any other.
const lease* lease_of(const state& s);
/// The attempt, and the repair round, of a state in which a worker works; nullopt: the state has none.
std::optional<int> attempt_of(const state& s);
std::optional<int> round_of(const state& s);
/// What tells states of one name under one fence apart, so that a write which comes late changes nothing: the round, or
/// the steps of a landing.
std::optional<int> sequence_of(const state& s);
/// Only a person can change it any more, no other event.
bool is_final(const state& s);
/// Final, or in review: no more work follows by itself.
bool is_settled(const state& s);

// For code that distinguishes states. A visit with `each_state` names every state, so that a new one does not compile
// until each place has decided. There is no branch for the others; states with the same answer share one: [](const
// one_of<failed, parked> auto& s) { return s.sentence; }
template <class... F>
struct each_state : F... {
    using F::operator()...;
};
template <class S, class... States>
concept one_of = (std::same_as<S, States> || ...);

/// The state of this name, without data; nullopt: one of a newer version.
std::optional<state> state_from(std::string_view name);

/// In the order of the variant.
std::vector<std::string> state_names();

} // namespace persais::mechanic

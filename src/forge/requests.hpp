#pragma once
#include "base/clock.hpp"
#include "forge/client.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace persais::forge {

/// A pull or merge request.
struct request {
    enum class state { open, closed, merged };
    int number = 0;
    std::string page; // for people
    std::string id;   // the forge's own, where its number is not enough
    state now = state::open;
    bool draft = false;
    std::string head;      // the commit that its branch ends at
    std::string merged_as; // the newest commit that it brought onto the base branch; empty: it is not merged
    std::string title;
    std::string merge_info; // the forge's own word, which `readiness_of` reads; empty where a list has none
};

/// Whether the forge would merge a request as it is now.
enum class readiness {
    ready,
    unknown,  // the forge is finding that out
    conflict, // it changes what the base branch changed too
    blocked,  // something that the branch requires is missing: `obstacle` says what
    outdated, // the base branch takes only what stands on all that it has
};

/// What keeps a request from being merged.
struct obstacle {
    enum class kind {
        none,           // nothing that can be seen
        red,            // a required check failed
        checks,         // a required check is running or has not come yet
        runs,           // a person has to let the workflows of the branch run
        changes_wanted, // a reviewer wants changes
        review,         // approvals are missing, or another rule of the branch is not kept
        discussions,    // somebody's words at the request have to be answered and resolved
        queue,          // it stands in the forge's own queue, which merges it in its turn
        policy,         // another rule: the subject says which
    };
    kind what = kind::none;
    std::string subject;                              // the checks' names; the reviewer's; a rule, in words
    std::string page;                                 // where a person sees to it; empty: the request's own
    std::optional<std::chrono::minutes> running = {}; // for so long
};

/// Why a request to the forge came to nothing.
struct trouble {
    enum class kind {
        away,     // no answer, or "later": whether it was carried out is not known
        denied,   // the token may not
        refused,  // the forge does not do it
        moved,    // a branch changed meanwhile
        outdated, // the base branch takes only what stands on all that it has
        queued,   // the forge took it, and merges it in its turn
    };
    kind what = kind::away;
    std::string sentence; // the forge's name and words, never the token
    std::optional<std::chrono::seconds> retry_after = {};
};
template <class T>
using outcome = result<T, trouble>;

struct new_request {
    std::string branch, base;
    std::string title, body;
    bool draft = false;
};

/// How the merging of a request stands that the forge carries out by itself.
struct merging {
    enum class state {
        merged,    // `commit` is what the base branch got
        under_way, // the forge is at it; `id`, where there is one, is asked about with merging_of()
        over,      // the request says what came of it
    };
    state now = state::merged;
    std::string commit;
    std::string id;
};

/// A request and the queue that merges into its base branch.
struct queue_place {
    bool required = false; // the base branch takes requests from its queue alone
    bool in = false;       // the request is in it
    int position = 0;      // from 1; 0: the forge does not say
    std::string thrown;    // why it was taken out the last time; empty: never, or the forge does not say
};

/// What a forge says of a deployment, or of what has to run for one.
struct deployment_seen {
    enum class state {
        nothing,
        under_way,
        well,
        unwell,
        cancelled, // nothing else of it is under way, and it says nothing of the commit
    };
    state how = state::nothing;
    std::string commit;  // that is deployed; empty: the one that was asked about
    std::string subject; // the environment, or the names of what runs
    std::string page;
};
struct deployment_question {
    std::string commit;
    std::string branch;      // where the commit is
    std::string environment; // empty: all that runs for the commit on that branch
};

/// "The forge knows nothing like that here."
std::unexpected<trouble> not_known_here();

/// The requests of one repository. Nothing is repeated here. Used from one executor.
class requests {
public:
    virtual ~requests() = default;
    /// "GitHub", for people.
    virtual std::string_view name() const = 0;
    virtual readiness readiness_of(const request& which) const = 0;
    /// Those of a branch of the repository into another, in whatever state; the newest first, and only the newest.
    virtual awaitable<outcome<std::vector<request>>> of_branch(std::string branch, std::string base) = 0;
    virtual awaitable<outcome<request>> open(new_request what) = 0;
    virtual awaitable<outcome<request>> read(int number) = 0;
    virtual awaitable<outcome<void>> end_draft(request which) = 0;
    /// The commit of a branch, at the forge itself.
    virtual awaitable<outcome<std::string>> tip_of(std::string branch) = 0;
    /// Why an open request is `blocked`.
    virtual awaitable<outcome<obstacle>> obstacle_to(request which, std::string base, time_point now) = 0;
    /// The ways of merging that the repository allows, the best first.
    virtual awaitable<outcome<std::vector<std::string>>> ways_to_merge() = 0;
    /// Merges it if its branch still ends at `which.head`. Gives the commit that the base branch got.
    virtual awaitable<outcome<std::string>> merge(request which, std::string way) = 0;

    // What not each forge has. A kind of forge that does not override one of these lacks it.

    /// As merge(), for forges that merge while nobody waits. One that is asked for twice is merged once.
    virtual awaitable<outcome<merging>> begin_merge(request which, std::string way);
    /// What became of it; `id` as begin_merge() gave it.
    virtual awaitable<outcome<merging>> merging_of(request which, std::string id);
    virtual awaitable<outcome<queue_place>> place_in_queue(request which);
    /// Puts it into the queue of its base branch if its branch still ends at `which.head`.
    virtual awaitable<outcome<void>> enqueue(request which);
    /// Takes it out again; one that is in no queue is left as it is.
    virtual awaitable<outcome<void>> leave_queue(request which);
    /// Closes an open request, and opens a closed one again. One that is so already is left as it is.
    virtual awaitable<outcome<void>> close(int number);
    virtual awaitable<outcome<void>> reopen(int number);
    /// Writes a comment once: `mark`, a word of letters, digits and `-`, stands in it where people do not see it, and
    /// where the request has a comment with it already, nothing is written.
    virtual awaitable<outcome<void>> comment(int number, std::string text, std::string mark);
    virtual awaitable<outcome<deployment_seen>> deployment_of(deployment_question about);
    /// Whether deployment_of() knows anything.
    virtual bool tells_deployments() const { return false; }
    /// A sentence for people about the repository that came up, such as that it was renamed; each is given once.
    virtual std::string take_notice() { return {}; }
};

std::unique_ptr<requests> make_requests(place at, const secret& token, fetcher fetch);

} // namespace persais::forge

#pragma once
#include "base/clock.hpp"
#include "forge/client.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
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
    std::string head;       // the commit that its branch ends at
    std::string merged_as;  // the newest commit that it brought onto the base branch; empty: it is not merged
    std::string merge_info; // what `readiness_of` reads; empty where a list has it
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
    };
    kind what = kind::none;
    std::string subject;                              // the checks' names; the reviewer's
    std::string page;                                 // where a person sees to it; empty: the request's own
    std::optional<std::chrono::minutes> running = {}; // for so long
};

/// Why a request to the forge came to nothing.
struct trouble {
    enum class kind {
        away,    // no answer, or "later": whether it was carried out is not known
        denied,  // the token may not
        refused, // the forge does not do it
        moved,   // a branch changed meanwhile
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

/// The requests of one repository. Nothing is repeated here. Used from one executor.
class requests {
public:
    virtual ~requests() = default;
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
};

readiness readiness_of(const request& which);

/// nullptr: the requests of this kind of forge are not known here.
std::unique_ptr<requests> make_requests(place at, const secret& token, fetcher fetch);

} // namespace persais::forge

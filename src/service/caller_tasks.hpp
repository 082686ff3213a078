#pragma once
#include "base/secret.hpp"
#include "queue/listing.hpp"
#include "service/caller.hpp"
#include "service/known_repositories.hpp"
#include "service/tasks.hpp"

#include <functional>

namespace persais::service {

/// A key that the caller chose for a request, so that it can be sent once more and is done once; `digest`: of all that
/// the request says, in hex.
struct request_key {
    std::string key, digest;
};

/// What a caller of the API has done with tasks, and who may: the rules are those of `tasks` and access.hpp. Functions
/// throw store::db_error.
class caller_tasks {
public:
    /// All of it outlives this object. `wake`: workers have something to look at.
    caller_tasks(store::pool& db, tasks& rules, queue::requests& queue, const known_repositories& repositories,
                 const clock& time, std::function<void()> wake)
        : db_(db), rules_(rules), queue_(queue), repositories_(repositories), time_(time), wake_(std::move(wake)) {}

    struct seen {
        queue::snapshot row;
        role here = role::stranger;
        relation is = relation::none; // never none
    };
    /// The task, if they may look at it.
    awaitable<answer<seen>> look(const caller& who, task_id id);

    struct page {
        std::vector<queue::summary> tasks;  // the newest first
        std::optional<task_id> before = {}; // where the next page begins; nullopt: this is the last
    };
    /// Those that they may look at. `what.giver` is not looked at.
    awaitable<page> list(const caller& who, queue::page_filter what);

    struct wish {
        mechanic::order::kind what = mechanic::order::kind::change;
        std::string instruction;
        std::string repository = {}; // its short name or address; empty: GIT_REMOTE_URL
        std::optional<std::string> base_branch = {}, check = {}, setup = {}, model = {};
        std::optional<double> budget_usd = {};
    };
    struct submitted {
        task_id id;
        int turn = 0;       // of a reply
        bool again = false; // by an earlier request with this key
    };
    awaitable<answer<submitted>> submit(const caller& who, wish what, std::optional<request_key> key);
    awaitable<answer<submitted>> reply(const caller& who, task_id id, std::string instruction,
                                       std::optional<request_key> key);
    awaitable<answer<abort_end>> abort(const caller& who, task_id id, std::string shown);
    /// As tasks::retry; a new task counts among those of the person that wait.
    awaitable<answer<submitted>> retry(const caller& who, task_id id, std::optional<request_key> key);
    /// `code`: of an authenticator app, where one is needed; else empty.
    awaitable<answer<tasks::landing_begun>> land(const caller& who, task_id id, bool back, tasks::landing_wish wish,
                                                 secret code);
    awaitable<answer<void>> discard(const caller& who, task_id id, bool back, std::string commit);
    awaitable<answer<void>> raise_budget(const caller& who, task_id id, double usd);

private:
    awaitable<answer<std::optional<submitted>>> earlier(const caller& who, std::optional<request_key> key);
    awaitable<answer<mechanic::order>> order_of(const caller& who, wish what);
    awaitable<answer<submitted>> add(const caller& who, mechanic::order order, std::optional<request_key> key);
    awaitable<answer<void>> may_let_one_wait(const caller& who);
    awaitable<answer<void>> prove(const caller& who, secret code);
    const config::settings& settings() const { return rules_.settings(); }

    store::pool& db_;
    tasks& rules_;
    queue::requests& queue_;
    const known_repositories& repositories_;
    const clock& time_;
    std::function<void()> wake_;
};

} // namespace persais::service

#pragma once
#include "queue/tasks.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace persais::world {

/// The tables of the queue as PostgreSQL keeps them, in memory: each function is one statement of queue::pg_tasks, with
/// its row counts, its order, its CHECKs (db_error 23514) and its own clock. The tests in tests/contract run on both.
class store_model {
public:
    explicit store_model(std::function<time_point()> clock) : now(std::move(clock)) {}

    struct row {
        mechanic::task task;
        fence at;
        time_point changed{};
        std::optional<time_point> lease_until;
        std::string lease_owner;
        std::int64_t lease_claim = 0;
        bool abort_wished = false;
        std::string conversation = "[]";
        std::vector<std::string> approved_by = {}, plainly_by = {};
        bool unusable = false; // read by a version that does not know its state
    };
    struct turn {
        queue::reply what;
        time_point at{};
        std::string state = "kept"; // kept, begun, dropped
    };
    struct told {
        task_id task;
        std::string body;
        int change = 0; // the change in whose transaction it was committed
    };
    struct noted {
        task_id task;
        fence at;
        std::string kind, text;
    };
    /// One state that was stored.
    struct change {
        int number = 0;
        std::string owner;
        bool claim = false;
        row before;
        row after;
        int told = 0; // number of outbox rows that were committed with it
    };
    struct written {
        queue::snapshot was;
        mechanic::task next;
        bool claim = false;
        queue::side_writes also;
        std::vector<queue::tasks::line> said;
    };

    task_id add(mechanic::order what, std::string conversation = "[]");
    std::optional<queue::snapshot> load(task_id id) const;
    std::optional<queue::snapshot> claimable(std::optional<task_id> only) const;
    /// What claimable() gives when each is claimed before the next is asked for.
    std::vector<task_id> claimable_in_turn(int most) const;
    void set_aside(task_id id, std::chrono::seconds for_this_long);
    queue::tasks::outlook next_due(bool count) const;
    bool write(const written& what, const std::string& owner, std::chrono::milliseconds ttl);
    std::vector<queue::snapshot> claim_new(int most, mechanic::preparing to, std::int64_t number,
                                           const std::vector<std::int64_t>& lost, const std::string& owner,
                                           std::chrono::milliseconds ttl);
    queue::tasks::renewed renew(task_id id, fence at, const std::string& owner, std::chrono::milliseconds ttl);
    queue::leases::lane take_lane(task_id id, fence at);
    std::vector<queue::leases::joined> join_landings(task_id id, fence at);
    bool wish_abort(task_id id);
    std::vector<task_id> abort_wished_of(const std::vector<task_id>& ids) const;
    int wake(const std::vector<mechanic::wait_reason>& causes);
    queue::landing_record landing_record_of(task_id id) const;
    bool approve(task_id id, const std::string& commit, const std::string& by, bool anyway);
    bool keep_reply(task_id id, const queue::reply& what);
    void drop_replies(task_id id);
    std::vector<queue::reply> turns_of(task_id id) const;
    std::vector<task_id> turns_to_begin() const;
    bool raise_budget(task_id id, double usd);
    std::vector<task_id> reviews_before(time_point then) const;
    void note(task_id id, fence at, const std::vector<queue::tasks::line>& lines);

    std::function<time_point()> now;
    std::function<void()> notify = [] {};                        // NOTIFY on queue::channel
    std::function<void(const change&)> on_change = [](auto&) {}; // called after each state that was stored
    /// Called for a state that a CHECK refuses: no worker that is right asks for one.
    std::function<void(const change&, const std::string&)> on_refused = [](auto&, auto&) {};

    std::map<task_id, row> rows;
    std::map<task_id, std::map<int, turn>> turns; // by their numbers
    std::map<std::string, task_id> landings;      // by remote: whose landing has the lane, or had it last
    std::map<std::string, time_point> lane_taken; // and since when
    std::vector<told> outbox;
    std::vector<noted> events;

private:
    queue::snapshot read(const row& r) const;
    std::optional<task_id> next_claimable() const;
    std::optional<task_id> head_of_queue() const;
    bool lane_is_free_for(task_id id, fence at);
    bool goes_on(const row& r) const;
    void landing_over(const std::string& remote);
    void landing_moved(const change& made);
    void landing_front(const change& made);

    std::map<std::string, time_point> lanes_;
    std::int64_t last_id_ = 0;
    int changes_ = 0;
};

/// The name of a CHECK that the row violates; nullopt: none.
std::optional<std::string> broken_check(const store_model::row& r);

} // namespace persais::world

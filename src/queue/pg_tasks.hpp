#pragma once
#include "queue/saves.hpp"
#include "queue/tasks.hpp"

namespace persais::queue {

/// The tasks in PostgreSQL. Times are those of the server.
class pg_tasks : public tasks {
public:
    /// `owner` names this process in the table; no other process may use the same name. `db` must outlive this object.
    pg_tasks(store::pool& db, std::string owner, std::chrono::milliseconds lease_ttl);

    awaitable<task_id> add(mechanic::order what, std::string conversation = "[]") override;
    awaitable<std::optional<snapshot>> load(task_id id) override;
    awaitable<std::optional<snapshot>> claimable(std::optional<task_id> only = {}) override;
    awaitable<void> set_aside(task_id id, std::chrono::seconds for_this_long) override;
    awaitable<outlook> next_due(bool count = true) override;
    awaitable<seen> look(std::vector<task_id> held, int slots, bool count) override;
    awaitable<renewed> renew(task_id id, fence at) override;
    awaitable<lane> take_lane(task_id id, fence at) override;
    awaitable<std::vector<joined>> join_landings(task_id id, fence at) override;
    awaitable<bool> wish_abort(task_id id) override;
    awaitable<std::vector<task_id>> abort_wished_of(std::vector<task_id> ids) override;
    awaitable<int> wake(std::vector<mechanic::wait_reason> causes) override;
    awaitable<landing_record> landing_record_of(task_id id, std::string by) override;
    awaitable<bool> approve(task_id id, std::string commit, std::string by, bool anyway) override;
    awaitable<bool> keep_reply(task_id id, reply what) override;
    awaitable<void> drop_replies(task_id id) override;
    awaitable<std::vector<reply>> turns_of(task_id id) override;
    awaitable<std::vector<task_id>> turns_to_begin() override;
    awaitable<bool> raise_budget(task_id id, double usd) override;
    awaitable<std::vector<task_id>> reviews_before(time_point then) override;
    awaitable<void> note(task_id id, fence at, std::vector<line> lines) override;
    std::chrono::milliseconds lease_ttl() const override { return ttl_; }
    const std::string& owner() const override { return owner_; }

protected:
    awaitable<bool> write(change what) override;
    awaitable<std::vector<snapshot>> write_claims(claim_of_new what) override;

private:
    store::pool& db_;
    saves saves_{db_, saves::kept::surely};
    saves claims_{db_, saves::kept::unless_the_server_crashes}; // decision 0058
    std::string owner_;
    std::chrono::milliseconds ttl_;
};

} // namespace persais::queue

#pragma once
#include "base/background.hpp"
#include "world/store_model.hpp"

namespace persais::world {

/// What may happen to a statement on its way to the store and back.
class wire {
public:
    virtual ~wire() = default;
    /// Executes `statement` at the store, later or never. Returns when its answer has arrived; throws db_error when it
    /// does not (08007: its outcome is unknown). `what` names the statement.
    virtual awaitable<void> send(const char* what, std::function<void(store_model&)> statement) = 0;
};

/// The queue::leases and queue::requests of one process, on the model.
class model_tasks final : public queue::tasks {
public:
    /// `way` outlives us.
    model_tasks(wire& way, std::string owner, std::chrono::milliseconds lease_ttl)
        : way_(way), owner_(std::move(owner)), ttl_(lease_ttl) {}

    awaitable<task_id> add(mechanic::order what, std::string conversation = "[]") override;
    awaitable<std::optional<queue::snapshot>> load(task_id id) override;
    awaitable<std::optional<queue::snapshot>> claimable(std::optional<task_id> only = {}) override;
    awaitable<void> set_aside(task_id id, std::chrono::seconds for_this_long) override;
    awaitable<outlook> next_due(bool count = true) override;
    awaitable<seen> look(std::vector<task_id> held, int slots, bool count) override;
    awaitable<renewed> renew(task_id id, fence at) override;
    awaitable<lane> take_lane(task_id id, fence at) override;
    awaitable<std::vector<joined>> join_landings(task_id id, fence at) override;
    awaitable<bool> wish_abort(task_id id) override;
    awaitable<std::vector<task_id>> abort_wished_of(std::vector<task_id> ids) override;
    awaitable<int> wake(std::vector<mechanic::wait_reason> causes) override;
    awaitable<queue::landing_record> landing_record_of(task_id id, std::string by) override;
    awaitable<bool> approve(task_id id, std::string commit, std::string by, bool anyway) override;
    awaitable<bool> keep_reply(task_id id, queue::reply what) override;
    awaitable<void> drop_replies(task_id id) override;
    awaitable<std::vector<queue::reply>> turns_of(task_id id) override;
    awaitable<std::vector<task_id>> turns_to_begin() override;
    awaitable<bool> raise_budget(task_id id, double usd) override;
    awaitable<std::vector<task_id>> reviews_before(time_point then) override;
    awaitable<void> note(task_id id, fence at, std::vector<line> lines) override;
    std::chrono::milliseconds lease_ttl() const override { return ttl_; }
    const std::string& owner() const override { return owner_; }

protected:
    awaitable<bool> write(change what) override;
    awaitable<std::vector<queue::snapshot>> write_claims(claim_of_new what) override;

private:
    template <class F>
    awaitable<std::invoke_result_t<F, store_model&>> ask(const char* what, F statement);

    wire& way_;
    std::string owner_;
    std::chrono::milliseconds ttl_;
};

} // namespace persais::world

#pragma once
#include "base/heap.hpp"
#include "base/model_name.hpp"
#include "base/turns.hpp"
#include "http/server.hpp"
#include "llm/dialect.hpp"
#include "llm/ledger.hpp"
#include "llm/models.hpp"
#include "llm/outcome.hpp"
#include "llm/rewrite.hpp"

#include <list>
#include <map>
#include <set>

namespace persais::llm {

/// One task's agent, from `begin` to `end`.
struct session {
    explicit session(const asio::any_io_executor& executor) : old_listed(executor) {}
    session_spec spec;
    secret token;
    std::chrono::steady_clock::time_point deadline;
    std::chrono::steady_clock::time_point heard; // the newest sign of life: of the model, or the agent's newest call
    last_failure failure;
    bool failure_may_have_cost = false;
    std::optional<call_error> closed;                  // told to each later call
    std::set<http::responder*> answering;              // calls under way, cut by `end`
    std::map<std::int64_t, http::responder*> reserved; // those of them that are with the endpoint
    event old_listed; // what a crash left was looked for: calls from now on are not taken for it

    /// Until the agent is ended, if nothing is heard of the model.
    std::chrono::milliseconds left() const {
        auto end = spec.idle.count() > 0 ? std::min(deadline, heard + spec.idle) : deadline;
        return std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    }
    /// Bytes of an answer, or of an endpoint that says that it is at work on one (comments, white space). Not so
    /// errors, and tries and waits after them: an endpoint that fails and fails would keep a task for ever.
    void alive() {
        heard = std::chrono::steady_clock::now();
        if (spec.alive) spec.alive();
    }
    /// Whether a call of this model decides what the task came to: a call of its second model does not.
    bool is_decided_by(std::string_view model) const { return model == plain_model(spec.model); }
    /// When calls that failed have used the budget up, their cause stays: that is why the work failed, not the budget.
    void failed(const call_error& t) {
        if (closed) return;
        if (t.of_budget() && failure_may_have_cost) return;
        failure = {t.why, t.sentence, t.retry_after, t.budget};
        failure_may_have_cost = !t.of_budget() && !t.free();
    }
    void succeeded() {
        if (closed) return;
        failure = {};
        failure_may_have_cost = false;
    }
    /// All its calls are cut, and each later one is told this.
    void cut_all(call_error why);
    /// One of its calls came dearer than anything that was reserved for it: nothing more may be spent. The other calls
    /// are cut; what they had cost by then is counted.
    void close(std::int64_t dear_call, call_error why);
};

/// What the calls of a gateway share. Held by each coroutine; `db` and `time` are the ones that must outlive it.
struct core : std::enable_shared_from_this<core> {
    core(const asio::any_io_executor& e, store::pool& db, const clock& time, upstream w, gateway_options o)
        : executor(e), where(std::move(w)), options(std::move(o)), client(e, where.ca_file), books(db, time),
          catalogue(e, client, where), line(e), spare(e) {}

    asio::any_io_executor executor;
    upstream where;
    std::vector<secret>
        keys_before; // the answers to calls under way may repeat one, and it is masked as the present one is
    gateway_options options;
    http::client client;
    ledger books;
    models catalogue;
    /// Of calls that have something to read. The lease of a task is renewed between any two of them.
    turns line;
    spare_memory spare;
    int renewals = 0; // how often `where` was replaced: what a call under way learns belongs to the one before
    std::map<std::string, dialect> dialects; // by model
    std::list<std::shared_ptr<session>> sessions;
    std::set<std::int64_t> under_way; // calls that are being answered
    std::set<std::int64_t> settling;  // calls that were cut, whose cost is being asked for
    std::list<cancel_handle> background;
    bool closed = false;
    bool paused = false;   // as far as this process knows; a reservation finds out that it is over, or is not
    bool watching = false; // whether spending is paused, while calls are under way

    std::set<std::int64_t> ours() const {
        auto all = under_way;
        all.insert(settling.begin(), settling.end());
        return all;
    }

    /// Without any key of ours: an endpoint may repeat it in its error.
    std::string masked(std::string text) const {
        for (const auto& key : keys_before)
            text = without(std::move(text), key);
        return without(std::move(text), where.key);
    }

    /// A coroutine that `close` cancels. Nothing starts after it.
    void start(std::string name, awaitable<> work);
    void set_paused(bool now);
    /// All calls under way are cut, and each later one of their sessions is refused: nothing is spent any more.
    void pause();
    /// Looks now and then whether spending is paused, until no call is under way.
    void watch_pause();
    void close();
    /// What a call needed and needs no more.
    void give_back_soon() {
        if (!closed) spare.give_back_soon();
    }
};

/// Settles a call whose end nobody saw: by /generation when the endpoint named it, else at its reservation.
/// Until then it counts at its reservation. Left as it is when the gateway closes meanwhile.
void settle_later(const std::shared_ptr<core>& all, std::int64_t call, std::string generation, std::string outcome);
/// What crashed processes left of this task; what anybody left an hour ago.
awaitable<> settle_left_by(std::shared_ptr<core> all, std::shared_ptr<session> of);
awaitable<> settle_stale(std::shared_ptr<core> all);

/// One chat completion of the agent, with all its tries. `body`: of the request; `to` as http::handler says.
awaitable<> serve_chat(std::shared_ptr<core> all, std::shared_ptr<session> of, std::string body, http::responder& to);

} // namespace persais::llm

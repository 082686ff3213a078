#pragma once
#include "llm/answer.hpp"
#include "llm/core.hpp"
#include "llm/rewrite.hpp"
#include "llm/sse.hpp"

namespace persais::llm {

inline const http::headers& json_type() {
    static const http::headers fields = {{"Content-Type", "application/json"}};
    return fields;
}

/// The agent's side of one completion, over all tries.
struct agent_side {
    http::responder& to;
    bool stream;
    bool answering = false; // no other try may follow, because the agent has a part of this answer

    awaitable<> begin() {
        if (!to.begun()) co_await to.begin(200, {{"Content-Type", "text/event-stream"}, {"Cache-Control", "no-cache"}});
    }
    awaitable<> end_stream(std::string last) {
        co_await begin();
        co_await to.write(std::move(last));
        co_await to.finish();
    }
    awaitable<> tell(call_error t) {
        if (!to.begun()) {
            co_await to.send(t.status, json_type(),
                             agent_error(t)); // without Retry-After, because the gateway has done the waiting
            co_return;
        }
        co_await to.write(agent_error_event(t));
        co_await to.finish();
    }
};

/// One try: one reservation, one request upstream. `what` lets its messages go when the answer begins.
class attempt {
public:
    attempt(std::shared_ptr<core> all, std::shared_ptr<session> of, chat& what, const model_facts& facts,
            agent_side& agent, ledger::reservation reserved)
        : all_(std::move(all)), of_(std::move(of)), what_(what), facts_(facts), agent_(agent), reserved_(reserved) {
        renewal_ = all_->renewals;
        all_->under_way.insert(reserved_.call);
        of_->reserved[reserved_.call] = &agent_.to;
        all_->watch_pause();
    }
    ~attempt() {
        of_->reserved.erase(reserved_.call);
        all_->under_way.erase(reserved_.call);
    }
    attempt(const attempt&) = delete;

    /// Gives nothing when the answer is whole, settled and with the agent. Throws when it is cancelled or our own world
    /// fails.
    awaitable<std::optional<call_error>> run();
    /// Settles the call after `run` gave an error, at what it cost as far as that is known.
    awaitable<> settle(const call_error& t);
    /// After `run` gave an error: whether the endpoint refused a field that can be said otherwise, which is remembered.
    bool may_ask_otherwise(const call_error& refusal);
    /// Settles the call after `run` threw, because the agent left or our world broke.
    void leave(std::string outcome);

private:
    // `begun`: what was read of the body so far.
    awaitable<std::optional<call_error>> pass(http::exchange& from);
    awaitable<std::optional<call_error>> pass_events(http::exchange& from, std::string begun);
    /// What the events look at lives in the caller's parser.
    awaitable<std::optional<call_error>> pass_some(std::vector<sse_event> some);
    awaitable<std::optional<call_error>> pass_end(std::string last);
    /// What reading along with one event tells; `answering` from then on when the agent is to get it.
    std::optional<call_error> look_at(const sse_event& one);
    awaitable<> pass_on(std::string all_of_it);
    awaitable<std::optional<call_error>> pass_whole(http::exchange& from, std::string begun);
    awaitable<std::optional<call_error>> read_all(http::exchange& from, std::string& into, std::size_t most);
    /// The error for what no endpoint of models sends. It cost nothing, unless the endpoint gave the call a name.
    call_error foreign(std::string sentence) const;
    awaitable<> succeed();
    usage usage_at_most() const;
    bill cost_of(const usage& told) const;
    void note();
    std::string generation() const { return named_.empty() ? watch_.generation() : named_; }

    std::shared_ptr<core> all_;
    std::shared_ptr<session> of_;
    chat& what_;
    const model_facts& facts_;
    agent_side& agent_;
    ledger::reservation reserved_;
    int renewal_ = 0;          // core::renewals when it began
    boost::json::object sent_; // without the messages
    std::size_t sent_bytes_ = 0;
    answer_watch watch_;
    std::string named_; // by the endpoint's header
    bool noted_ = false, settled_ = false;
};

} // namespace persais::llm

#include "llm/answer.hpp"
#include "llm/backoff.hpp"
#include "llm/core.hpp"
#include "llm/rewrite.hpp"
#include "llm/sse.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace persais::llm {

namespace {

const http::headers json_type = {{"Content-Type", "application/json"}};

/// The agent's side of one completion, over all tries.
struct agent_side {
    http::responder& to;
    bool stream;
    bool answering = false; // something of the model's answer was passed on: no other try may follow

    awaitable<> begin() {
        if (!to.begun())
            co_await to.begin(200, {{"Content-Type", "text/event-stream"}, {"Cache-Control", "no-cache"}});
    }
    awaitable<> tell(trouble t) {
        if (!to.begun()) {
            auto fields = json_type;
            if (t.retry_after) fields.emplace_back("Retry-After", std::to_string(t.retry_after->count()));
            co_await to.send(t.status, std::move(fields), agent_error(t));
            co_return;
        }
        co_await to.write(agent_error_event(t));
        co_await to.finish();
    }
};

/// One try: one reservation, one request upstream.
class attempt {
public:
    attempt(std::shared_ptr<core> all, std::shared_ptr<session> of, const chat& what, const model_facts& facts,
            agent_side& agent, ledger::reservation reserved)
        : all_(std::move(all)), of_(std::move(of)), what_(what), facts_(facts), agent_(agent), reserved_(reserved) {
        all_->under_way.insert(reserved_.call);
    }
    ~attempt() { all_->under_way.erase(reserved_.call); }
    attempt(const attempt&) = delete;

    /// Nothing: the answer is whole, settled and with the agent. Cancelled or failed in our own world: throws.
    awaitable<std::optional<trouble>> run();
    /// After `run` gave trouble: what the call cost, as far as it is known.
    awaitable<> settle(const trouble& t);
    /// After `run` threw: the agent left, or our world broke.
    void leave(std::string outcome);

private:
    awaitable<std::optional<trouble>> pass_stream(http::exchange& from);
    awaitable<std::optional<trouble>> pass_whole(http::exchange& from);
    awaitable<std::optional<trouble>> read_all(http::exchange& from, std::string& into, std::size_t most);
    awaitable<> succeed();
    void note();
    std::string generation() const { return named_.empty() ? watch_.generation() : named_; }

    std::shared_ptr<core> all_;
    std::shared_ptr<session> of_;
    const chat& what_;
    const model_facts& facts_;
    agent_side& agent_;
    ledger::reservation reserved_;
    answer_watch watch_;
    std::string named_; // by the endpoint's header
    bool noted_ = false, settled_ = false;
};

void attempt::note() {
    if (noted_ || generation().empty()) return;
    noted_ = true;
    // Beside the stream, not before it: the first token waits for no database.
    auto one = [](std::shared_ptr<core> all, std::int64_t call, std::string id) -> awaitable<> {
        co_await all->books.note(call, std::move(id));
    };
    all_->start("llm note", one(all_, reserved_.call, generation()));
}

/// Reads the few bytes after [DONE], so that the connection is clean for the next call.
awaitable<> drain(std::unique_ptr<http::exchange> rest) {
    auto one = [](http::exchange& from) -> awaitable<> {
        for (int reads = 0; reads < 4; ++reads)
            if (auto piece = co_await from.read(); !piece || piece->empty()) co_return;
    };
    try {
        co_await with_deadline(limits::http_drain, one(*rest));
    } catch (const deadline_passed&) {
    }
}

awaitable<std::optional<trouble>> attempt::run() {
    http::fetch_spec post{.method = "POST",
                          .url = all_->where.base_url + "/chat/completions",
                          .fields = {{"Authorization", "Bearer " + all_->where.key},
                                     {"Content-Type", "application/json"},
                                     {"Accept", what_.stream ? "text/event-stream" : "application/json"},
                                     {"X-Title", "Persais"}},
                          .body = upstream_body(what_, reserved_.tokens),
                          .first_byte = all_->options.first_byte,
                          .silence = all_->options.silence};
    auto opened = co_await all_->client.open(std::move(post));
    if (!opened) co_return no_answer(opened.error());
    auto& from = **opened;
    of_->alive();
    if (from.status != 200) {
        std::string body;
        co_await read_all(from, body, limits::model_error_bytes); // cut or not, the status says what it is
        co_return refused(from.status, from.fields, body);
    }
    named_ = http::header(from.fields, "X-Generation-Id");
    note();
    auto type = http::header(from.fields, "Content-Type");
    bool events = type.starts_with("text/event-stream");
    if (what_.stream && events) {
        auto t = co_await pass_stream(from);
        if (!t) all_->start("llm drain", drain(std::move(*opened)));
        co_return t;
    }
    co_return co_await pass_whole(from);
}

awaitable<std::optional<trouble>> attempt::read_all(http::exchange& from, std::string& into, std::size_t most) {
    for (;;) {
        auto piece = co_await from.read();
        if (!piece) co_return no_answer(piece.error());
        if (piece->empty()) co_return std::nullopt;
        of_->alive();
        if (into.size() + piece->size() > most)
            co_return cut(fmt::format("The model endpoint's answer is larger than {} bytes.", most));
        into += *piece;
    }
}

awaitable<std::optional<trouble>> attempt::pass_whole(http::exchange& from) {
    std::string body;
    if (auto t = co_await read_all(from, body, limits::model_answer_bytes)) co_return t;
    if (auto t = watch_.body(body, from.fields)) co_return t;
    if (what_.stream) co_return cut("The model endpoint answered without the stream it was asked for.");
    if (auto t = watch_.missing(false)) co_return t;
    co_await succeed();
    agent_.answering = true;
    co_await agent_.to.send(200, json_type, without(std::move(body), all_->where.key));
    co_return std::nullopt;
}

awaitable<std::optional<trouble>> attempt::pass_stream(http::exchange& from) {
    sse_parser parser;
    for (;;) {
        auto piece = co_await from.read();
        if (!piece) co_return no_answer(piece.error());
        if (piece->empty()) co_return watch_.missing(true);
        of_->alive();
        std::vector<sse_event> events;
        try {
            events = parser.feed(*piece);
        } catch (const std::length_error& e) {
            co_return cut(fmt::format("The model endpoint's stream is broken: {}.", e.what()));
        }
        for (auto& one : events) {
            if (!one.comment && !one.data.empty()) {
                if (auto t = watch_.event(one.data)) {
                    if (agent_.answering) t->answered = false; // tokens were made: they may have a price
                    co_return t;
                }
                note();
                if (watch_.done()) {
                    if (auto t = watch_.missing(true)) co_return t;
                    co_await succeed();
                }
                agent_.answering = true;
            }
            co_await agent_.begin();
            co_await agent_.to.write(without(std::move(one.raw), all_->where.key));
            if (watch_.done()) {
                co_await agent_.to.finish();
                co_return std::nullopt;
            }
        }
    }
}

awaitable<> settle_known(std::shared_ptr<core> all, std::int64_t call, bill cost, std::string outcome) {
    co_await all->books.settle(call, std::move(cost), std::move(outcome));
}

void attempt::leave(std::string outcome) {
    if (std::exchange(settled_, true)) return;
    if (watch_.used())
        all_->start("llm settle", settle_known(all_, reserved_.call, bill_for(*watch_.used(), facts_), std::move(outcome)));
    else settle_later(all_, reserved_.call, generation(), std::move(outcome));
}

/// The books are right before the agent sees the end: who asks `spent_by` after it gets the whole sum.
awaitable<> attempt::succeed() {
    auto cost = bill_for(watch_.used().value_or(usage{}), facts_);
    if (!watch_.used()) cost.by = "tokens";
    of_->failure = {};
    spdlog::info("task {} model {}: {} tokens sent, {} received, {:.6f} dollars by {}", of_->spec.task.value, what_.model,
                 cost.tokens.sent, cost.tokens.received, cost.cost_usd, cost.by);
    try {
        co_await all_->books.settle(reserved_.call, std::move(cost), "ok");
        settled_ = true;
    } catch (const store::db_error& e) {
        // The answer is paid for; withholding it would buy it again. The reservation keeps the budget safe.
        spdlog::error("task {}: call {} stays reserved: {}", of_->spec.task.value, reserved_.call, e.what());
        settled_ = true;
    }
}

awaitable<> attempt::settle(const trouble& t) {
    std::string outcome(name(t.why));
    if (settled_) co_return;
    settled_ = true;
    if (watch_.used()) co_await all_->books.settle(reserved_.call, bill_for(*watch_.used(), facts_), outcome);
    else if (t.answered || !t.reached) co_await all_->books.settle(reserved_.call, {{}, 0, "nothing"}, outcome);
    else settle_later(all_, reserved_.call, generation(), std::move(outcome));
}

struct answering_mark {
    answering_mark(std::shared_ptr<session> s, http::responder& r) : of(std::move(s)), to(&r) { of->answering.insert(to); }
    ~answering_mark() { of->answering.erase(to); }
    answering_mark(const answering_mark&) = delete;
    std::shared_ptr<session> of;
    http::responder* to;
};

/// Reserves even when the agent leaves meanwhile, and then gives the reservation back: a statement that is cancelled
/// half-way would leave money reserved under a number that nobody knows.
awaitable<ledger::reservation> reserve(std::shared_ptr<core> all, ledger::ask what) {
    struct outcome {
        explicit outcome(const asio::any_io_executor& e) : done(e) {}
        event done;
        ledger::reservation got;
        std::exception_ptr error;
        bool abandoned = false;
    };
    auto state = std::make_shared<outcome>(all->executor);
    auto work = [](std::shared_ptr<core> c, ledger::ask a, std::shared_ptr<outcome> to) -> awaitable<> {
        try {
            to->got = co_await c->books.reserve(std::move(a));
        } catch (...) {
            to->error = std::current_exception();
        }
        to->done.set();
        if (to->abandoned && to->got.call != 0) co_await c->books.settle(to->got.call, {{}, 0, "nothing"}, "aborted");
    };
    spawn(all->executor, "llm reserve", work(all, std::move(what), state));
    try {
        co_await state->done.wait();
    } catch (...) {
        state->abandoned = true;
        throw;
    }
    if (state->error) std::rethrow_exception(state->error);
    co_return state->got;
}

} // namespace

awaitable<> serve_chat(std::shared_ptr<core> all, std::shared_ptr<session> of, const http::request& r,
                       http::responder& to) {
    answering_mark mark(of, to);
    auto read = read_chat(r.body, {of->spec.model, of->spec.weak_model, all->where.provider_json,
                                   is_openrouter(all->where.base_url)});
    agent_side agent{to, read && read->stream};
    auto give_up = [&](trouble t) -> awaitable<> {
        t.sentence = without(std::move(t.sentence), all->where.key);
        of->failed(t);
        spdlog::warn("task {}: {}: {}", of->spec.task.value, name(t.why), t.sentence);
        co_await agent.tell(std::move(t));
    };
    if (!read) {
        co_await give_up(std::move(read.error()));
        co_return;
    }
    if (all->where.key.empty()) {
        co_await give_up(no_key());
        co_return;
    }
    co_await of->old_listed.wait();
    auto facts = co_await all->catalogue.facts(read->model);
    auto prompt = prompt_tokens_at_most(r.body.size());
    for (int tries = 1;; ++tries) {
        auto reserved = co_await reserve(all, {of->spec.task, read->model, prompt, tokens_wanted(*read, facts, prompt),
                                               facts, of->spec.task_budget_usd, of->spec.day_budget_usd});
        if (reserved.refused != cause::none) {
            co_await give_up(budget_over(reserved.refused));
            co_return;
        }
        attempt one(all, of, *read, facts, agent, reserved);
        std::optional<trouble> t;
        try {
            t = co_await one.run();
            if (t) co_await one.settle(*t);
        } catch (...) {
            one.leave("aborted");
            throw;
        }
        if (!t) co_return;
        t->sentence = without(std::move(t->sentence), all->where.key);
        of->failed(*t);
        auto wait = agent.answering ? std::nullopt : next_wait(*t, tries, of->left(), all->options);
        if (!wait) {
            co_await give_up(std::move(*t));
            co_return;
        }
        spdlog::info("task {}: {}: {} Next try in {} ms.", of->spec.task.value, name(t->why), t->sentence, wait->count());
        of->alive(); // a wait for the endpoint is no silence of the agent
        co_await sleep_for(*wait);
        of->alive();
    }
}

} // namespace persais::llm

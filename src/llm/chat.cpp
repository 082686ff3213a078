#include "base/told.hpp"
#include "llm/attempt.hpp"
#include "llm/backoff.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace persais::llm {

namespace {

struct answering_mark {
    answering_mark(std::shared_ptr<core> a, std::shared_ptr<session> s, http::responder& r)
        : all(std::move(a)), of(std::move(s)), to(&r) {
        of->answering.insert(to);
    }
    ~answering_mark() {
        of->answering.erase(to);
        all->give_back_soon();
    }
    answering_mark(const answering_mark&) = delete;
    std::shared_ptr<core> all;
    std::shared_ptr<session> of;
    http::responder* to;
};

awaitable<> give_back(std::shared_ptr<core> all, std::int64_t call) {
    co_await all->books.settle(call, {{}, 0, "nothing"}, "aborted");
}

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
        if (to->abandoned && to->got.call != 0) co_await give_back(c, to->got.call);
    };
    spawn(all->executor, "llm reserve", work(all, std::move(what), state));
    try {
        co_await state->done.wait();
    } catch (...) {
        if (state->done.is_set() && state->got.call != 0) // `work` has ended and did not see that it was abandoned
            spawn(all->executor, "llm abandon", give_back(all, state->got.call));
        state->abandoned = true;
        throw;
    }
    if (state->error) std::rethrow_exception(state->error);
    co_return state->got;
}

} // namespace

namespace {

/// Whether every further call of the task would be told the same, now that no more tries are left. After an answer that
/// the endpoint's rules stopped, a request that was too long or one odd answer, another request may succeed.
bool is_final(const call_error& t) {
    constexpr int no_such_model = 404;
    switch (t.why) {
    case cause::key:
    case cause::credit:
        return true;
    case cause::rate:
    case cause::network:
        return t.again;
    case cause::model:
        return t.status == no_such_model;
    case cause::none:
    case cause::day_budget:
    case cause::month_budget:
    case cause::task_budget:
    case cause::paused:
    case cause::policy:
    case cause::context:
        break;
    }
    return false;
}

} // namespace

awaitable<> serve_chat(std::shared_ptr<core> all, std::shared_ptr<session> of, std::string body, http::responder& to) {
    answering_mark mark(all, of, to);
    co_await all->line.next(); // a request has up to 16 MiB to be read
    auto read = read_chat(body, {.model = of->spec.model,
                                 .weak_model = of->spec.weak_model,
                                 .provider_json = all->where.provider_json,
                                 .session = session_id(all->where.base_url, of->spec.task),
                                 .data = of->spec.data});
    std::string().swap(body); // an answer takes minutes, and up to 16 MiB
    agent_side agent{to, read && read->stream};
    of->heard = std::chrono::steady_clock::now(); // an agent that asks is alive
    bool decides = !read || of->is_decided_by(read->model);
    // That a model does not go on at the end of its own words is no failure: the answer before it stays what it is.
    auto only_the_rest = [&](const call_error& t) {
        return read && read->continues && t.answered && (t.why == cause::model || t.why == cause::context);
    };
    auto give_up = [&](call_error t) -> awaitable<> {
        t.sentence = all->masked(std::move(t.sentence));
        if (decides && !only_the_rest(t)) of->failed(t);
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
    auto prompt = tokens_at_most(read->asked_bytes);
    auto renewal = all->renewals;
    for (int tries = 1;; ++tries) {
        if (of->closed) {
            co_await give_up(*of->closed);
            co_return;
        }
        auto priced_at = all->renewals;
        auto facts = co_await all->catalogue.facts(read->model);
        auto most = std::min(tokens_wanted(*read, facts, prompt, of->spec.task_budget_usd),
                             all->dialects[read->model].most_tokens());
        auto prices = quote_for(prompt, read->writes_cache, facts);
        auto reserved =
            co_await reserve(all, {of->spec.task, read->model, prices, most, of->spec.task_budget_usd,
                                   of->spec.day_budget_usd, of->spec.month_budget_usd, of->spec.repository});
        if (reserved.warned && all->options.warned) all->options.warned();
        if (priced_at != all->renewals) { // it was reserved at the prices of another endpoint
            if (reserved.call != 0) co_await give_back(all, reserved.call);
            continue;
        }
        if (reserved.refused == cause::paused) {
            all->set_paused(true); // the others' calls that are under way are cut by whoever looks
            co_await give_up(spending_paused());
            co_return;
        }
        if (reserved.refused != cause::none) {
            co_await give_up(
                budget_over(reserved.refused, reserved.of, least_reservation(prices, most), all->books.now()));
            co_return;
        }
        all->set_paused(false);
        attempt one(all, of, *read, facts, agent, reserved);
        std::optional<call_error> t;
        try {
            t = co_await one.run();
            if (t) co_await one.settle(*t);
        } catch (...) {
            one.leave("aborted");
            throw;
        }
        if (!t) co_return;
        if (one.may_ask_otherwise(*t)) {
            spdlog::info("task {}: {} It is asked in another way.", of->spec.task.value, all->masked(t->sentence));
            continue;
        }
        t->sentence = all->masked(std::move(t->sentence));
        auto left = of->left();
        auto wait = agent.answering ? std::nullopt : next_wait(*t, tries, left, all->options);
        if (!wait && !agent.answering && asks_to_wait_longer(*t, left))
            t->sentence = told<"{} It asks to wait {} s, which this task may not.",
                               "{} Он просит подождать {} с, а этой задаче столько ждать нельзя.">(
                t->sentence, t->retry_after->count());
        if (decides && !only_the_rest(*t)) of->failed(*t);
        if (!wait) {
            if (decides && !agent.answering && is_final(*t) && renewal == all->renewals) of->closed = *t;
            co_await give_up(std::move(*t));
            co_return;
        }
        spdlog::info("task {}: {}: {} Next try in {} ms.", of->spec.task.value, name(t->why), t->sentence,
                     wait->count());
        if (of->spec.retrying)
            of->spec.retrying(told<"{}{} Next try in {:.0f} s.", "{}{} Следующая попытка через {:.0f} с.">(
                t->sentence, t->retry_after ? told<" It asks for a wait.", " Он просит подождать.">() : "",
                std::chrono::duration<double>(*wait).count()));
        co_await sleep_for(*wait);
    }
}

} // namespace persais::llm

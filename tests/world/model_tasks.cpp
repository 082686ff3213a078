#include "world/model_tasks.hpp"

namespace persais::world {

/// The statement is executed at the store even when its sender is dead, so they share what it needs and returns. An
/// exception there (a CHECK, an unusable row) is its answer.
template <class F>
awaitable<std::invoke_result_t<F, store_model&>> model_tasks::ask(const char* what, F statement) {
    using T = std::invoke_result_t<F, store_model&>;
    struct answer {
        F statement;
        std::optional<std::conditional_t<std::is_void_v<T>, std::monostate, T>> value;
        std::exception_ptr error;
    };
    auto shared = std::make_shared<answer>(std::move(statement));
    co_await way_.send(what, [shared](store_model& at) {
        try {
            if constexpr (std::is_void_v<T>)
                shared->statement(at);
            else
                shared->value.emplace(shared->statement(at));
        } catch (const std::exception&) {
            shared->error = std::current_exception();
        }
    });
    if (shared->error) std::rethrow_exception(shared->error);
    if constexpr (!std::is_void_v<T>) co_return std::move(*shared->value);
}

awaitable<task_id> model_tasks::add(mechanic::order what, std::string conversation) {
    return ask("add", [what = std::move(what), talk = std::move(conversation)](store_model& at) {
        return at.add(what, talk);
    });
}
awaitable<std::optional<queue::snapshot>> model_tasks::load(task_id id) {
    return ask("load", [id](store_model& at) { return at.load(id); });
}
awaitable<std::optional<queue::snapshot>> model_tasks::claimable(std::optional<task_id> only) {
    return ask("claimable", [only](store_model& at) { return at.claimable(only); });
}
awaitable<void> model_tasks::set_aside(task_id id, std::chrono::seconds for_this_long) {
    return ask("set_aside", [=](store_model& at) { at.set_aside(id, for_this_long); });
}
awaitable<queue::tasks::outlook> model_tasks::next_due(bool count) {
    return ask("next_due", [=](store_model& at) { return at.next_due(count); });
}
awaitable<queue::tasks::seen> model_tasks::look(std::vector<task_id> held, int slots, bool count) {
    return ask("look", [held = std::move(held), slots, count](store_model& at) {
        queue::tasks::seen s{
            .to_abort = at.abort_wished_of(held), .turns = at.turns_to_begin(), .next = at.next_due(count)};
        for (auto id : at.claimable_in_turn(slots)) {
            try {
                s.claimable.push_back(*at.load(id));
            } catch (const queue::unusable_row& e) {
                s.unusable.push_back(e);
            }
        }
        return s;
    });
}
awaitable<queue::tasks::renewed> model_tasks::renew(task_id id, fence held) {
    return ask("renew",
               [id, held, owner = owner_, ttl = ttl_](store_model& at) { return at.renew(id, held, owner, ttl); });
}
awaitable<model_tasks::lane> model_tasks::take_lane(task_id id, fence held) {
    return ask("take_lane", [=](store_model& at) { return at.take_lane(id, held); });
}
awaitable<std::vector<model_tasks::joined>> model_tasks::join_landings(task_id id, fence held) {
    return ask("join_landings", [=](store_model& at) { return at.join_landings(id, held); });
}
awaitable<bool> model_tasks::wish_abort(task_id id) {
    return ask("wish_abort", [id](store_model& at) { return at.wish_abort(id); });
}
awaitable<std::vector<task_id>> model_tasks::abort_wished_of(std::vector<task_id> ids) {
    return ask("abort_wished_of", [ids = std::move(ids)](store_model& at) { return at.abort_wished_of(ids); });
}
awaitable<int> model_tasks::wake(std::vector<mechanic::wait_reason> causes) {
    return ask("wake", [causes = std::move(causes)](store_model& at) { return at.wake(causes); });
}
awaitable<queue::landing_record> model_tasks::landing_record_of(task_id id, std::string) {
    return ask("landing_record_of", [id](store_model& at) { return at.landing_record_of(id); });
}
awaitable<bool> model_tasks::approve(task_id id, std::string commit, std::string by, bool anyway) {
    return ask("approve", [id, commit = std::move(commit), by = std::move(by), anyway](store_model& at) {
        return at.approve(id, commit, by, anyway);
    });
}
awaitable<bool> model_tasks::keep_reply(task_id id, queue::reply what) {
    return ask("keep_reply", [id, what = std::move(what)](store_model& at) { return at.keep_reply(id, what); });
}
awaitable<void> model_tasks::drop_replies(task_id id) {
    return ask("drop_replies", [id](store_model& at) { at.drop_replies(id); });
}
awaitable<std::vector<queue::reply>> model_tasks::turns_of(task_id id) {
    return ask("turns_of", [id](store_model& at) { return at.turns_of(id); });
}
awaitable<std::vector<task_id>> model_tasks::turns_to_begin() {
    return ask("turns_to_begin", [](store_model& at) { return at.turns_to_begin(); });
}
awaitable<bool> model_tasks::raise_budget(task_id id, double usd) {
    return ask("raise_budget", [=](store_model& at) { return at.raise_budget(id, usd); });
}
awaitable<std::vector<task_id>> model_tasks::reviews_before(time_point then) {
    return ask("reviews_before", [then](store_model& at) { return at.reviews_before(then); });
}
awaitable<void> model_tasks::note(task_id id, fence held, std::vector<line> lines) {
    return ask("note", [=, lines = std::move(lines)](store_model& at) { at.note(id, held, lines); });
}
awaitable<bool> model_tasks::write(change what) {
    store_model::written w{std::move(what.was), std::move(what.next), what.claim, std::move(what.also),
                           std::move(what.said)};
    return ask("write",
               [w = std::move(w), owner = owner_, ttl = ttl_](store_model& at) { return at.write(w, owner, ttl); });
}

awaitable<std::vector<queue::snapshot>> model_tasks::write_claims(claim_of_new what) {
    return ask("claim_new", [what = std::move(what), owner = owner_, ttl = ttl_](store_model& at) {
        return at.claim_new(what.most, what.to, what.number, what.lost, owner, ttl);
    });
}

} // namespace persais::world

// What is asked for, and decided.
#include "api/handlers.hpp"
#include "api/problem.hpp"
#include "base/json.hpp"

namespace persais::api {

namespace json = boost::json;

namespace {

http::response accepted(int status, const service::caller_tasks::submitted& made) {
    auto r = json_response(status, {{"task", made.id.str()}, {"turn", made.turn}});
    r.fields.emplace_back("Location", "/api/v1/tasks/" + made.id.str());
    if (made.again) r.fields.emplace_back("Idempotency-Replayed", "true");
    return r;
}

http::response accepted_or_not(int status, const service::answer<service::caller_tasks::submitted>& made,
                               bool russian) {
    return made ? accepted(status, *made) : problem_of(made.error(), russian);
}

awaitable<http::response> land(asked& r, bool back) { // handlers.hpp
    auto begun = co_await r.with.tasks.land(r.who, r.task(), back,
                                            {.commit = r.text("commit"), .anyway = flag_in(r.body, "anyway"), .by = {}},
                                            secret(r.text("code")));
    if (!begun) co_return problem_of(begun.error(), r.russian);
    co_return co_await task_response(r, r.task());
}

awaitable<http::response> discard(asked& r, bool back) { // handlers.hpp
    auto done = co_await r.with.tasks.discard(r.who, r.task(), back, r.text("commit"));
    if (!done) co_return problem_of(done.error(), r.russian);
    co_return co_await task_response(r, r.task());
}

} // namespace

awaitable<http::response> submit_task(asked& r) {
    bool question = r.text("kind") == "question";
    service::caller_tasks::wish wish{.what = question ? mechanic::order::kind::question : mechanic::order::kind::change,
                                     .instruction = r.text("instruction"),
                                     .repository = r.text("repository"),
                                     .base_branch = r.maybe("base_branch"),
                                     .check = r.maybe("check"),
                                     .setup = r.maybe("setup"),
                                     .model = r.maybe("model"),
                                     .budget_usd = number_in(r.body, "budget_usd")};
    co_return accepted_or_not(201, co_await r.with.tasks.submit(r.who, std::move(wish), r.key()), r.russian);
}

awaitable<http::response> reply_task(asked& r) {
    co_return accepted_or_not(202, co_await r.with.tasks.reply(r.who, r.task(), r.text("instruction"), r.key()),
                              r.russian);
}

awaitable<http::response> retry_task(asked& r) {
    co_return accepted_or_not(201, co_await r.with.tasks.retry(r.who, r.task(), r.key()), r.russian);
}

awaitable<http::response> abort_task(asked& r) {
    auto how = co_await r.with.tasks.abort(r.who, r.task(), r.text("commit"));
    if (!how) co_return problem_of(how.error(), r.russian);
    co_return co_await task_response(r, r.task());
}

awaitable<http::response> discard_task(asked& r) {
    return discard(r, false);
}

awaitable<http::response> undiscard_task(asked& r) {
    return discard(r, true);
}

awaitable<http::response> deploy_task(asked& r) {
    return land(r, false);
}

awaitable<http::response> roll_back_task(asked& r) {
    return land(r, true);
}

awaitable<http::response> raise_budget(asked& r) {
    auto raised = co_await r.with.tasks.raise_budget(r.who, r.task(), number_in(r.body, "usd").value_or(0));
    if (!raised) co_return problem_of(raised.error(), r.russian);
    co_return co_await task_response(r, r.task());
}

} // namespace persais::api

// What an agent may ask of models while it works on a task, and how it is started.
#include "base/told.hpp"
#include "service/access.hpp"
#include "worker/command_executor.hpp"
#include "worker/kept_tags.hpp"

namespace persais::worker {

using namespace mechanic;

namespace {

using steady = std::chrono::steady_clock;

llm::data_rules data_rules_of(const queue::repository* own) {
    if (!own) return {};
    return {.models = own->models, .zero_retention = own->zero_retention, .no_collection = own->no_collection};
}

} // namespace

llm::session_spec local_executor::session(const task& t, std::shared_ptr<steady::time_point> heard) const {
    const auto& s = with_.settings;
    return {.task = id_,
            .model = t.what.model,
            .task_budget_usd = t.what.budget_usd,
            .day_budget_usd = s.budget_day_usd,
            .deadline = s.task_timeout,
            .alive = [heard] { *heard = steady::now(); },
            .weak_model =
                service::allows_model(own(t).get(), with_.agent.second_model()) ? with_.agent.second_model() : "",
            .retrying = [this](std::string_view why) { say(progress::kind::model_retry, std::string(why)); },
            .idle = s.task_idle_timeout,
            .data = data_rules_of(own(t).get()),
            .month_budget_usd = s.budget_month_usd,
            .repository = service::repository_key(t.what.remote)};
}

std::optional<mechanic::event> local_executor::model_is_refused(const task& t) const {
    auto set = own(t);
    if (service::allows_model(set.get(), t.what.model)) return std::nullopt;
    return model_failed{model_trouble::policy,
                        told<"The repository {} does not allow the model {}: `persais repo set {} models` names those "
                             "that may be used.",
                             "Репозиторий {} не разрешает модель {}: разрешённые задаёт `persais repo set {} models`.">(
                            set->name, t.what.model, set->name),
                        std::nullopt};
}

awaitable<coder::report> local_executor::ask_agent(const task& t, coder::job what, secret token, sandbox::view view,
                                                   std::shared_ptr<steady::time_point> heard) {
    const auto& s = with_.settings;
    auto facts = co_await with_.gateway.facts(t.what.model);
    what.model = {.name = t.what.model,
                  .context_tokens = facts.context_tokens,
                  .max_output_tokens = facts.max_output_tokens,
                  .price_prompt = facts.price_prompt,
                  .price_completion = facts.price_completion};
    what.one_model = !service::allows_model(own(t).get(), with_.agent.second_model());
    what.place = std::move(view);
    what.place.gateway = with_.gateway_socket;
    what.gateway_token = std::move(token);
    what.limits = {.total = s.task_timeout, .idle = s.task_idle_timeout, .last_sign = [heard] { return *heard; }};
    what.tags = kept_tags(mirror_of(t).folder(), with_.time.now());
    auto r = co_await with_.agent.run(std::move(what), {.progress = tell_.progress, .text = tell_.agent_text});
    // Of the base's files only: what a task has made itself is for no other task to see, not even by its names.
    if (ground_of(t.known) == t.known.base) co_await keep_tags(mirror_of(t), t.known.base, r.tags, with_.time.now());
    co_return r;
}

} // namespace persais::worker

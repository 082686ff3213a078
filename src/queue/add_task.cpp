#include "queue/add_task.hpp"

#include "queue/queries.hpp"
#include "queue/tasks.hpp"

#include <fmt/format.h>

namespace persais::queue {

using mechanic::order;
using store::param;

awaitable<task_id> reserve_task(store::pool& db) {
    auto r = co_await db.query("select nextval(pg_get_serial_sequence('tasks', 'id'))");
    co_return task_id{r.number(0, 0)};
}

store::statement add_statement(std::optional<task_id> id, const order& what, std::chrono::milliseconds wait,
                               std::string conversation) {
    auto number = [](const std::optional<task_id>& of) { return of ? param(of->str()) : std::nullopt; };
    return {queries::add_task,
            {number(id), what.what == order::kind::question ? "question" : "change", what.remote, what.base_branch,
             what.instruction, what.check, what.setup, what.model, fmt::format("{}", what.budget_usd),
             std::to_string(what.attempts), std::to_string(what.repair_rounds), what.foreground ? "true" : "false",
             number(what.retry_of), number(what.from_answer), std::move(conversation), std::to_string(wait.count()),
             channel, what.co_author.empty() ? std::nullopt : param(what.co_author)}};
}

} // namespace persais::queue

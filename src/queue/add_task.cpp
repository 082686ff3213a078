#include "queue/add_task.hpp"

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
    return {"with added as (insert into tasks (id, kind, remote, base_wanted, instruction, check_given, setup_given, "
            "model, budget_usd, attempts_most, rounds_most, foreground, retry_of, from_answer, conversation, state, "
            "not_before) values (coalesce($1::bigint, nextval(pg_get_serial_sequence('tasks', 'id'))), $2, $3, $4, $5, "
            "$6, $7, $8, $9::float8, $10::int, $11::int, $12::boolean, $13::bigint, $14::bigint, $15::jsonb, 'queued', "
            "clock_timestamp() + $16::bigint * interval '1 millisecond') returning id, foreground) "
            "select id, case when not foreground then pg_notify($17, '') end from added",
            {number(id), what.what == order::kind::question ? "question" : "change", what.remote, what.base_branch,
             what.instruction, what.check, what.setup, what.model, fmt::format("{}", what.budget_usd),
             std::to_string(what.attempts), std::to_string(what.repair_rounds), what.foreground ? "true" : "false",
             number(what.retry_of), number(what.from_answer), std::move(conversation), std::to_string(wait.count()),
             channel}};
}

} // namespace persais::queue

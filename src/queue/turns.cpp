#include "queue/turns.hpp"

#include <fmt/format.h>

namespace persais::queue {

store::statement reply_statement(task_id id, const reply& what) {
    return {"with kept as (insert into task_turns (task_id, turn, instruction, person_id) values ($1, $2, $3, $4) "
            "returning turn) select pg_notify($5, '') from kept",
            {id.str(), std::to_string(what.turn), what.instruction, store::opt(what.person), channel}};
}

store::statement budget_statement(task_id id, double usd) {
    return {"with raised as (update tasks set budget_usd = $2, wait_until = case when wait_reason = 'task_budget' "
            "then clock_timestamp() else wait_until end where id = $1 and budget_usd < $2::double precision "
            "returning id) select pg_notify($3, '') from raised",
            {id.str(), fmt::format("{}", usd), channel}};
}

store::statement drop_statement(task_id id) {
    return {"with dropped as (update task_turns set state = 'dropped' where task_id = $1 and state = 'kept' "
            "returning task_id, turn) update task_messages m set ended = true from dropped d "
            "where m.task_id = d.task_id and m.turn = d.turn",
            {id.str()}};
}

} // namespace persais::queue

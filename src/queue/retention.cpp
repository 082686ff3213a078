#include "queue/retention.hpp"

#include "queue/codec.hpp"
#include "queue/limits.hpp"
#include "queue/queries.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace persais::queue {

awaitable<pruned> prune(store::pool& db, int retention_days) {
    auto finals = array_of_states(mechanic::is_final);
    pruned all;
    auto days = std::to_string(retention_days), batch = std::to_string(limits::prune_batch);
    std::string last = "0";
    for (;;) {
        auto r = co_await db.query(queries::prune_tasks, {last, days, batch, finals});
        auto tasks = r.number(0, 1);
        all.tasks += tasks;
        all.events += r.number(0, 2);
        all.outbox += r.number(0, 3);
        if (tasks < limits::prune_batch) break;
        last = r.text(0, 0);
    }
    for (;;) {
        auto r = co_await db.query(queries::prune_chat, {days, batch});
        all.inbox += r.number(0, 0);
        all.outbox += r.number(0, 1);
        if (r.number(0, 0) < limits::prune_batch && r.number(0, 1) < limits::prune_batch) break;
    }
    for (;;) {
        auto r = co_await db.query(queries::prune_locks, {days, batch, finals});
        all.locks += r.number(0, 0) + r.number(0, 1);
        if (r.number(0, 0) < limits::prune_batch) break;
    }
    co_return all;
}

awaitable<std::vector<task_id>> nothing_to_keep_of(store::pool& db, std::set<task_id> tasks, int retention_days) {
    std::vector<task_id> over;
    if (tasks.empty()) co_return over;
    std::string list;
    for (auto id : tasks)
        list += (list.empty() ? "{" : ",") + id.str();
    auto r = co_await db.query("select id from tasks where id = any($1::bigint[]) and state = any ($3::text[]) "
                               "and (state <> 'discarded' " // it may be taken up again
                               "and (verdict is null or verdict <> all ($4::text[]) or not facts ? 'made') "
                               "or changed_at < now() - make_interval(days => $2)) order by id",
                               {list + "}", std::to_string(retention_days), array_of_states(mechanic::is_final),
                                fmt::format("{{{}}}", fmt::join(mechanic::verdicts_that_keep_work(), ","))});
    for (int i = 0; i < r.size(); ++i)
        over.push_back({r.number(i, 0)});
    co_return over;
}

} // namespace persais::queue

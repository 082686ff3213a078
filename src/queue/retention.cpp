#include "queue/retention.hpp"

#include "queue/codec.hpp"
#include "queue/limits.hpp"

#include <fmt/format.h>

namespace persais::queue {

namespace {

// {0}: the final states. Goes through the table once, by its key. The row's lock keeps a parked task that a person
// sends on at this moment whole. changed_at stays: it tells when the task ended.
constexpr auto of_tasks =
    "with old as (select id from tasks t where id > $1 and state in ({0}) "
    "  and changed_at < now() - make_interval(days => $2) "
    "  and (conversation <> '[]' or facts ?| array['said', 'feedback'] or facts -> 'stands' ? 'feedback' "
    "       or exists (select from task_events e where e.task_id = t.id) "
    "       or exists (select from outbox o where o.task_id = t.id)) "
    "  order by id limit $3 for update skip locked), "
    "events as (delete from task_events using old where task_id = old.id returning 1), "
    "past as (update task_messages m set came_to = null from old where m.task_id = old.id and came_to is not null "
    "returning 1), "
    "told as (delete from outbox using old where task_id = old.id returning 1), "
    "slim as (update tasks set conversation = '[]', facts = facts - 'said' - 'feedback' #- '{{stands,feedback}}' from "
    "old "
    "  where tasks.id = old.id returning 1) "
    "select max(id), count(*), (select count(*) from events), (select count(*) from told) from old";

constexpr auto of_chat =
    "with old_in as (delete from inbox where update_id = any(array(select update_id from inbox "
    "  where done_at < now() - make_interval(days => $1) limit $2)) returning 1), "
    "old_out as (delete from outbox where id = any(array(select id from outbox "
    "  where task_id is null and sent_at < now() - make_interval(days => $1) limit $2)) returning 1) "
    "select (select count(*) from old_in), (select count(*) from old_out)";

// A lock of a task is taken again when it calls a model again; one of a day only on that day.
constexpr auto of_locks =
    "with old_tasks as (delete from llm_tasks l where l.ctid = any(array(select l2.ctid from llm_tasks l2 "
    "  where not exists (select from tasks t where t.id = l2.task and (t.state not in ({0}) "
    "    or t.changed_at >= now() - make_interval(days => $1))) limit $2)) returning 1), "
    "old_days as (delete from llm_days where day < (now() at time zone 'utc')::date - $1 returning 1), "
    "old_lanes as (delete from lanes where claimed_at < now() - make_interval(days => $1) returning 1) "
    "select (select count(*) from old_tasks), (select count(*) from old_days) + (select count(*) from old_lanes)";

} // namespace

awaitable<pruned> prune(store::pool& db, int retention_days) {
    auto finals = quoted_states(mechanic::is_final);
    auto tasks_sql = fmt::format(fmt::runtime(of_tasks), finals),
         locks_sql = fmt::format(fmt::runtime(of_locks), finals);
    pruned all;
    auto days = std::to_string(retention_days), batch = std::to_string(limits::prune_batch);
    std::string last = "0";
    for (;;) {
        auto r = co_await db.query(tasks_sql, {last, days, batch});
        auto tasks = r.number(0, 1);
        all.tasks += tasks;
        all.events += r.number(0, 2);
        all.outbox += r.number(0, 3);
        if (tasks < limits::prune_batch) break;
        last = r.text(0, 0);
    }
    for (;;) {
        auto r = co_await db.query(of_chat, {days, batch});
        all.inbox += r.number(0, 0);
        all.outbox += r.number(0, 1);
        if (r.number(0, 0) < limits::prune_batch && r.number(0, 1) < limits::prune_batch) break;
    }
    for (;;) {
        auto r = co_await db.query(locks_sql, {days, batch});
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
    auto finals = quoted_states(mechanic::is_final);
    auto r = co_await db.query(fmt::format("select id from tasks where id = any($1::bigint[]) and state in ({}) "
                                           "and (verdict is distinct from 'timed_out' or not facts ? 'made' "
                                           "or changed_at < now() - make_interval(days => $2))",
                                           finals),
                               {list + "}", std::to_string(retention_days)});
    for (int i = 0; i < r.size(); ++i)
        over.push_back({r.number(i, 0)});
    co_return over;
}

} // namespace persais::queue

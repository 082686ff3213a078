-- Deletes rows that only serve as locks. The lock of a task is created again when it calls a model again; one of a day only on that day.
--
-- $1 days: int, how long they are kept
-- $2 batch: bigint, the maximum of task locks
-- $3 final: text[], the final states
--
-- One row: the number of task locks, the number of all others.
with old_tasks as (
    delete from llm_tasks l where l.ctid = any(array(
        select l2.ctid from llm_tasks l2
        where not exists (
            select from tasks t
            where t.id = l2.task and (t.state <> all ($3::text[]) or t.changed_at >= now() - make_interval(days => $1)))
        limit $2))
    returning 1),
old_days as (delete from llm_days where day < (now() at time zone 'utc')::date - $1 returning 1),
old_lanes as (
    delete from lanes where coalesce(claimed_at, '-infinity') < now() - make_interval(days => $1) and not waiting and due_at is null returning 1)
select (select count(*) from old_tasks), (select count(*) from old_days) + (select count(*) from old_lanes);

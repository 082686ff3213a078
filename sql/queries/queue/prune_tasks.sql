-- Removes from tasks that ended long ago the data that nobody reads any more. Scans the table once, by its key, one batch per call.
--
-- $1 after: bigint, the last id of the previous batch; 0 at first
-- $2 days: int, how long everything is kept
-- $3 batch: bigint, the maximum of tasks in a batch
-- $4 final: text[], the final states
--
-- One row: the last id (null: none), the numbers of tasks, events, messages of the outbox.
with old as ( -- the row lock protects a task that a person continues at this moment
    select id from tasks t
    where id > $1 and state = any ($4::text[]) and changed_at < now() - make_interval(days => $2)
        and (conversation <> '[]' or facts ?| array['said', 'feedback'] or facts -> 'stands' ? 'feedback'
            or exists (select from task_events e where e.task_id = t.id)
            or exists (select from outbox o where o.task_id = t.id))
    order by id limit $3 for update skip locked),
events as (delete from task_events using old where task_id = old.id returning 1),
past as (update task_messages m set came_to = null from old where m.task_id = old.id and came_to is not null returning 1),
told as (delete from outbox using old where task_id = old.id returning 1),
slim as ( -- changed_at is not set, because it tells when the task ended
    update tasks set conversation = '[]', facts = facts - 'said' - 'feedback' #- '{stands,feedback}'
    from old where tasks.id = old.id
    returning 1)
select max(id), count(*), (select count(*) from events), (select count(*) from told) from old;

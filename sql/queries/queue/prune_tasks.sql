-- Takes from tasks that ended long ago what nobody reads any more. Goes through the table once, by its key, a batch at a time.
--
-- $1 after: bigint, the id where the batch before ended; 0 at first
-- $2 days: int, how long all is kept
-- $3 batch: bigint, the most tasks of one batch
-- $4 final: text[], the states that are
--
-- One row: the last id (null: none), tasks, events, messages of the outbox.
with old as ( -- the row's lock keeps a parked task whole that a person sends on at this moment
    select id from tasks t
    where id > $1 and state = any ($4::text[]) and changed_at < now() - make_interval(days => $2)
        and (conversation <> '[]' or facts ?| array['said', 'feedback'] or facts -> 'stands' ? 'feedback'
            or exists (select from task_events e where e.task_id = t.id)
            or exists (select from outbox o where o.task_id = t.id))
    order by id limit $3 for update skip locked),
events as (delete from task_events using old where task_id = old.id returning 1),
past as (update task_messages m set came_to = null from old where m.task_id = old.id and came_to is not null returning 1),
told as (delete from outbox using old where task_id = old.id returning 1),
slim as ( -- changed_at stays: it tells when the task ended
    update tasks set conversation = '[]', facts = facts - 'said' - 'feedback' #- '{stands,feedback}'
    from old where tasks.id = old.id
    returning 1)
select max(id), count(*), (select count(*) from events), (select count(*) from told) from old;

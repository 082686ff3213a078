-- Deletes a batch of updates that were handled, and of messages without a task that were sent, long ago.
--
-- $1 days: int, how long they are kept
-- $2 batch: bigint, the maximum of each
--
-- One row: updates, messages.
with old_in as (
    delete from inbox where update_id = any(array(
        select update_id from inbox where done_at < now() - make_interval(days => $1) limit $2))
    returning 1),
old_out as (
    delete from outbox where id = any(array(
        select id from outbox where task_id is null and sent_at < now() - make_interval(days => $1) limit $2))
    returning 1)
select (select count(*) from old_in), (select count(*) from old_out);

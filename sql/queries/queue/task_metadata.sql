-- What is shown beside a task. Times are microseconds of Unix time.
--
-- $1 id: bigint
--
-- No row when there is no such task; else: now, created, changed, whether it is being aborted, the last message about it, the newest task
-- that retries it (or null), the number of waiting replies, when the current turn was asked for.
select (extract(epoch from clock_timestamp()) * 1000000)::bigint, (extract(epoch from t.created_at) * 1000000)::bigint,
    (extract(epoch from t.changed_at) * 1000000)::bigint, t.abort_wished and t.lease_until is not null,
    coalesce((select body from outbox o where o.task_id = t.id order by o.id desc limit 1), ''),
    (select max(again.id) from tasks again where again.retry_of = t.id),
    (select count(*) from task_turns k where k.task_id = t.id and k.state = 'kept'),
    (extract(epoch from coalesce(
        (select at from task_turns k where k.task_id = t.id and k.turn = (t.facts ->> 'turn')::int),
        t.created_at)) * 1000000)::bigint
from tasks t where t.id = $1;

-- When something becomes due for the workers, and how many tasks are queued. What waits for room in its repository is due when a task of
-- that ends, which is notified.
--
-- $1 counted: bigint, the maximum of the count; 0: they are not counted
--
-- One row: milliseconds until then (null: nothing will), the number of queued tasks.
select ceil(extract(epoch from least(
        (select clock_timestamp() from lanes where waiting and remote <> all ((select full_repositories())::text[]) limit 1),
        (select min(due_at) from lanes where due_at is not null),
        (select min(lease_until) from tasks where lease_until is not null and not foreground),
        (select min(wait_until) from tasks where state = 'waiting' and not foreground
            and remote <> all ((select full_repositories())::text[])),
        -- Also those just past: they became due since turns were last looked for.
        (select min(not_before) from task_turns where state = 'kept' and not_before > clock_timestamp() - interval '5 s'))
        - clock_timestamp()) * 1000)::bigint,
    (select count(*) from (select 1 from tasks where state = 'queued' and not foreground limit $1::bigint) counted);

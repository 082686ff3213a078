-- What is to be done to the pull request of a task whose result was put away, or taken up again. It is wished for in the statement that
-- changes the task, whoever makes it, and done by the service.
create table if not exists request_duties (
    task_id  bigint primary key references tasks on delete cascade,
    wish     text not null check (wish in ('close', 'reopen')),
    state    text not null, -- of the task: why
    since    timestamptz not null default clock_timestamp(), -- tells a wish from one that took its place
    next_try timestamptz not null default clock_timestamp(),
    tries    integer not null default 0 check (tries >= 0)
);
create index if not exists request_duties_due on request_duties (next_try);

create or replace function wish_request_duty() returns trigger language plpgsql as $$
begin
    insert into request_duties (task_id, wish, state)
    values (new.id, case when new.state = 'review' then 'reopen' else 'close' end, new.state)
    on conflict (task_id) do update set wish = excluded.wish, state = excluded.state, since = excluded.since, next_try = excluded.next_try, tries = 0;
    perform pg_notify('persais_tasks', '');
    return null;
end
$$;
create or replace trigger wish_request_duty after update of state on tasks for each row
    when (new.state <> old.state and new.facts ? 'request'
        and (new.state in ('discarded', 'aborted', 'expired') or (new.state = 'review' and old.state = 'discarded')))
    execute function wish_request_duty();

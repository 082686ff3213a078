-- Which task is next comes from an index, however many tasks and repositories wait.
--
-- A lane is a repository in the queue. Three columns say what it has to offer; they may say too much for a while, never too little:
--   waiting   it may have a queued task that is due
--   first_at  no queued task of it has an earlier not_before
--   due_at    it has none that is due, and its next one is then
--   served    so many tasks of it were claimed since first_at was last brought up to date
-- Whoever queues a task shares the row's key with others who do, until its transaction has ended; whoever takes something back that the
-- columns say has the row alone, so that it sees every task that is queued.
alter table lanes
    alter column claimed_at drop not null, -- never served
    add column if not exists waiting boolean not null default false,
    add column if not exists first_at timestamptz,
    add column if not exists due_at timestamptz,
    add column if not exists served integer not null default 0;
create index if not exists lanes_waiting on lanes (claimed_at nulls first, first_at) where waiting;
create index if not exists lanes_due on lanes (due_at) where due_at is not null;

create or replace function lane_waits() returns trigger language plpgsql as $$
begin
    perform from lanes where remote = new.remote and waiting and first_at <= new.not_before for key share;
    if not found then
        insert into lanes as l (remote, waiting, first_at) values (new.remote, true, new.not_before)
        on conflict (remote) do update set waiting = true, due_at = null,
            first_at = case when l.waiting or l.due_at is not null then least(l.first_at, excluded.first_at) else excluded.first_at end;
    end if;
    return null;
end
$$;

create or replace trigger lane_waits after insert or update of state, not_before, foreground on tasks
    for each row when (new.state = 'queued' and not new.foreground) execute function lane_waits();

insert into lanes as l (remote, waiting, first_at)
select remote, true, min(not_before) from tasks where state = 'queued' and not foreground group by remote
on conflict (remote) do update set waiting = true, first_at = excluded.first_at;

-- Brings what a lane says up to date. False: somebody else uses the row at this moment.
create or replace function lane_look(p_remote text) returns boolean language plpgsql as $$
declare
    coming timestamptz;
begin
    perform from lanes where remote = p_remote for update skip locked;
    if not found then
        return false;
    end if;
    select t.not_before into coming from tasks t, lanes l
    where l.remote = p_remote and t.remote = p_remote and t.state = 'queued' and not t.foreground and t.not_before >= l.first_at
    order by t.not_before, t.id limit 1;
    update lanes set first_at = coming, waiting = coalesce(coming <= now(), false), due_at = case when coming > now() then coming end,
        served = 0
    where remote = p_remote;
    return true;
end
$$;

-- The task that a worker should claim: one whose lease has expired, else one whose wait is over, else the oldest queued one of the
-- repository with the fewest tasks in progress, of several the one served least recently. Null when there is none.
create or replace function claimable_task() returns bigint language plpgsql as $$
declare
    lane record;
    head record;
    busy text[];
    passed text[] := '{}';
begin
    select id into head from tasks where lease_until <= now() and not foreground order by lease_until limit 1;
    if found then
        return head.id;
    end if;
    select id into head from tasks where state = 'waiting' and wait_until <= now() and not foreground order by wait_until limit 1;
    if found then
        return head.id;
    end if;
    update lanes set waiting = true, due_at = null
    where remote in (select remote from lanes where due_at <= now() order by due_at limit 100 for update skip locked);
    select coalesce(array_agg(distinct remote), '{}') into busy from tasks where lease_until is not null;
    loop -- over repositories without a task in progress; each turn returns, corrects a lane or passes one over
        select remote, claimed_at, first_at, served into lane from lanes
        where waiting and remote <> all (busy) and remote <> all (passed)
        order by claimed_at nulls first, first_at limit 1;
        exit when not found;
        if lane.served >= 100 and lane_look(lane.remote) then -- what was claimed is not looked at again, also while an old snapshot keeps it
            continue;
        end if;
        select id, not_before into head from tasks
        where state = 'queued' and not foreground and remote = lane.remote and not_before between lane.first_at and now()
        order by not_before, id limit 1;
        if found and (lane.claimed_at is not null or head.not_before = lane.first_at) then
            return head.id;
        end if;
        if not lane_look(lane.remote) then
            if head.id is not null then
                return head.id; -- of repositories that were never served perhaps not the one that waits longest
            end if;
            passed := passed || lane.remote; -- whoever uses it notifies the workers
        end if;
    end loop;
    perform lane_look(l.remote) from lanes l
    where l.waiting and l.remote = any (busy) and (l.served >= 100 or not exists (
        select from tasks where state = 'queued' and not foreground and remote = l.remote and not_before between l.first_at and now()));
    select t.id into head
    from (select remote, count(*) as n from tasks where lease_until is not null group by remote) b
    join lanes l on l.remote = b.remote and l.waiting
    cross join lateral (
        select id, not_before from tasks
        where state = 'queued' and not foreground and remote = b.remote and not_before between l.first_at and now()
        order by not_before, id limit 1) t
    order by b.n, l.claimed_at nulls first, t.not_before, t.id limit 1;
    return head.id;
end
$$;

-- What lists and deletions look for.
create index if not exists outbox_of_task on outbox (task_id, id);
create index if not exists tasks_retries on tasks (retry_of) where retry_of is not null;
create index if not exists task_chats_of_chat on task_chats (chat_id, topic_id);

-- The tasks that a worker with so many free slots should claim, first the one that it should claim first: those that it would get if it
-- asked for one, claimed it, and asked again (claimable_task() of an earlier version). An expired lease, else a wait that is over, else the
-- oldest queued task of the repository with the fewest tasks in progress, of several the one served least recently.
create or replace function claimable_tasks(p_most integer) returns bigint[] language plpgsql as $$
declare
    lane record;
    head record;
    in_progress text[]; -- the repository of each task in progress
    busy text[];        -- each of these once, and those of which one was found
    passed text[] := '{}';
    found_ids bigint[];
    taken text[] := '{}'; -- the repositories of the queued tasks that were found, which count as in progress
    taken_at timestamptz[] := '{}';
begin
    -- One walk over the leases: while an old snapshot is held, those of tasks that ended stand among them.
    select coalesce(array_agg(remote), '{}'),
        coalesce((array_agg(id order by lease_until) filter (where lease_until <= now() and not foreground))[1:p_most], '{}')
    into in_progress, found_ids from tasks where lease_until is not null;
    if cardinality(found_ids) < p_most then
        found_ids := found_ids || array(select id from tasks where state = 'waiting' and wait_until <= now() and not foreground
            order by wait_until limit p_most - cardinality(found_ids));
    end if;
    if cardinality(found_ids) >= p_most then
        return found_ids;
    end if;
    -- What a lane says may be too much after a crash, so nobody waits for the disk when it is corrected.
    perform set_config('synchronous_commit', 'off', true);
    update lanes set waiting = true, due_at = null
    where remote in (select remote from lanes where due_at <= now() order by due_at limit 100 for update skip locked);
    busy := array(select distinct unnest(in_progress));
    while cardinality(found_ids) < p_most loop -- over repositories without a task in progress; each turn finds one, corrects a lane or passes one over
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
        if not (found and (lane.claimed_at is not null or head.not_before = lane.first_at)) then
            if lane_look(lane.remote) then
                continue;
            end if;
            if head.id is null then
                passed := passed || lane.remote; -- whoever uses it notifies the workers
                continue;
            end if; -- else, of repositories that were never served, it is perhaps not the one that waits longest
        end if;
        found_ids := found_ids || head.id;
        busy := busy || lane.remote;
        taken := taken || lane.remote;
        taken_at := taken_at || clock_timestamp();
    end loop;
    if cardinality(found_ids) >= p_most then
        return found_ids;
    end if;
    perform lane_look(l.remote) from lanes l
    where l.waiting and l.remote = any (busy) and (l.served >= 100 or not exists (
        select from tasks where state = 'queued' and not foreground and remote = l.remote and not_before between l.first_at and now()));
    while cardinality(found_ids) < p_most loop
        select t.id, b.remote into head
        from (
            select remote, count(*) as n, max(at) as at
            from (
                select unnest(in_progress) as remote, null::timestamptz as at
                union all
                select * from unnest(taken, taken_at)) held
            group by remote) b
        join lanes l on l.remote = b.remote and l.waiting
        cross join lateral (
            select id, not_before from tasks
            where state = 'queued' and not foreground and remote = b.remote and not_before between l.first_at and now()
                and id <> all (found_ids)
            order by not_before, id limit 1) t
        order by b.n, coalesce(b.at, l.claimed_at) nulls first, t.not_before, t.id limit 1;
        exit when not found;
        found_ids := found_ids || head.id;
        taken := taken || head.remote;
        taken_at := taken_at || clock_timestamp();
    end loop;
    return found_ids;
end
$$;

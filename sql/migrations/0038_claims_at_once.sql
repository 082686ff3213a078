-- What nobody has begun yet is claimed in the statement that finds it.
--
-- Each claim of that kind has a number, which with the owner is its own: whoever lost the answer finds by it what is theirs.
alter table tasks add column if not exists lease_claim bigint;

-- Claims, of the tasks that claimable_tasks() gives, those that nobody has begun: nothing is known of them (facts), so they all come to the
-- same state, which the caller has decided. Also gives what the caller holds by earlier claims of his whose answers he lost.
--
-- It waits for no lock, because it holds those of lanes that were corrected: a task or lane that somebody else uses at this moment is left
-- to the claims of single tasks, which lock in order. Nor does it wait for the disk, as no claim does.
create or replace function claim_new_tasks(p_most integer, p_state text, p_attempt integer, p_owner text, p_lease bigint, p_claim bigint,
    p_lost bigint[], p_nothing jsonb) returns setof tasks language plpgsql as $$
declare
    found_ids bigint[];
    each record;
    claimed tasks;
begin
    perform set_config('synchronous_commit', 'off', true);
    if cardinality(p_lost) > 0 then
        return query select * from tasks where lease_until > clock_timestamp() and lease_owner = p_owner and lease_claim = any (p_lost);
    end if;
    found_ids := claimable_tasks(p_most);
    for each in
        select t.id, t.remote from tasks t join lanes l on l.remote = t.remote
        where t.id = any (found_ids) and t.state = 'queued' and t.not_before <= clock_timestamp() and not t.foreground and not t.abort_wished
            and (t.facts = '{}' or t.facts = p_nothing)
        order by array_position(found_ids, t.id) for no key update skip locked
    loop
        update tasks set state = p_state, attempt = p_attempt, not_before = null, fence = fence + 1, changed_at = clock_timestamp(),
            lease_until = clock_timestamp() + p_lease * interval '1 millisecond', lease_owner = p_owner, lease_claim = p_claim
        where id = each.id returning * into claimed;
        continue when not found; -- there is no room in its repository
        update lanes set claimed_at = clock_timestamp(), served = served + 1 where remote = each.remote;
        insert into task_events (task_id, fence, kind, body)
        values (claimed.id, claimed.fence, 'state', jsonb_build_object('state', p_state, 'attempt', p_attempt, 'round', null));
        return next claimed;
    end loop;
end
$$;

-- The tasks that a worker with so many free slots should claim, as before (0033), with less to ask when little waits.
create or replace function claimable_tasks(p_most integer) returns bigint[] language plpgsql as $$
declare
    lane record;
    head record;
    in_progress text[]; -- the repository of each task in progress
    busy text[];        -- these, and the repositories of which one was found
    passed text[] := '{}';
    found_ids bigint[];
    taken text[] := '{}'; -- the repositories of the queued tasks that were found, which count as in progress
    taken_at timestamptz[] := '{}';
    full_ones text[] := '{}';
begin
    if exists (select from repositories where parallel is not null) then
        full_ones := full_repositories();
    end if;
    -- One walk over the leases: while an old snapshot is held, those of tasks that ended stand among them.
    select coalesce(array_agg(remote), '{}'),
        coalesce((array_agg(id order by lease_until) filter (where lease_until <= now() and not foreground))[1:p_most], '{}')
    into in_progress, found_ids from tasks where lease_until is not null;
    if cardinality(found_ids) < p_most then
        found_ids := found_ids || array(select id from tasks where state = 'waiting' and wait_until <= now() and not foreground
                and remote <> all (full_ones)
            order by wait_until limit p_most - cardinality(found_ids));
    end if;
    if cardinality(found_ids) >= p_most then
        return found_ids;
    end if;
    -- What a lane says may be too much after a crash, so nobody waits for the disk when it is corrected.
    perform set_config('synchronous_commit', 'off', true);
    if exists (select from lanes where due_at <= now()) then
        update lanes set waiting = true, due_at = null
        where remote in (select remote from lanes where due_at <= now() order by due_at limit 100 for update skip locked);
    end if;
    busy := in_progress;
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
    if not exists (select from lanes l where l.waiting and l.remote = any (busy) and exists (
        select from tasks where state = 'queued' and not foreground and remote = l.remote and not_before between l.first_at and now()
            and id <> all (found_ids))) then
        return found_ids; -- what follows is the longer question
    end if;
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
        left join repositories r on r.remote = b.remote
        cross join lateral (
            select id, not_before from tasks
            where state = 'queued' and not foreground and remote = b.remote and not_before between l.first_at and now()
                and id <> all (found_ids)
            order by not_before, id limit 1) t
        where r.parallel is null or b.n < r.parallel
        order by b.n, coalesce(b.at, l.claimed_at) nulls first, t.not_before, t.id limit 1;
        exit when not found;
        found_ids := found_ids || head.id;
        taken := taken || head.remote;
        taken_at := taken_at || clock_timestamp();
    end loop;
    return found_ids;
end
$$;

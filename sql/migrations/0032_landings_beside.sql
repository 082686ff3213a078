-- Landings that wait for a repository's lane are tried on top of one another meanwhile, and what is green is pushed together (decision 0071).

-- Whether somebody carries a landing on: it is worked on, or asks for the lane every few seconds. As in landing_take().
create or replace function landing_goes_on(t tasks) returns boolean language sql stable as $$
    select t.state in ('deploying', 'rolling_back') and t.lease_until > clock_timestamp()
        or t.state = 'queued' and (t.changed_at > clock_timestamp() - interval '15 seconds' or t.facts #> '{lands,joined}' is not null)
$$;

-- As landing_take(). Not taken: `ahead` is the commit that the landing in front has made, of those that may still come through; empty when
-- it has none yet. The holder of the lane is in front of everybody, whenever it was asked for.
create or replace function landing_lane(p_task bigint, p_fence bigint, out taken boolean, out ahead text) language plpgsql as $$
begin
    taken := landing_take(p_task, p_fence);
    ahead := '';
    if taken then
        return;
    end if;
    select case when t.facts #>> '{lands,step}' = 'replay' then '' -- it is being made
            when t.facts #> '{lands,there}' is not null and t.facts #>> '{lands,there,commit}' <> t.facts #>> '{lands,made}' then ''
            else t.facts #>> '{lands,made}' end
    into ahead from tasks mine
    join tasks t on t.remote = mine.remote and t.facts ? 'lands' and t.id <> mine.id and landing_goes_on(t)
        and t.facts ->> 'base_branch' = mine.facts ->> 'base_branch'
    left join landings l on l.remote = t.remote and l.task_id = t.id and t.lease_until is not null
    where mine.id = p_task and mine.fence = p_fence and mine.facts ? 'lands'
        and (l.task_id is not null
            or ((t.facts #>> '{lands,asked_us}')::bigint, t.id) < ((mine.facts #>> '{lands,asked_us}')::bigint, mine.id))
        -- What is known to come to nothing, or to ask a person again: the next one is made without it.
        and not coalesce((t.facts #>> '{lands,withdrawn}')::boolean, false)
        and (coalesce((t.facts #>> '{lands,same_text}')::boolean, true) or t.facts #>> '{lands,what}' = 'roll_back')
        and (t.facts #>> '{lands,after}' in ('not_run', 'green') or (t.facts #>> '{lands,anyway}')::boolean)
        and not (t.facts #>> '{lands,made}' = '' and t.facts #>> '{lands,step}' = 'lane' and t.facts #> '{lands,ahead}' is not null)
    order by l.task_id is null desc, (t.facts #>> '{lands,asked_us}')::bigint desc, t.id desc limit 1;
    ahead := coalesce(ahead, '');
end
$$;

-- Those that wait behind this landing, which has the lane and is about to push, and are made and green each on top of the one before: its
-- push brings them, too. In the same transaction they become in doubt, so that nobody is told that they were not pushed, and wait until
-- this one has ended. Whoever read such a row before cannot write it any more; nor can a worker that only asks for its turn just now.
create or replace function landing_join(p_task bigint, p_fence bigint)
    returns table (place integer, id bigint, made text) language plpgsql as $$
declare
    front record;
    behind record;
    tip text;
begin
    select t.remote, t.facts ->> 'base_branch' as branch, t.facts #>> '{lands,made}' as made, t.id into front from tasks t join landings l on l.remote = t.remote and l.task_id = t.id
    where t.id = p_task and t.fence = p_fence and t.state in ('deploying', 'rolling_back') and t.lease_until > clock_timestamp()
        and t.facts #>> '{lands,step}' = 'push';
    if not found then
        return;
    end if;
    tip := front.made;
    place := 0;
    while place < 50 loop
        select t.id, t.facts #>> '{lands,made}' as made into behind from tasks t
        where t.remote = front.remote and t.facts ->> 'base_branch' = front.branch and t.facts ? 'lands' and t.id <> p_task and not t.abort_wished
            and (t.state = 'queued' or t.state = 'deploying' and t.facts #>> '{lands,step}' = 'lane')
            and t.facts #>> '{lands,onto}' = tip and t.facts #>> '{lands,made}' <> '' and t.facts #>> '{lands,after}' = 'green'
            and (t.facts #>> '{lands,same_text}')::boolean and t.facts #>> '{lands,what}' <> 'roll_back'
            and not (t.facts #>> '{lands,withdrawn}')::boolean and t.facts #> '{lands,there}' is null and t.facts #> '{lands,front}' is null
            and case when (t.facts #>> '{lands,in_doubt}')::boolean then (t.facts #>> '{lands,joined}')::bigint = p_task else true end
        order by (t.facts #>> '{lands,asked_us}')::bigint, t.id limit 1 for update skip locked;
        exit when not found;
        update tasks t set facts = jsonb_set(jsonb_set(t.facts, '{lands,in_doubt}', 'true'), '{lands,joined}', to_jsonb(p_task)),
            fence = t.fence + 1, not_before = clock_timestamp() + interval '10 minutes', changed_at = clock_timestamp(),
            state = 'queued', lease_until = null, lease_owner = null, attempt = null, round = null, commit_id = null
        where t.id = behind.id;
        place := place + 1;
        id := behind.id;
        made := behind.made;
        tip := made;
        return next;
    end loop;
end
$$;

-- When a landing has taken a step, whoever waits right behind it may be able to go on.
create or replace function landing_moved() returns trigger language plpgsql as $$
begin
    update tasks set not_before = now() where id = (
        select id from tasks where remote = new.remote and facts ? 'lands' and state = 'queued' and not_before > now()
            and facts #> '{lands,joined}' is null and not coalesce((facts #>> '{lands,withdrawn}')::boolean, false)
            and ((facts #>> '{lands,asked_us}')::bigint, id) > ((new.facts #>> '{lands,asked_us}')::bigint, new.id)
        order by (facts #>> '{lands,asked_us}')::bigint, id limit 1 for update skip locked);
    if found then
        perform pg_notify('persais_tasks', '');
    end if;
    return null;
end
$$;
create or replace trigger landing_moved after update of facts on tasks for each row
    when (old.facts #>> '{lands,step}' = 'replay' and new.facts #>> '{lands,step}' <> 'replay'
        or old.facts #>> '{lands,after}' <> new.facts #>> '{lands,after}')
    execute function landing_moved();

-- When the push of a landing has ended, those that joined it are told by their rows. Pushed and looked at: they have the same end; taken
-- back: they go first, the last one of them at first. Else each looks for itself when its turn comes, and stays in doubt until then: an earlier
-- push, of a worker that died, may have brought it.
create or replace function landing_front() returns trigger language plpgsql as $$
declare
    with_it bigint[] := coalesce((select array_agg(value::bigint) from jsonb_array_elements_text(old.facts #> '{lands,with}')), '{}');
    back boolean := coalesce(new.facts #>> '{lands,what}' <> old.facts #>> '{lands,what}', false);
    landed boolean := back or not new.facts ? 'lands' and new.state in ('deployed', 'rolled_back')
        and (new.state = 'rolled_back') = (old.facts #>> '{lands,what}' = 'roll_back');
    refused boolean := not landed and old.facts #> '{lands,there}' is null and new.fence = old.fence
        and not coalesce((new.facts ->> 'landing_unknown')::boolean, false);
    -- Of a rollback that is unwell nothing is taken back: those that came with it look for themselves.
    same boolean := landed and not (old.facts #>> '{lands,what}' = 'roll_back' and coalesce(new.facts #>> '{seen,well}', 'true') = 'false');
    front jsonb := jsonb_strip_nulls(jsonb_build_object('take_back', back, 'seen', new.facts -> 'seen'));
begin
    if new.facts ? 'lands' and not back and not refused then
        return null; -- another worker took it over: it is going to find out
    end if;
    if back and cardinality(with_it) > 0 then
        delete from landings where task_id = new.id; -- it has the lane for its new wish only after the others
    end if;
    update tasks t set fence = t.fence + 1, not_before = now(), changed_at = clock_timestamp(), facts = case
        when same and t.id = any (with_it) then jsonb_set(jsonb_set(t.facts, '{lands,front}', front), '{lands,asked_us}',
            to_jsonb((case when back then (old.facts #>> '{lands,asked_us}')::bigint - array_position(with_it, t.id)
                else (t.facts #>> '{lands,asked_us}')::bigint end)))
        else t.facts end
    where t.remote = new.remote and t.state = 'queued' and t.facts #>> '{lands,joined}' = new.id::text and t.facts #> '{lands,front}' is null
        and not (refused and (t.facts #>> '{lands,withdrawn}')::boolean);
    if found then
        perform pg_notify('persais_tasks', '');
    end if;
    return null;
end
$$;
create or replace trigger landing_front after update of facts on tasks for each row
    when (old.facts ? 'lands' and (not new.facts ? 'lands' or old.facts #>> '{lands,what}' <> new.facts #>> '{lands,what}'
        or old.facts #>> '{lands,step}' = 'push' and new.facts #>> '{lands,step}' = 'replay'))
    execute function landing_front();

-- One that joined another ends without having had the lane. Nobody is woken who waits for a push: for that of the one that it joined, or,
-- withdrawn, for its own to settle.
create or replace function landing_over() returns trigger language plpgsql as $$
begin
    update tasks set not_before = now() where id = (
        select id from tasks where remote = new.remote and facts ? 'lands' and state = 'queued' and not_before > now()
            and facts #> '{lands,joined}' is null and not coalesce((facts #>> '{lands,withdrawn}')::boolean, false)
        order by (facts #>> '{lands,asked_us}')::bigint, id limit 1 for update skip locked);
    if found then
        perform pg_notify('persais_tasks', '');
    end if;
    return null;
end
$$;
create or replace trigger landing_over after update of state on tasks for each row
    when (old.facts ? 'lands' and not new.facts ? 'lands') execute function landing_over();

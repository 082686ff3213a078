-- The lane has no fence of its own: the landing task's lease is what tells an old holder from a new one.
alter table landings drop column if exists fence, alter column taken_at drop default;

-- Gives a repository's lane to this task, which somebody works on under this fence. False: another landing has it, or asked earlier and is
-- carried on.
create or replace function landing_take(p_task bigint, p_fence bigint) returns boolean language plpgsql as $$
declare
    mine record;
    holder bigint;
    taken timestamptz;
begin
    select remote, (facts #>> '{lands,asked_us}')::bigint as asked into mine from tasks
    where id = p_task and fence = p_fence and state in ('deploying', 'rolling_back') and lease_until > clock_timestamp();
    if not found then
        return false;
    end if;
    perform pg_advisory_xact_lock(hashtextextended('landing ' || mine.remote, 0));
    select task_id, taken_at into holder, taken from landings where remote = mine.remote;
    -- Not for an earlier wish of the same task: others may have asked since.
    if holder = p_task and extract(epoch from taken) * 1000000 >= mine.asked then
        return true;
    end if;
    if exists (select from tasks where id = holder and id <> p_task and state in ('deploying', 'rolling_back') and lease_until > clock_timestamp()) then
        return false;
    end if;
    -- Whoever is carried on asks again within seconds; who was not touched for longer may wait for a worker for a long time.
    if exists (select from tasks t where t.remote = mine.remote and t.facts ? 'lands' and t.id <> p_task
        and ((t.facts #>> '{lands,asked_us}')::bigint, t.id) < (mine.asked, p_task)
        and (t.state in ('deploying', 'rolling_back') and t.lease_until > clock_timestamp()
            or t.state = 'queued' and t.changed_at > clock_timestamp() - interval '15 seconds')) then
        return false;
    end if;
    insert into landings as l (remote, task_id, taken_at) values (mine.remote, p_task, clock_timestamp())
    on conflict (remote) do update set task_id = excluded.task_id, taken_at = excluded.taken_at;
    return true;
end
$$;

-- When a landing ends, the next one need not wait until it asks again.
create or replace function landing_over() returns trigger language plpgsql as $$
begin
    -- Whoever works on that one just now asks by itself, and its row may be another by the time that it is free.
    update tasks set not_before = now() where id = (
        select id from tasks where remote = new.remote and facts ? 'lands' and state = 'queued' and not_before > now()
        order by (facts #>> '{lands,asked_us}')::bigint, id limit 1 for update skip locked);
    if found then
        perform pg_notify('persais_tasks', '');
    end if;
    return null;
end
$$;

-- A program of before knows no landings: it would prepare a turn, and the approval would be gone. This it can set aside.
create or replace function landing_is_no_turn() returns trigger language plpgsql as $$
begin
    raise exception 'task % is to be landed', new.id using errcode = 'check_violation';
end
$$;
create or replace trigger landing_is_no_turn before update of state on tasks for each row
    when (old.facts ? 'lands' and new.state in ('preparing', 'coding', 'checking', 'answering')) execute function landing_is_no_turn();

-- Nobody may ever learn what became of a push; the audit says that, too.
alter table audit
    drop constraint if exists audit_what_check,
    drop constraint if exists what_known,
    add constraint what_known check (what in ('deploy_asked', 'deployed', 'not_deployed', 'rollback_asked', 'rolled_back', 'not_rolled_back',
        'deploy_unknown', 'rollback_unknown'));

create or replace function audit_landing() returns trigger language plpgsql as $$
declare
    wish jsonb := coalesce(new.facts -> 'lands', old.facts -> 'lands');
    back boolean := wish ->> 'what' = 'roll_back';
begin
    insert into audit (task_id, remote, what, by, commit_id, anyway)
    values (new.id, new.remote,
        case when new.facts ? 'lands' then case when back then 'rollback_asked' else 'deploy_asked' end
            when new.state = 'deployed' and not back then 'deployed'
            when new.state = 'rolled_back' then 'rolled_back'
            when (new.facts ->> 'landing_unknown')::boolean then case when back then 'rollback_unknown' else 'deploy_unknown' end
            else case when back then 'not_rolled_back' else 'not_deployed' end end,
        coalesce(wish ->> 'by', ''), coalesce(case when new.state in ('deployed', 'rolled_back') then new.commit_id end, wish ->> 'commit', ''),
        coalesce((wish ->> 'anyway')::boolean, false));
    return null;
end
$$;

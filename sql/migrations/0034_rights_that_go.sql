-- Rights that go away: of who approved a landing that has begun, and of whom a setting names. What a crash leaves of approvals, and of a push
-- that brings several landings.

-- Whether the others heard of it: written in the transaction that tells them.
alter table approvals add column if not exists told boolean not null default true;
alter table approvals alter column told set default false;

-- As before, with its bounds as parameters (an earlier program calls it without them). What the push brings along stands in the row of the one
-- that pushes before anything is pushed: whoever takes it over knows whom it brought. A row that somebody writes just then is waited for, since
-- the next landing is woken whenever this one takes a step, and asks for its turn at that moment. Of a deadlock it is this one that gives way.
drop function if exists landing_join(bigint, bigint);
create or replace function landing_join(p_task bigint, p_fence bigint, p_most integer default 50, p_wait_s bigint default 600)
    returns table (place integer, id bigint, made text) language plpgsql set lock_timeout = '5s' as $$
declare
    front record;
    behind record;
    tip text;
    brings jsonb := '[]';
begin
    select t.remote, t.facts ->> 'base_branch' as branch, t.facts #>> '{lands,made}' as made, t.id into front from tasks t join landings l on l.remote = t.remote and l.task_id = t.id
    where t.id = p_task and t.fence = p_fence and t.state in ('deploying', 'rolling_back') and t.lease_until > clock_timestamp()
        and t.facts #>> '{lands,step}' = 'push';
    if not found then
        return;
    end if;
    tip := front.made;
    place := 0;
    while place < p_most loop
        begin
            select t.id, t.facts #>> '{lands,made}' as made into behind from tasks t
            where t.remote = front.remote and t.facts ->> 'base_branch' = front.branch and t.facts ? 'lands' and t.id <> p_task and not t.abort_wished
                and (t.state = 'queued' or t.state = 'deploying' and t.facts #>> '{lands,step}' = 'lane')
                and t.facts #>> '{lands,onto}' = tip and t.facts #>> '{lands,made}' <> '' and t.facts #>> '{lands,after}' = 'green'
                and (t.facts #>> '{lands,same_text}')::boolean and t.facts #>> '{lands,what}' <> 'roll_back'
                and not (t.facts #>> '{lands,withdrawn}')::boolean and t.facts #> '{lands,there}' is null and t.facts #> '{lands,front}' is null
                and case when (t.facts #>> '{lands,in_doubt}')::boolean then (t.facts #>> '{lands,joined}')::bigint = p_task else true end
            order by (t.facts #>> '{lands,asked_us}')::bigint, t.id limit 1 for update;
        exception when lock_not_available or deadlock_detected then
            exit;
        end;
        exit when not found;
        update tasks t set facts = jsonb_set(jsonb_set(t.facts, '{lands,in_doubt}', 'true'), '{lands,joined}', to_jsonb(p_task)),
            fence = t.fence + 1, not_before = clock_timestamp() + p_wait_s * interval '1 second', changed_at = clock_timestamp(),
            state = 'queued', lease_until = null, lease_owner = null, attempt = null, round = null, commit_id = null
        where t.id = behind.id;
        place := place + 1;
        id := behind.id;
        made := behind.made;
        tip := made;
        brings := brings || to_jsonb(id);
        return next;
    end loop;
    if place > 0 then
        update tasks t set facts = jsonb_set(jsonb_set(t.facts, '{lands,with}', brings), '{lands,tip}', to_jsonb(tip))
        where t.id = p_task and t.fence = p_fence;
    end if;
end
$$;

-- The rights that settings gave when a service recorded them last; what they differ in then stands in the audit.
create table if not exists rights_by_setting (
    setting     text not null,
    holder      text not null,  -- a person's number; of DEPLOY_RULES the repository that the rule names
    rule        text not null,  -- of DEPLOY_RULES
    primary key (setting, holder)
);

-- Words of the audit that are about no task are added to those that stand there, whichever those are.
do $do$
declare
    one record;
begin
    for one in select conname, pg_get_constraintdef(oid) as said from pg_constraint
        where conrelid = 'audit'::regclass and conname in ('what_known', 'of_a_task_or_a_person')
    loop
        continue when one.said like '%''rule_set''%';
        execute format('alter table audit drop constraint %I, add constraint %I %s', one.conname, one.conname,
            regexp_replace(one.said, 'ARRAY\[', 'ARRAY[''no_admin''::text, ''rule_set''::text, ''rule_gone''::text, '));
    end loop;
end
$do$;

-- Records the rights that the settings give now: an array of objects (setting, holder, rule). Returns how many rows the audit has more. Of
-- several processes one writes; the next one finds nothing new.
create or replace function rights_record(p_rights jsonb) returns integer language plpgsql as $$
declare
    changes integer;
begin
    lock table rights_by_setting in exclusive mode;
    with given as (
        select distinct on (setting, holder) setting, holder, rule from jsonb_to_recordset(p_rights) r (setting text, holder text, rule text)
    ), gone as (
        delete from rights_by_setting was where not exists (select from given g where (g.setting, g.holder) = (was.setting, was.holder))
        returning was.setting, was.holder
    ), fresh as (
        insert into rights_by_setting as was (setting, holder, rule) select setting, holder, rule from given
        on conflict (setting, holder) do update set rule = excluded.rule where was.rule <> excluded.rule
        returning was.setting, was.holder, was.rule
    ), changed as (
        select setting, holder, '' as rule, false as has from gone union all select setting, holder, rule, true from fresh
    ), written as (
        insert into audit (person, remote, what, by, commit_id, anyway, detail)
        select case when setting <> 'DEPLOY_RULES' then holder::bigint end, case when setting = 'DEPLOY_RULES' then holder else '' end,
            case setting when 'TELEGRAM_ADMIN_IDS' then case when has then 'made_admin' else 'no_admin' end
                when 'ALLOWED_USER_IDS' then case when has then 'let_in' else 'put_out' end
                else case when has then 'rule_set' else 'rule_gone' end end,
            setting, '', false, rule
        from changed order by setting, has, holder
        returning 1
    )
    select count(*) into changes from written;
    return changes;
end
$$;

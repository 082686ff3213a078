-- Who agreed that a result is deployed, where several have to (DEPLOY_RULES), and second factors.

-- An approval is of one commit while the task shows exactly that. It is gone when the task goes on in whatever way: deployed, replied to, put
-- away. That it was given stays in the audit.
create table if not exists approvals (
    task_id     bigint not null references tasks (id) on delete cascade,
    commit_id   text not null,
    person      text not null,   -- their number, or 'terminal'
    anyway      boolean not null,
    at          timestamptz not null default clock_timestamp(),
    primary key (task_id, person)
);

-- False: the task shows another commit by now, or has gone on. Once more is as once.
create or replace function landing_approve(p_task bigint, p_commit text, p_by text, p_anyway boolean) returns boolean language plpgsql as $$
begin
    -- Held until the approval is committed, so that it cannot outlive what it is of.
    perform from tasks where id = p_task and commit_id = p_commit and state in ('review', 'rolled_back') for share;
    if not found then
        return false;
    end if;
    insert into approvals (task_id, commit_id, person, anyway) values (p_task, p_commit, p_by, p_anyway) on conflict do nothing;
    return true;
end
$$;

create or replace function approvals_void() returns trigger language plpgsql as $$
begin
    delete from approvals where task_id = new.id;
    return null;
end
$$;
create or replace trigger approvals_void after update of state, commit_id on tasks for each row
    when (old.state in ('review', 'rolled_back') and (new.state, new.commit_id) is distinct from (old.state, old.commit_id))
    execute function approvals_void();

-- A person's authenticator app. The secret is sealed with PERSAIS_MASTER_KEY.
create table if not exists second_factors (
    person      text primary key,   -- 'terminal', or the number of a person
    sealed      bytea not null,
    made_at     timestamptz not null default clock_timestamp(),
    set_up_at   timestamptz,        -- a code of it came; null: nobody has shown yet that they have it
    last_step   bigint,             -- of the newest code that was accepted: none is accepted twice
    proved_at   timestamptz,        -- when that was
    wrong       integer not null default 0, -- codes since the last right one
    tried_at    timestamptz
);

-- Gives a person a new secret. False: they have shown that they have one, which has to be taken back first.
create or replace function factor_begin(p_person text, p_sealed bytea) returns boolean language plpgsql as $$
begin
    insert into second_factors as f (person, sealed) values (p_person, p_sealed)
    on conflict (person) do update set sealed = excluded.sealed, made_at = clock_timestamp() where f.set_up_at is null;
    return found;
end
$$;

-- Counts a code before it is looked at, so that many at once are counted as well. No row: too many were wrong, or the person has no secret.
create or replace function factor_try(p_person text, p_most integer, p_pause_s bigint) returns setof second_factors language sql as $$
    update second_factors set tried_at = clock_timestamp(),
        wrong = case when tried_at < clock_timestamp() - p_pause_s * interval '1 second' then 1 else wrong + 1 end
    where person = p_person and (wrong < p_most or tried_at < clock_timestamp() - p_pause_s * interval '1 second') returning *
$$;

-- The code of this step was right. False: it was used before, or the secret is another one by now.
create or replace function factor_accept(p_person text, p_sealed bytea, p_step bigint) returns boolean language plpgsql as $$
declare
    fresh boolean;
begin
    select set_up_at is null into fresh from second_factors where person = p_person and sealed = p_sealed and coalesce(last_step, -1) < p_step for update;
    if not found then
        return false;
    end if;
    update second_factors set last_step = p_step, proved_at = clock_timestamp(), wrong = 0, set_up_at = coalesce(set_up_at, clock_timestamp())
    where person = p_person;
    if fresh then
        perform factor_audit(p_person, 'factor_set_up', p_person);
    end if;
    return true;
end
$$;

-- Takes a person's secret back. False: there is none.
create or replace function factor_reset(p_person text, p_by text) returns boolean language plpgsql as $$
begin
    delete from second_factors where person = p_person;
    if not found then
        return false;
    end if;
    perform factor_audit(p_person, 'factor_reset', p_by);
    return true;
end
$$;

alter table audit
    drop constraint if exists what_known,
    drop constraint if exists of_a_task_or_a_person,
    add constraint what_known check (what in ('deploy_asked', 'deployed', 'not_deployed', 'rollback_asked', 'rolled_back', 'not_rolled_back',
        'deploy_unknown', 'rollback_unknown', 'approved', 'made_admin', 'let_in', 'kept_out', 'put_out', 'factor_set_up', 'factor_reset', 'factor_wrong')),
    -- A second factor without a person is the terminal's.
    add constraint of_a_task_or_a_person check ((task_id is null) = (what in ('made_admin', 'let_in', 'kept_out', 'put_out', 'factor_set_up',
        'factor_reset', 'factor_wrong')) and (task_id is null or person is null) and (person is not null or what not in ('made_admin', 'let_in',
        'kept_out', 'put_out')));

create or replace function audit_approval() returns trigger language plpgsql as $$
begin
    insert into audit (task_id, remote, what, by, commit_id, anyway)
    select new.task_id, remote, 'approved', new.person, new.commit_id, new.anyway from tasks where id = new.task_id;
    return null;
end
$$;
create or replace trigger audit_approval after insert on approvals for each row execute function audit_approval();

create or replace function factor_audit(p_person text, p_what text, p_by text) returns void language sql as $$
    insert into audit (person, remote, what, by, commit_id, anyway)
    values (case when p_person <> 'terminal' then p_person::bigint end, '', p_what, p_by, '', false)
$$;

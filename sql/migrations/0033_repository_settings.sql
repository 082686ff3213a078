-- Settings of each repository, which admins make: what is not set is taken from .persais.toml or from the service's own settings.
alter table repositories
    add column if not exists parallel integer check (parallel between 1 and 1000),     -- tasks of it at once; null: as many as there is room for
    add column if not exists allow text[] not null default '{}',                       -- gitignore patterns of what may be changed; empty: all
    add column if not exists protect text[] not null default '{}',                     -- of what may not
    add column if not exists forge text check (forge in ('github', 'gitlab', 'gitea', 'none')),
    add column if not exists api_url text,
    add column if not exists land text check (land in ('push', 'request')),            -- as DEPLOY_STRATEGY
    add column if not exists models text[] not null default '{}',                      -- that its tasks may ask; empty: any
    add column if not exists zero_retention boolean not null default false,            -- of the models' endpoints
    add column if not exists no_collection boolean not null default false,
    add column if not exists environment_for text not null default 'nobody' check (environment_for in ('nobody', 'setup', 'checks'));

-- The environment that setup (and, with 'checks', the checks) of a repository get. The values are sealed with PERSAIS_MASTER_KEY.
create table if not exists repository_environment (
    repository  bigint not null references repositories (id) on delete cascade,
    name        text not null check (name ~ '^[A-Za-z_][A-Za-z0-9_]{0,127}$'),
    sealed      bytea not null,
    primary key (repository, name)
);

-- Each process that works knows the repositories, and hears when one changes.
create or replace function repositories_changed() returns trigger language plpgsql as $$
begin
    perform pg_notify('persais_repositories', '');
    return null;
end
$$;
create or replace trigger repositories_changed after insert or update or delete on repositories
    for each statement execute function repositories_changed();
create or replace trigger repositories_changed after insert or update or delete on repository_environment
    for each statement execute function repositories_changed();

-- A change of these settings is in the audit: whose repository, by whom, and what became of which setting; of a secret only its name.
alter table audit
    add column if not exists detail text not null default '',
    drop constraint if exists what_known,
    drop constraint if exists of_a_task_or_a_person,
    add constraint what_known check (what in ('deploy_asked', 'deployed', 'not_deployed', 'rollback_asked', 'rolled_back', 'not_rolled_back',
        'deploy_unknown', 'rollback_unknown', 'approved', 'made_admin', 'let_in', 'kept_out', 'put_out', 'factor_set_up', 'factor_reset',
        'factor_wrong', 'repository_added', 'repository_changed', 'repository_removed')),
    -- A second factor without a person is the terminal's.
    add constraint of_a_task_or_a_person check ((task_id is null) = (what in ('made_admin', 'let_in', 'kept_out', 'put_out', 'factor_set_up',
        'factor_reset', 'factor_wrong', 'repository_added', 'repository_changed', 'repository_removed')) and (task_id is null or person is null)
        and (person is not null or what not in ('made_admin', 'let_in', 'kept_out', 'put_out')));

-- The repositories of which as many tasks are in progress as may be at once.
create or replace function full_repositories() returns text[] language sql stable as $$
    select coalesce(array_agg(r.remote), '{}') from repositories r
    where r.parallel <= (select count(*) from tasks t where t.lease_until is not null and t.remote = r.remote)
$$;

-- Two workers that claim at one moment both saw room for one task: the second is refused, as if the first had been there before. Nobody
-- waits here for somebody else's claim, because one statement claims tasks of several repositories: who is refused looks again.
create or replace function repository_has_room() returns trigger language plpgsql as $$
declare
    most integer;
begin
    select parallel into most from repositories where remote = new.remote;
    if most is null then
        return new;
    end if;
    if not pg_try_advisory_xact_lock(hashtextextended(new.remote, 33)) then
        return null;
    end if;
    if (select count(*) from tasks where lease_until is not null and remote = new.remote and id <> new.id) >= most then
        return null;
    end if;
    return new;
end
$$;
create or replace trigger repository_has_room before update of lease_until on tasks for each row
    when (old.lease_until is null and new.lease_until is not null and not new.foreground) execute function repository_has_room();

-- Workers elsewhere sleep while a repository is full, and are told when it is not.
create or replace function repository_gets_room() returns trigger language plpgsql as $$
begin
    if exists (select from repositories where remote = new.remote and parallel is not null) then
        perform pg_notify('persais_tasks', '');
    end if;
    return null;
end
$$;
create or replace trigger repository_gets_room after update of lease_until on tasks for each row
    when (old.lease_until is not null and new.lease_until is null) execute function repository_gets_room();

-- The tasks that a worker with so many free slots should claim, as before (0020); none of a repository that is full.
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
    full_ones text[] := full_repositories();
begin
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

CREATE FUNCTION public.api_token_add(p_digest bytea, p_name text, p_person bigint, p_scopes text[], p_by text, p_valid_s bigint) RETURNS bigint
    LANGUAGE plpgsql
    AS $$
declare
    made bigint;
begin
    if p_person is not null then
        insert into people (id) values (p_person) on conflict do nothing; -- whom only a setting names
    end if;
    insert into api_tokens (name, digest, person, scopes, made_by, expires_at)
    values (p_name, p_digest, p_person, p_scopes, p_by, clock_timestamp() + p_valid_s * interval '1 second') returning id into made;
    insert into audit (person, remote, what, by, commit_id, anyway, detail)
    values (p_person, '', 'token_made', p_by, '', false, made || ' ' || p_name || ': ' || array_to_string(p_scopes, ', '));
    return made;
end $$;

CREATE FUNCTION public.api_token_revoke(p_id bigint, p_by text) RETURNS boolean
    LANGUAGE plpgsql
    AS $$
declare
    one api_tokens;
begin
    update api_tokens set revoked_at = clock_timestamp() where id = p_id and revoked_at is null returning * into one;
    if not found then
        return false;
    end if;
    insert into audit (person, remote, what, by, commit_id, anyway, detail)
    values (one.person, '', 'token_revoked', p_by, '', false, one.id || ' ' || one.name);
    return true;
end $$;

CREATE FUNCTION public.api_tokens_go() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
declare
    decided_by text := to_jsonb(new) ->> 'by'; -- PL/pgSQL was seen not to find the field as `new.by`
begin
    if decided_by in ('TELEGRAM_ADMIN_IDS', 'ALLOWED_USER_IDS') and (exists (select from grants where person = new.person)
            or exists (select from people where id = new.person and (paired_at is not null or let_in))
            or exists (select from rights_by_setting where holder = new.person::text and setting in ('TELEGRAM_ADMIN_IDS', 'ALLOWED_USER_IDS'))) then
        return null;
    end if;
    perform api_token_revoke(t.id, decided_by) from api_tokens t where t.person = new.person and t.revoked_at is null;
    return null;
end $$;

CREATE FUNCTION public.approvals_void() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    delete from approvals where task_id = new.id;
    return null;
end
$$;

CREATE FUNCTION public.audit_approval() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    insert into audit (task_id, remote, what, by, commit_id, anyway)
    select new.task_id, remote, 'approved', new.person, new.commit_id, new.anyway from tasks where id = new.task_id;
    return null;
end
$$;

CREATE FUNCTION public.audit_keeps() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    raise exception 'the audit is only added to';
end
$$;

CREATE FUNCTION public.audit_landing() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
declare
    wish jsonb := coalesce(old.facts -> 'lands', new.facts -> 'lands'); -- what ends, or begins
    back boolean := wish ->> 'what' = 'roll_back';
    turns_round boolean := old.facts ? 'lands' and new.facts ? 'lands';
    arrived boolean := new.state = case when back then 'rolled_back' else 'deployed' end or turns_round;
    landed text := case when turns_round then new.facts #>> '{on_base,commit}' else new.commit_id end;
begin
    insert into audit (task_id, remote, what, by, commit_id, anyway)
    values (new.id, new.remote,
        case when not old.facts ? 'lands' then case when back then 'rollback_asked' else 'deploy_asked' end
            when arrived then case when back then 'rolled_back' else 'deployed' end
            when (new.facts ->> 'landing_unknown')::boolean then case when back then 'rollback_unknown' else 'deploy_unknown' end
            else case when back then 'not_rolled_back' else 'not_deployed' end end,
        coalesce(wish ->> 'by', ''), coalesce(case when old.facts ? 'lands' and arrived then landed end, wish ->> 'commit', ''),
        coalesce((wish ->> 'anyway')::boolean, false));
    if turns_round then
        insert into audit (task_id, remote, what, by, commit_id, anyway)
        values (new.id, new.remote, 'rollback_asked', new.facts #>> '{lands,by}', new.facts #>> '{lands,commit}', true);
    end if;
    return null;
end
$$;

CREATE FUNCTION public.audit_right() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    if old.paired_at is null and new.paired_at is not null then -- by the one-time code
        insert into audit (person, remote, what, by, commit_id, anyway) values (new.id, '', 'made_admin', new.id::text, '', false);
    end if;
    if new.decided_at is distinct from old.decided_at and new.decided_at is not null then
        insert into audit (person, remote, what, by, commit_id, anyway)
        values (new.id, '', case when new.let_in then 'let_in' when old.let_in then 'put_out' else 'kept_out' end, new.decided_by::text, '', false);
    end if;
    return null;
end
$$;

CREATE FUNCTION public.budget_told(p_budget text, p_whose text, p_since date) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    update budget_warnings set told_at = clock_timestamp() where budget = p_budget and whose = p_whose and since = p_since and told_at is null;
    if not found then
        raise exception 'it was told before' using errcode = 'PX002';
    end if;
end $$;

CREATE FUNCTION public.button_use(p_token text) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    update buttons set used_at = clock_timestamp() where token = p_token and used_at is null;
    if not found then
        raise exception 'the button was used before' using errcode = 'PX002';
    end if;
end $$;

CREATE TABLE public.tasks (
    id bigint NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    changed_at timestamp with time zone DEFAULT now() NOT NULL,
    kind text NOT NULL,
    remote text NOT NULL,
    base_wanted text,
    instruction text NOT NULL,
    check_given text,
    setup_given text,
    model text NOT NULL,
    budget_usd double precision NOT NULL,
    attempts_most integer NOT NULL,
    rounds_most integer NOT NULL,
    foreground boolean NOT NULL,
    state text NOT NULL,
    fence bigint DEFAULT 0 NOT NULL,
    lease_owner text,
    lease_until timestamp with time zone,
    attempt integer,
    round integer,
    not_before timestamp with time zone,
    commit_id text,
    verdict text,
    wait_reason text,
    wait_until timestamp with time zone,
    give_up_at timestamp with time zone,
    reason text,
    sentence text,
    facts jsonb DEFAULT '{}'::jsonb NOT NULL,
    conversation jsonb DEFAULT '[]'::jsonb NOT NULL,
    retry_of bigint,
    abort_wished boolean DEFAULT false NOT NULL,
    from_answer bigint,
    withdrawn boolean DEFAULT false NOT NULL,
    co_author text,
    lease_claim bigint,
    CONSTRAINT answers_only_questions CHECK (((state <> ALL (ARRAY['answering'::text, 'answered'::text])) OR (kind = 'question'::text))),
    CONSTRAINT attempt_iff_working CHECK (((lease_until IS NULL) = (attempt IS NULL))),
    CONSTRAINT attempt_within_limit CHECK ((attempt <= attempts_most)),
    CONSTRAINT commit_iff_made CHECK (((state = ANY (ARRAY['publishing'::text, 'review'::text, 'deploying'::text, 'deployed'::text, 'rolling_back'::text, 'rolled_back'::text, 'discarded'::text])) = (commit_id IS NOT NULL))),
    CONSTRAINT deployed_is_on_base CHECK (((state <> 'deployed'::text) OR (NOT (commit_id IS DISTINCT FROM (facts #>> '{on_base,commit}'::text[]))))),
    CONSTRAINT landing_is_asked_for CHECK (((state <> ALL (ARRAY['deploying'::text, 'rolling_back'::text])) OR (NOT (commit_id IS DISTINCT FROM (facts #>> '{lands,commit}'::text[]))))),
    CONSTRAINT lease_iff_working CHECK (((state = ANY (ARRAY['preparing'::text, 'coding'::text, 'checking'::text, 'publishing'::text, 'answering'::text, 'deploying'::text, 'rolling_back'::text])) = (lease_until IS NOT NULL))),
    CONSTRAINT leased_has_fence CHECK (((lease_until IS NULL) OR (fence > 0))),
    CONSTRAINT not_before_iff_queued CHECK (((state = 'queued'::text) = (not_before IS NOT NULL))),
    CONSTRAINT owner_iff_lease CHECK (((lease_until IS NULL) = (lease_owner IS NULL))),
    CONSTRAINT publishing_is_decided CHECK (((state <> 'publishing'::text) OR (COALESCE((facts ->> 'decided'::text), ''::text) = ANY (ARRAY['ready'::text, 'ready_unchecked'::text, 'tests_red'::text, 'checks_could_not_run'::text])))),
    CONSTRAINT questions_push_nothing CHECK (((kind = 'change'::text) OR (state <> ALL (ARRAY['coding'::text, 'checking'::text, 'publishing'::text, 'review'::text, 'deploying'::text, 'deployed'::text, 'rolling_back'::text, 'rolled_back'::text, 'discarded'::text])))),
    CONSTRAINT reason_iff_failed CHECK (((state = 'failed'::text) = (reason IS NOT NULL))),
    CONSTRAINT review_is_of_what_was_made CHECK (((state <> 'review'::text) OR (NOT (commit_id IS DISTINCT FROM (facts #>> '{made,commit}'::text[]))))),
    CONSTRAINT round_iff_coding CHECK (((state = ANY (ARRAY['coding'::text, 'checking'::text, 'deploying'::text, 'rolling_back'::text])) = (round IS NOT NULL))),
    CONSTRAINT round_within_limit CHECK (((state = ANY (ARRAY['deploying'::text, 'rolling_back'::text])) OR (round <= rounds_most))),
    CONSTRAINT sentence_iff_told CHECK (((state = ANY (ARRAY['failed'::text, 'parked'::text])) = (sentence IS NOT NULL))),
    CONSTRAINT state_known CHECK ((state = ANY (ARRAY['queued'::text, 'preparing'::text, 'coding'::text, 'checking'::text, 'publishing'::text, 'answering'::text, 'review'::text, 'waiting'::text, 'failed'::text, 'aborted'::text, 'parked'::text, 'expired'::text, 'answered'::text, 'deploying'::text, 'deployed'::text, 'rolling_back'::text, 'rolled_back'::text, 'discarded'::text]))),
    CONSTRAINT tasks_attempt_check CHECK ((attempt >= 1)),
    CONSTRAINT tasks_attempts_most_check CHECK (((attempts_most >= 1) AND (attempts_most <= 100))),
    CONSTRAINT tasks_budget_usd_check CHECK ((budget_usd >= (0)::double precision)),
    CONSTRAINT tasks_commit_id_check CHECK ((commit_id ~ '^([0-9a-f]{40}|[0-9a-f]{64})$'::text)),
    CONSTRAINT tasks_fence_check CHECK ((fence >= 0)),
    CONSTRAINT tasks_instruction_check CHECK (((instruction <> ''::text) AND (char_length(instruction) <= 16384))),
    CONSTRAINT tasks_kind_check CHECK ((kind = ANY (ARRAY['change'::text, 'question'::text]))),
    CONSTRAINT tasks_remote_check CHECK ((remote <> ''::text)),
    CONSTRAINT tasks_round_check CHECK ((round >= 0)),
    CONSTRAINT tasks_rounds_most_check CHECK (((rounds_most >= 0) AND (rounds_most <= 100))),
    CONSTRAINT verdict_iff_judged CHECK (((state = ANY (ARRAY['review'::text, 'failed'::text])) = (verdict IS NOT NULL))),
    CONSTRAINT verdict_of_failed CHECK (((state <> 'failed'::text) OR (verdict = ANY (ARRAY['no_change'::text, 'protected_path'::text, 'link_outside'::text, 'paths_collide'::text, 'secret_found'::text, 'model_failed'::text, 'timed_out'::text, 'disk_limit'::text, 'remote_failed'::text, 'world_broken'::text])))),
    CONSTRAINT verdict_of_review CHECK (((state <> 'review'::text) OR (verdict = ANY (ARRAY['ready'::text, 'ready_unchecked'::text, 'tests_red'::text, 'checks_could_not_run'::text])))),
    CONSTRAINT wait_iff_waiting CHECK ((((state = 'waiting'::text) = (wait_reason IS NOT NULL)) AND ((wait_reason IS NULL) = (wait_until IS NULL)) AND ((wait_reason IS NULL) = (give_up_at IS NULL)))),
    CONSTRAINT wait_reason_known CHECK ((wait_reason = ANY (ARRAY['key'::text, 'credit'::text, 'day_budget'::text, 'task_budget'::text, 'model_away'::text, 'remote_away'::text, 'world'::text, 'request'::text, 'month_budget'::text, 'paused'::text])))
);

CREATE FUNCTION public.claim_new_tasks(p_most integer, p_state text, p_attempt integer, p_owner text, p_lease bigint, p_claim bigint, p_lost bigint[], p_nothing jsonb) RETURNS SETOF public.tasks
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION public.claimable_task() RETURNS bigint
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION public.claimable_tasks(p_most integer) RETURNS bigint[]
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION public.end_pause(p_by text, p_channel text, p_said text, OUT gone integer, OUT woken integer) RETURNS record
    LANGUAGE plpgsql
    AS $$
begin
    delete from pause;
    get diagnostics gone = row_count;
    if gone > 0 then
        insert into audit (remote, what, by, commit_id, anyway) values ('', 'resumed', p_by, '', false);
    end if;
    update tasks set wait_until = clock_timestamp() where state = 'waiting' and wait_reason = 'paused';
    get diagnostics woken = row_count;
    perform pg_notify(p_channel, p_said);
end $$;

CREATE FUNCTION public.factor_accept(p_person text, p_sealed bytea, p_step bigint) RETURNS boolean
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION public.factor_audit(p_person text, p_what text, p_by text) RETURNS void
    LANGUAGE sql
    AS $$
    insert into audit (person, remote, what, by, commit_id, anyway)
    values (case when p_person <> 'terminal' then p_person::bigint end, '', p_what, p_by, '', false)
$$;

CREATE FUNCTION public.factor_begin(p_person text, p_sealed bytea) RETURNS boolean
    LANGUAGE plpgsql
    AS $$
begin
    insert into second_factors as f (person, sealed) values (p_person, p_sealed)
    on conflict (person) do update set sealed = excluded.sealed, made_at = clock_timestamp() where f.set_up_at is null;
    return found;
end
$$;

CREATE FUNCTION public.factor_reset(p_person text, p_by text) RETURNS boolean
    LANGUAGE plpgsql
    AS $$
begin
    delete from second_factors where person = p_person;
    if not found then
        return false;
    end if;
    perform factor_audit(p_person, 'factor_reset', p_by);
    return true;
end
$$;

CREATE TABLE public.second_factors (
    person text NOT NULL,
    sealed bytea NOT NULL,
    made_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    set_up_at timestamp with time zone,
    last_step bigint,
    proved_at timestamp with time zone,
    wrong integer DEFAULT 0 NOT NULL,
    tried_at timestamp with time zone
);

CREATE FUNCTION public.factor_try(p_person text, p_most integer, p_pause_s bigint) RETURNS SETOF public.second_factors
    LANGUAGE sql
    AS $$
    update second_factors set tried_at = clock_timestamp(),
        wrong = case when tried_at < clock_timestamp() - p_pause_s * interval '1 second' then 1 else wrong + 1 end
    where person = p_person and (wrong < p_most or tried_at < clock_timestamp() - p_pause_s * interval '1 second') returning *
$$;

CREATE FUNCTION public.forge_take(p_id bigint, p_effect text) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    update forge_inbox set done_at = clock_timestamp(), effect = p_effect where id = p_id and done_at is null;
    if not found then
        raise exception 'what was heard as % was done before', p_id using errcode = 'PX001';
    end if;
end $$;

CREATE FUNCTION public.forge_tell() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    insert into forge_outbox (task_id, remote, number, mark)
    select new.id, f.remote, f.number, concat_ws('-', 'task', new.id, coalesce((new.facts ->> 'turn')::int, 0), replace(new.state, '_', '-'),
        case when new.state = 'waiting' then replace(new.wait_reason, '_', '-')
            else (extract(epoch from new.changed_at) * 1000000)::bigint::text end)
    from forge_turns f
    where f.task_id = new.id and f.turn <= coalesce((new.facts ->> 'turn')::int, 0)
    order by f.turn desc limit 1
    on conflict (mark) do nothing;
    if found then
        perform pg_notify('persais_tasks', '');
    end if;
    return null;
end
$$;

CREATE FUNCTION public.full_repositories() RETURNS text[]
    LANGUAGE sql STABLE
    AS $$
    select coalesce(array_agg(r.remote), '{}') from repositories r
    where r.parallel <= (select count(*) from tasks t where t.lease_until is not null and t.remote = r.remote)
$$;

CREATE FUNCTION public.inbox_take(p_update bigint, p_effect text) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    update inbox set done_at = clock_timestamp(), effect = p_effect where update_id = p_update and done_at is null;
    if not found then
        raise exception 'update % was done before', p_update using errcode = 'PX001';
    end if;
end $$;

CREATE FUNCTION public.invite_use(p_hash bytea, p_person bigint) RETURNS void
    LANGUAGE plpgsql
    AS $$
declare
    used invites;
begin
    delete from invites where code_hash = p_hash and expires_at > now() returning * into used;
    if not found then
        raise exception 'there is no such invitation' using errcode = 'PX002';
    end if;
    if used.role <> '' then
        perform person_role(p_person, used.repository, used.role, case when used.made_by = 0 then 'terminal' else used.made_by::text end,
            '{0}'); -- whoever invites is an admin still
    end if;
    if used.repository = '' and used.role in ('', 'member', 'deployer') then
        update people set let_in = true, decided_at = clock_timestamp(), decided_by = used.made_by where id = p_person;
    end if;
end $$;

CREATE FUNCTION public.landing_approve(p_task bigint, p_commit text, p_by text, p_anyway boolean) RETURNS boolean
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION public.landing_front() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION public.landing_goes_on(t public.tasks) RETURNS boolean
    LANGUAGE sql STABLE
    AS $$
    select t.state in ('deploying', 'rolling_back') and t.lease_until > clock_timestamp()
        or t.state = 'queued' and (t.changed_at > clock_timestamp() - interval '15 seconds' or t.facts #> '{lands,joined}' is not null)
$$;

CREATE FUNCTION public.landing_is_again() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    raise exception 'task % is to be deployed again', new.id using errcode = 'check_violation';
end
$$;

CREATE FUNCTION public.landing_is_no_turn() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    raise exception 'task % is to be landed', new.id using errcode = 'check_violation';
end
$$;

CREATE FUNCTION public.landing_join(p_task bigint, p_fence bigint, p_most integer DEFAULT 50, p_wait_s bigint DEFAULT 600) RETURNS TABLE(place integer, id bigint, made text)
    LANGUAGE plpgsql
    SET lock_timeout TO '5s'
    AS $$
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

CREATE FUNCTION public.landing_lane(p_task bigint, p_fence bigint, OUT taken boolean, OUT ahead text) RETURNS record
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION public.landing_moved() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION public.landing_over() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION public.landing_take(p_task bigint, p_fence bigint) RETURNS boolean
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION public.lane_look(p_remote text) RETURNS boolean
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION public.lane_waits() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION public.last_admin_stays(p_person bigint, p_named bigint[]) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    lock table grants in share row exclusive mode; -- of two admins who put each other out one is late
    if cardinality(p_named) = 0
       and (exists (select from people where paired_at is not null and id = p_person)
            or exists (select from grants where repository = '' and role = 'admin' and person = p_person))
       and not exists (select from people where paired_at is not null and id <> p_person)
       and not exists (select from grants where repository = '' and role = 'admin' and person <> p_person) then
        raise exception 'person % is the last admin', p_person using errcode = 'PX002';
    end if;
end $$;

CREATE FUNCTION public.link_use(p_hash bytea, p_kind text, p_id text) RETURNS bigint
    LANGUAGE plpgsql
    AS $$
declare
    whose bigint;
begin
    delete from link_codes where code_hash = p_hash and expires_at > now() returning person into whose;
    if not found then
        raise exception 'there is no such code' using errcode = 'PX002';
    end if;
    perform person_link(whose, p_kind, p_id, whose::text);
    return whose;
end $$;

CREATE FUNCTION public.llm_reserve(p_task bigint, p_day date, p_at timestamp with time zone, p_model text, p_prompt_tokens bigint, p_most_tokens bigint, p_least_tokens bigint, p_price_prompt numeric, p_price_completion numeric, p_task_budget numeric, p_day_budget numeric, OUT verdict text, OUT call bigint, OUT granted_tokens bigint, OUT granted_usd numeric) RETURNS record
    LANGUAGE sql
    AS $$
    select verdict, call, granted_tokens, granted_usd
    from llm_reserve_call(p_task, p_day, p_at, p_model, p_prompt_tokens, p_most_tokens, p_least_tokens,
        p_prompt_tokens * p_price_prompt, p_price_completion, p_task_budget, p_day_budget);
$$;

CREATE FUNCTION public.llm_reserve_call(p_task bigint, p_day date, p_at timestamp with time zone, p_model text, p_prompt_tokens bigint, p_most_tokens bigint, p_least_tokens bigint, p_prompt_usd numeric, p_answer_token_usd numeric, p_task_budget numeric, p_day_budget numeric, OUT verdict text, OUT call bigint, OUT granted_tokens bigint, OUT granted_usd numeric, OUT shrunk_by text) RETURNS record
    LANGUAGE sql
    AS $$
    select case when r.verdict in ('granted', 'task_budget') then r.verdict else 'day_budget' end, r.call, r.granted_tokens, r.granted_usd,
        case when r.shrunk_by = 'task_budget' then r.shrunk_by when r.shrunk_by is not null then 'day_budget' end
    from llm_reserve_within(p_task, p_day, p_at, p_model, p_prompt_tokens, p_most_tokens, p_least_tokens, p_prompt_usd, p_answer_token_usd,
        p_task_budget, p_day_budget, null, '') r
$$;

CREATE FUNCTION public.llm_reserve_within(p_task bigint, p_day date, p_at timestamp with time zone, p_model text, p_prompt_tokens bigint, p_most_tokens bigint, p_least_tokens bigint, p_prompt_usd numeric, p_answer_token_usd numeric, p_task_budget numeric, p_day_budget numeric, p_month_budget numeric, p_repository text, OUT verdict text, OUT call bigint, OUT granted_tokens bigint, OUT granted_usd numeric, OUT shrunk_by text, OUT narrow_whose text, OUT narrow_usd numeric, OUT warned boolean) RETURNS record
    LANGUAGE plpgsql
    AS $$
declare
    of_person text := task_person(p_task);
    of_repository text := nullif(p_repository, '');
    month date := date_trunc('month', p_day)::date;
    next_month date := (date_trunc('month', p_day) + interval '1 month')::date;
    narrow_name text;
    narrow_left numeric;
    priced boolean := p_prompt_usd is not null and p_answer_token_usd is not null;
    one record;
begin
    warned := false;
    granted_tokens := 0;
    granted_usd := 0;
    perform from pause;
    if found then
        verdict := 'paused';
        return;
    end if;
    insert into llm_tasks values (p_task) on conflict do nothing;
    perform 1 from llm_tasks where task = p_task for update;
    insert into llm_days values (p_day) on conflict do nothing;
    perform 1 from llm_days where day = p_day for update;
    if p_month_budget is not null or exists (select from budgets where month_usd is not null and (kind, name) in
            (('repository', of_repository), ('person', of_person))) then
        insert into llm_days values (month) on conflict do nothing;
        perform 1 from llm_days where day = month for update;
    end if;

    for one in
        select 'task_budget' as name, '' as whose, p_task_budget as usd, null::date as since, 3 as place,
            (select coalesce(sum(counted_usd), 0) from llm_calls where task = p_task) as counted
        union all select 'day_budget', '', p_day_budget, p_day, 2,
            (select coalesce(sum(counted_usd), 0) from llm_calls where day = p_day)
        union all select 'month_budget', '', p_month_budget, month, 1,
            (select coalesce(sum(counted_usd), 0) from llm_calls where day >= month and day < next_month)
            where p_month_budget is not null
        union all select b.name, b.whose, b.usd, b.since, 0,
            case b.kind when 'person' then
                (select coalesce(sum(counted_usd), 0) from llm_calls where person = of_person and day >= b.since and day < b.until)
            else
                (select coalesce(sum(counted_usd), 0) from llm_calls where repository = of_repository and day >= b.since and day < b.until)
            end
            from (
                select 'day_budget' as name, k.kind, k.kind || ':' || k.name as whose, k.day_usd as usd, p_day as since, p_day + 1 as until from budgets k
                    where (k.kind, k.name) in (('repository', of_repository), ('person', of_person))
                union all select 'month_budget', k.kind, k.kind || ':' || k.name, k.month_usd, month, next_month from budgets k
                    where (k.kind, k.name) in (('repository', of_repository), ('person', of_person))
            ) b where b.usd is not null
        order by place
    loop
        if narrow_left is null or one.usd - one.counted <= narrow_left then -- of two alike the task's, which a person can raise
            narrow_name := one.name;
            narrow_whose := one.whose;
            narrow_usd := one.usd;
            narrow_left := one.usd - one.counted;
        end if;
        if one.since is not null and one.usd > 0 and one.counted >= one.usd * 0.8 then
            insert into budget_warnings (budget, whose, since, counted_usd, budget_usd)
            values (one.name, one.whose, one.since, one.counted, one.usd) on conflict do nothing;
            warned := warned or found;
        end if;
    end loop;

    granted_tokens := p_most_tokens;
    if priced then
        if p_answer_token_usd > 0 then
            granted_tokens := least(p_most_tokens, floor(greatest(narrow_left - p_prompt_usd, 0) / p_answer_token_usd))::bigint;
        end if;
        granted_usd := p_prompt_usd + granted_tokens * p_answer_token_usd;
    end if;
    if granted_tokens < least(p_least_tokens, p_most_tokens) or granted_usd > narrow_left
       or ((granted_usd > 0 or not priced) and narrow_left <= 0) then
        verdict := narrow_name;
        granted_tokens := 0;
        granted_usd := 0;
        return;
    end if;
    -- Rounded up to what the column holds, because a call that costs exactly what was granted is not dearer than that.
    insert into llm_calls (task, day, model, state, reserved_at, reserved_usd, reserved_tokens, priced, repository, person)
    values (p_task, p_day, p_model, 'reserved', p_at, ceil(granted_usd * 1e9) / 1e9, p_prompt_tokens + granted_tokens, priced,
            of_repository, of_person)
    returning id into call;
    verdict := 'granted';
    shrunk_by := case when granted_tokens < p_most_tokens then narrow_name end;
end $$;

CREATE FUNCTION public.made_anew_is_known() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    raise exception 'the result of task % is being made anew', new.id using errcode = 'check_violation';
end
$$;

CREATE FUNCTION public.memory_cut(p_text text, p_bytes integer) RETURNS text
    LANGUAGE plpgsql IMMUTABLE
    AS $$
declare
    kept text := left(ltrim(p_text, E' \n\r\t'), p_bytes);
begin
    while octet_length(kept) > p_bytes loop
        kept := left(kept, char_length(kept) - greatest(1, (octet_length(kept) - p_bytes) / 4));
    end loop;
    return rtrim(kept, E' \n\r\t');
end
$$;

CREATE FUNCTION public.memory_distilled(p_output text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE
    AS $$
declare
    told text;
begin
    select string_agg(line, E'\n') into told from (
        select btrim(line) as line from regexp_split_to_table(p_output, E'\n') as line
        where line ~* '(error|fail|assert|exception|refused|cannot|not found|missing|expected|ошибк)' and char_length(line) < 400
        limit 8) as telling;
    return memory_cut(coalesce(told, right(p_output, 600), ''), 700);
end
$$;

CREATE FUNCTION public.memory_forget(p_item bigint, p_person bigint) RETURNS integer
    LANGUAGE plpgsql
    AS $$
declare
    gone integer;
begin
    insert into memory_forgotten (task_id)
        select task_id from memory_items where id = p_item and task_id is not null
        union select task_id from task_chats where person_id = p_person
        union select task_id from api_tasks where person = p_person
        union select task_id from forge_turns where person = p_person
        union select task_id from task_turns where person_id = p_person
        union select task_id from memory_items where p_person = any (people) and task_id is not null
    on conflict do nothing;
    -- Somebody else has said it, too.
    update memory_items set people = array_remove(people, p_person) where kind = 'note' and p_person = any (people) and cardinality(people) > 1;
    delete from memory_items where id = p_item or p_person = any (people) or task_id in (select task_id from memory_forgotten);
    get diagnostics gone = row_count;
    return gone;
end
$$;

CREATE FUNCTION public.memory_note(p_remote text, p_text text, p_person bigint) RETURNS bigint
    LANGUAGE plpgsql
    AS $$
declare
    note bigint;
begin
    perform pg_advisory_xact_lock(hashtextextended('memory ' || p_remote, 0));
    select id into note from memory_items where remote = p_remote and kind = 'note' and text = p_text and untrue_because is null;
    if not found then
        insert into memory_items (remote, kind, people, text)
        values (p_remote, 'note', case when p_person is null then '{}' else array[p_person] end, p_text) returning id into note;
    else
        update memory_items set people = people || p_person where id = note and p_person is not null and people <> '{}' and p_person <> all (people);
    end if;
    return note;
end
$$;

CREATE FUNCTION public.memory_of(t public.tasks) RETURNS text
    LANGUAGE plpgsql STABLE
    AS $$
declare
    nothing jsonb := t.facts -> 'came_to_nothing';
    made jsonb := t.facts -> 'made';
    told text := '';
    part text;
begin
    if t.state = 'answered' then
        return format(E'Question: %s\nAnswer: %s', memory_cut(coalesce(nullif(t.facts ->> 'asked', ''), t.instruction), 500),
            memory_cut(t.facts ->> 'said', 1400));
    end if;
    -- These say something about this machine, its model or its network, nothing about the repository.
    if t.state = 'failed' and t.verdict in ('model_failed', 'remote_failed', 'world_broken', 'disk_limit') then
        return '';
    end if;
    if coalesce((t.facts ->> 'turn')::int, 0) = 0 then
        told := 'Wanted: ' || memory_cut(t.instruction, 700);
    else
        told := format(E'Wanted: %s\nA person then said: %s', memory_cut(t.instruction, 250), memory_cut(t.facts ->> 'asked', 600));
    end if;
    if nothing is not null then
        return format(E'%s\nCame to nothing: %s', told, memory_cut(nothing ->> 'sentence', 400));
    end if;
    if t.state in ('failed', 'parked') then
        return format(E'%s\nCame to nothing: %s', told, memory_cut(t.sentence, 400));
    end if;
    if made is not null then
        -- After a deploy `made` is the commit on the base branch, of the same files.
        select array_to_string(w.paths, ', ') into part from memory_worked w where w.task_id = t.id
            and w.commit_id in (made ->> 'commit', t.facts #>> '{stands,made,commit}');
        told := told || format(E'\nDone: %s files, +%s -%s%s', made ->> 'files', made ->> 'insertions', made ->> 'deletions',
            coalesce(': ' || memory_cut(part, 300), ''));
    end if;
    part := memory_cut(t.facts ->> 'said', 450);
    if part <> '' then
        told := told || E'\nThe agent said: ' || part;
    end if;
    if t.facts #>> '{check,command}' <> '' then
        told := told || format(E'\nChecks (%s): %s before, %s after', memory_cut(t.facts #>> '{check,command}', 100), t.facts ->> 'before',
            t.facts ->> 'after');
        if t.facts ->> 'after' = 'red' then
            told := told || E'\n' || memory_cut(memory_distilled(t.facts ->> 'feedback'), 300);
        end if;
    end if;
    if t.facts ->> 'could_not_run' <> '' then
        told := told || E'\nThe checks could not run: ' || memory_cut(t.facts ->> 'could_not_run', 200);
    end if;
    return told || case t.state
        when 'deployed' then E'\nDeployed.'
        when 'expired' then E'\nNobody decided on it.'
        else coalesce(E'\nNot deployed: ' || nullif(memory_cut(t.facts ->> 'not_landed', 200), ''), '') end;
end
$$;

CREATE FUNCTION public.memory_people(p_task bigint, p_turn integer) RETURNS bigint[]
    LANGUAGE sql STABLE
    AS $$
    select coalesce(array_agg(distinct person order by person), '{}') from (
        select person_id as person from task_chats where task_id = p_task
        union all
        select person from api_tasks where task_id = p_task
        union all
        select person from forge_turns where task_id = p_task and turn in (0, p_turn) and person is not null
        union all
        select person_id from task_turns where task_id = p_task and turn = p_turn and person_id is not null) as them
$$;

CREATE FUNCTION public.memory_remember() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
declare
    turn int := coalesce((new.facts ->> 'turn')::int, 0);
    why text;
begin
    if new.state = 'coding' then
        perform memory_write(new, 'checks', format(E'The checks (%s) were red after a first try at: %s\n%s',
            memory_cut(new.facts #>> '{check,command}', 150), memory_cut(coalesce(nullif(new.facts ->> 'asked', ''), new.instruction), 300),
            memory_distilled(new.facts ->> 'feedback')));
        return null;
    end if;
    if new.state in ('rolled_back', 'discarded') then
        why := case when new.state = 'discarded' then 'A person put its result away.'
            else 'It was deployed and then taken back. ' || coalesce(nullif(memory_cut(new.facts ->> 'not_landed', 300), ''),
                memory_cut(new.facts #>> '{seen,said}', 300), '') end;
        perform memory_untrue(new.id, array['change', 'checks'], 2147483647, new.state);
        perform memory_write(new, 'reverted', format(E'Wanted: %s\n%s%s', memory_cut(new.instruction, 600), why,
            coalesce(E'\nWhat was done then: ' || nullif(memory_cut(new.facts ->> 'said', 500), ''), '')));
        return null;
    end if;
    perform memory_untrue(new.id, array['reverted'], 2147483647, case when new.state = 'deployed' then 'deployed_again' else 'taken_up' end);
    perform memory_write(new, case when new.state = 'answered' then 'answer' else 'change' end, memory_of(new));
    if turn > 0 and not new.facts ? 'came_to_nothing' and new.state in ('review', 'deployed') then
        perform memory_untrue(new.id, array['change'], turn, 'followed_up');
    end if;
    return null;
end
$$;

CREATE FUNCTION public.memory_untrue(p_task bigint, p_kinds text[], p_before integer, p_why text) RETURNS void
    LANGUAGE sql
    AS $$
    update memory_items set untrue_because = p_why
    where task_id = p_task and kind = any (p_kinds) and turn < p_before and untrue_because is distinct from 'corrected'
        and (untrue_because is null or p_why <> 'followed_up')
$$;

CREATE FUNCTION public.memory_words(p_text text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    select pg_catalog.to_tsvector('pg_catalog.russian'::pg_catalog.regconfig,
        p_text || ' ' || pg_catalog.translate(p_text, '/._-:=()', '        '))
$$;

CREATE FUNCTION public.memory_write(t public.tasks, p_kind text, p_text text) RETURNS void
    LANGUAGE sql
    AS $$
    insert into memory_items as m (remote, kind, task_id, turn, commit_id, people, text)
    select t.remote, p_kind, t.id, w.turn, t.commit_id, memory_people(t.id, w.turn), memory_cut(p_text, 2048)
    from (select coalesce((t.facts ->> 'turn')::int, 0) as turn) w
    where btrim(p_text, E' \n\r\t') <> '' and not exists (select from memory_forgotten f where f.task_id = t.id)
    on conflict (task_id, turn, kind) where task_id is not null do update
        set text = excluded.text, commit_id = excluded.commit_id, people = excluded.people,
            untrue_because = case when m.untrue_because = 'corrected' then m.untrue_because end
$$;

CREATE FUNCTION public.person_asks(p_person bigint) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    update people set asked_at = now() where id = p_person and asked_at is null and decided_at is null;
    if not found then
        raise exception 'person % asked before', p_person using errcode = 'PX002';
    end if;
end $$;

CREATE FUNCTION public.person_decide(p_person bigint, p_admin bigint, p_let_in boolean) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    update people set let_in = p_let_in, decided_at = clock_timestamp(), decided_by = p_admin
    where id = p_person and decided_at is null;
    if not found then
        raise exception 'it was decided on person % before', p_person using errcode = 'PX002';
    end if;
end $$;

CREATE FUNCTION public.person_link(p_person bigint, p_kind text, p_id text, p_by text) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    if not exists (select from people where id = p_person) then
        raise exception 'nobody was heard of who is %', p_person using errcode = 'PX002';
    end if;
    insert into identities (kind, id, person) values (p_kind, p_id, p_person)
    on conflict (kind, id) do update set person = excluded.person, linked_at = clock_timestamp();
    insert into audit (person, remote, what, by, commit_id, anyway, detail) values (p_person, '', 'linked', p_by, '', false, p_kind || ' ' || p_id);
end $$;

CREATE FUNCTION public.person_put_out(p_person bigint, p_admin bigint) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    update people set let_in = false, decided_at = clock_timestamp(), decided_by = p_admin where id = p_person and let_in;
    if not found then
        raise exception 'person % is not let in', p_person using errcode = 'PX002';
    end if;
end $$;

CREATE FUNCTION public.person_remove(p_person bigint, p_by text, p_named bigint[], OUT tasks integer, OUT replies integer) RETURNS record
    LANGUAGE plpgsql
    AS $_$
begin
    perform last_admin_stays(p_person, p_named);
    perform from people where id = p_person and (paired_at is not null or let_in or exists (select from grants where person = p_person)) for update;
    if not found then
        raise exception 'person % has no rights here', p_person using errcode = 'PX002';
    end if;
    delete from grants where person = p_person;
    delete from identities where person = p_person;
    delete from link_codes where person = p_person;
    delete from invites where made_by = p_person;
    delete from approvals where person = p_person::text;
    update people set paired_at = null, let_in = false, decided_at = case when let_in then clock_timestamp() else decided_at end,
        decided_by = case when let_in then case when p_by ~ '^[0-9]+$' then p_by::bigint else 0 end else decided_by end
    where id = p_person;
    with gone as (
        update tasks t set abort_wished = true,
            not_before = case when t.state = 'queued' then least(t.not_before, clock_timestamp()) else t.not_before end,
            wait_until = case when t.state = 'waiting' then least(t.wait_until, clock_timestamp()) else t.wait_until end
        where t.id in (select person_tasks(p_person))
        returning 1)
    select count(*) into tasks from gone;
    if tasks > 0 then
        perform pg_notify('persais_tasks', ''); -- whoever works on them looks at what is wished
    end if;
    with gone as (update task_turns set state = 'dropped' where person_id = p_person and state = 'kept' returning 1)
    select count(*) into replies from gone;
    insert into audit (person, remote, what, by, commit_id, anyway) values (p_person, '', 'removed', p_by, '', false);
end $_$;

CREATE FUNCTION public.person_role(p_person bigint, p_repository text, p_role text, p_by text, p_named bigint[] DEFAULT '{}'::bigint[]) RETURNS void
    LANGUAGE plpgsql
    AS $_$
begin
    insert into people (id) values (p_person) on conflict do nothing;
    if p_repository = '' and p_role is distinct from 'admin' then
        perform last_admin_stays(p_person, p_named);
        update people set paired_at = null where id = p_person and paired_at is not null;
        if p_person <> all(p_named) then
            delete from invites where made_by = p_person;
        end if;
    end if;
    if p_role is null then
        delete from grants where person = p_person and repository = p_repository;
        if not found then
            raise exception 'person % has no role there', p_person using errcode = 'PX002';
        end if;
    else
        insert into grants (person, repository, role, by) values (p_person, p_repository, p_role, p_by)
        on conflict (person, repository) do update set role = excluded.role, by = excluded.by, at = clock_timestamp();
        update people set decided_at = clock_timestamp(), decided_by = case when p_by ~ '^[0-9]+$' then p_by::bigint else 0 end
        where id = p_person and decided_at is null; -- whoever asked to be let in is answered
    end if;
    insert into audit (person, remote, what, by, commit_id, anyway, detail)
    values (p_person, p_repository, 'role_set', p_by, '', false, coalesce(p_role, ''));
end $_$;

CREATE FUNCTION public.person_tasks(p_person bigint) RETURNS SETOF bigint
    LANGUAGE sql STABLE
    AS $$
    select t.id from (select task_id from task_chats where person_id = p_person union select task_id from api_tasks where person = p_person
            union select task_id from forge_turns where person = p_person and turn = 0) c
        join tasks t on t.id = c.task_id
    where not t.facts ? 'lands'
        and t.state in ('queued', 'waiting', 'preparing', 'coding', 'checking', 'publishing', 'answering')
$$;

CREATE FUNCTION public.repositories_changed() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    perform pg_notify('persais_repositories', '');
    return null;
end
$$;

CREATE FUNCTION public.repository_gets_room() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    if exists (select from repositories where remote = new.remote and parallel is not null) then
        perform pg_notify('persais_tasks', '');
    end if;
    return null;
end
$$;

CREATE FUNCTION public.repository_has_room() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION public.rights_record(p_rights jsonb) RETURNS integer
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION public.rights_told() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    perform pg_notify('persais_events', 'rights');
    return null;
end $$;

CREATE FUNCTION public.secrets_changed() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    perform pg_notify('persais_secrets', '');
    return null;
end
$$;

CREATE FUNCTION public.task_events_told() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    if exists (select from event_streams where until > now()) and exists (select from fresh) then
        perform pg_notify('persais_events', '');
    end if;
    return null;
end $$;

CREATE FUNCTION public.task_join(p_task bigint, p_part text, p_said_at bigint, p_heard_at timestamp with time zone, p_wait interval) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    update tasks set instruction = instruction || E'\n\n' || p_part, not_before = clock_timestamp() + p_wait
    where id = p_task and state = 'queued' and fence = 0;
    if not found then
        raise exception 'task % was begun', p_task using errcode = 'PX002';
    end if;
    update task_chats set said_at = p_said_at, heard_at = p_heard_at, parts = parts + 1 where task_id = p_task;
end $$;

CREATE FUNCTION public.task_part(p_task bigint, p_chat bigint, p_message bigint, p_part text, p_said_at bigint, p_heard_at timestamp with time zone, p_wait interval) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    update tasks set instruction = with_part(instruction, p_task, 0, p_chat, p_message, p_part),
        not_before = clock_timestamp() + p_wait
    where id = p_task and state = 'queued' and fence = 0;
    if not found then
        raise exception 'task % was begun', p_task using errcode = 'PX002';
    end if;
    update task_chats set said_at = greatest(said_at, p_said_at), heard_at = p_heard_at, parts = parts + 1 where task_id = p_task;
end $$;

CREATE FUNCTION public.task_person(p_task bigint) RETURNS text
    LANGUAGE sql STABLE
    AS $$
    with newest as (select coalesce(max(turn), 0) as turn from task_turns where task_id = p_task and state = 'begun')
    select case when f.task_id is not null then f.person::text else coalesce(
        (select person_id::text from task_turns where task_id = p_task and state = 'begun' order by turn desc limit 1),
        (select person_id::text from task_chats where task_id = p_task),
        (select person::text from api_tasks where task_id = p_task),
        case when not exists (select from forge_turns where task_id = p_task and turn = 0) then coalesce(
            (select person::text from identities where kind = 'terminal' and id = 'terminal'), 'terminal') end) end
    from newest left join forge_turns f on f.task_id = p_task and f.turn = newest.turn
$$;

CREATE FUNCTION public.task_reword(p_task bigint, p_instruction text) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    update tasks set instruction = p_instruction where id = p_task and state = 'queued' and fence = 0;
    if not found then
        raise exception 'task % was begun', p_task using errcode = 'PX002';
    end if;
end $$;

CREATE FUNCTION public.task_withdraw(p_task bigint) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    update tasks set state = 'aborted', not_before = null, withdrawn = true, changed_at = clock_timestamp()
    where id = p_task and state = 'queued' and fence = 0;
    if not found then
        raise exception 'task % was begun', p_task using errcode = 'PX002';
    end if;
    insert into task_events (task_id, fence, kind, body) values (p_task, 0, 'state', '{"state": "aborted"}');
end $$;

CREATE FUNCTION public.turn_begun(p_kept text, p_begun text) RETURNS text
    LANGUAGE plpgsql
    AS $$
begin
    if p_kept <> p_begun then
        raise exception 'another part of the reply came' using errcode = 'PX002';
    end if;
    return 'begun';
end $$;

CREATE FUNCTION public.turn_join(p_task bigint, p_turn integer, p_part text, p_said_at bigint, p_heard_at timestamp with time zone, p_wait interval) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    update task_turns set instruction = instruction || E'\n\n' || p_part, said_at = p_said_at, heard_at = p_heard_at,
        not_before = clock_timestamp() + p_wait
    where task_id = p_task and turn = p_turn and state = 'kept';
    if not found then
        raise exception 'turn % of task % was begun', p_turn, p_task using errcode = 'PX002';
    end if;
end $$;

CREATE FUNCTION public.turn_part(p_task bigint, p_turn integer, p_chat bigint, p_message bigint, p_part text, p_said_at bigint, p_heard_at timestamp with time zone, p_wait interval) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    update task_turns set instruction = with_part(instruction, p_task, p_turn, p_chat, p_message, p_part),
        said_at = greatest(said_at, p_said_at), heard_at = p_heard_at, not_before = clock_timestamp() + p_wait
    where task_id = p_task and turn = p_turn and state = 'kept';
    if not found then
        raise exception 'turn % of task % was begun', p_turn, p_task using errcode = 'PX002';
    end if;
end $$;

CREATE FUNCTION public.turn_withdraw(p_task bigint, p_turn integer) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    update task_turns set state = 'dropped' where task_id = p_task and turn = p_turn and state = 'kept';
    if not found then
        raise exception 'turn % of task % was begun', p_turn, p_task using errcode = 'PX002';
    end if;
    update task_messages set ended = true where task_id = p_task and turn = p_turn;
end $$;

CREATE FUNCTION public.wait_is_over(p_task bigint, p_channel text) RETURNS void
    LANGUAGE plpgsql
    AS $$
declare
    why text := (select wait_reason from tasks where id = p_task and state = 'waiting');
    began timestamptz;
begin
    if why = 'paused' then
        perform from pause for share; -- until whoever ends it is done
        if found then
            return;
        end if;
    elsif why in ('day_budget', 'month_budget') then
        began := (select at from task_events where task_id = p_task and kind = 'state' order by number desc offset 1 limit 1);
        perform from audit where what = 'budget_set' and at > began;
        if not found then
            return;
        end if;
    else
        return;
    end if;
    update tasks set wait_until = clock_timestamp() where id = p_task and state = 'waiting' and wait_reason = why;
    perform pg_notify(p_channel, '');
end $$;

CREATE FUNCTION public.wish_request_duty() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    insert into request_duties (task_id, wish, state)
    values (new.id, case when new.state = 'review' then 'reopen' else 'close' end, new.state)
    on conflict (task_id) do update set wish = excluded.wish, state = excluded.state, since = excluded.since, next_try = excluded.next_try, tries = 0;
    perform pg_notify('persais_tasks', '');
    return null;
end
$$;

CREATE FUNCTION public.with_part(p_words text, p_task bigint, p_turn integer, p_chat bigint, p_message bigint, p_part text) RETURNS text
    LANGUAGE sql STABLE
    AS $$
    select case
        when not exists (select from message_tasks where task_id = p_task and turn = p_turn and chat_id = p_chat
            and message_id > p_message) then p_words || E'\n\n' || p_part
        else left(p_words, before) || p_part || E'\n\n' || substr(p_words, before + 1) end
    from (select coalesce(sum(characters + 2), 0)::integer as before from message_tasks
        where task_id = p_task and turn = p_turn and chat_id = p_chat and message_id < p_message) b
$$;

CREATE TABLE public.api_requests (
    person text NOT NULL,
    key text NOT NULL,
    digest bytea NOT NULL,
    task_id bigint NOT NULL,
    turn integer DEFAULT 0 NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

CREATE TABLE public.api_tasks (
    task_id bigint NOT NULL,
    person bigint NOT NULL
);

CREATE TABLE public.api_tokens (
    id bigint NOT NULL,
    name text NOT NULL,
    digest bytea NOT NULL,
    person bigint,
    scopes text[] NOT NULL,
    made_by text NOT NULL,
    made_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    expires_at timestamp with time zone,
    used_at timestamp with time zone,
    revoked_at timestamp with time zone,
    CONSTRAINT api_tokens_digest_check CHECK ((octet_length(digest) = 32)),
    CONSTRAINT api_tokens_scopes_check CHECK (((cardinality(scopes) > 0) AND (scopes <@ ARRAY['read'::text, 'submit'::text, 'deploy'::text, 'admin'::text])))
);

ALTER TABLE public.api_tokens ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.api_tokens_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.approvals (
    task_id bigint NOT NULL,
    commit_id text NOT NULL,
    person text NOT NULL,
    anyway boolean NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    told boolean DEFAULT false NOT NULL
);

CREATE TABLE public.audit (
    id bigint NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    task_id bigint,
    remote text NOT NULL,
    what text NOT NULL,
    by text NOT NULL,
    commit_id text NOT NULL,
    anyway boolean NOT NULL,
    person bigint,
    detail text DEFAULT ''::text NOT NULL,
    CONSTRAINT of_a_task_or_a_person CHECK ((((task_id IS NULL) = (what = ANY (ARRAY['token_made'::text, 'token_revoked'::text, 'secret_set'::text, 'secret_unset'::text, 'secrets_resealed'::text, 'paused'::text, 'resumed'::text, 'budget_set'::text, 'role_set'::text, 'removed'::text, 'linked'::text, 'no_admin'::text, 'rule_set'::text, 'rule_gone'::text, 'made_admin'::text, 'let_in'::text, 'kept_out'::text, 'put_out'::text, 'factor_set_up'::text, 'factor_reset'::text, 'factor_wrong'::text, 'repository_added'::text, 'repository_changed'::text, 'repository_removed'::text]))) AND ((task_id IS NULL) OR (person IS NULL)) AND ((person IS NOT NULL) OR (what <> ALL (ARRAY['made_admin'::text, 'let_in'::text, 'kept_out'::text, 'put_out'::text]))))),
    CONSTRAINT what_known CHECK ((what = ANY (ARRAY['token_made'::text, 'token_revoked'::text, 'secret_set'::text, 'secret_unset'::text, 'secrets_resealed'::text, 'paused'::text, 'resumed'::text, 'budget_set'::text, 'role_set'::text, 'removed'::text, 'linked'::text, 'no_admin'::text, 'rule_set'::text, 'rule_gone'::text, 'deploy_asked'::text, 'deployed'::text, 'not_deployed'::text, 'rollback_asked'::text, 'rolled_back'::text, 'not_rolled_back'::text, 'deploy_unknown'::text, 'rollback_unknown'::text, 'approved'::text, 'made_admin'::text, 'let_in'::text, 'kept_out'::text, 'put_out'::text, 'factor_set_up'::text, 'factor_reset'::text, 'factor_wrong'::text, 'repository_added'::text, 'repository_changed'::text, 'repository_removed'::text])))
);

ALTER TABLE public.audit ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.audit_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.backup_state (
    one boolean DEFAULT true NOT NULL,
    holder text,
    held_until timestamp with time zone,
    begun_at timestamp with time zone,
    good_name text,
    good_at timestamp with time zone,
    good_bytes bigint,
    good_xid bigint,
    tried_at timestamp with time zone,
    tried_ms bigint,
    failed_at timestamp with time zone,
    why text,
    told_at timestamp with time zone,
    CONSTRAINT backup_state_one_check CHECK (one),
    CONSTRAINT failed_says_why CHECK (((failed_at IS NULL) = (why IS NULL))),
    CONSTRAINT good_is_known CHECK ((num_nulls(good_name, good_at, good_bytes, good_xid) = ANY (ARRAY[0, 4]))),
    CONSTRAINT held_by_somebody CHECK (((holder IS NULL) = (held_until IS NULL))),
    CONSTRAINT tried_took_time CHECK (((tried_at IS NULL) = (tried_ms IS NULL)))
);

CREATE TABLE public.budget_warnings (
    budget text NOT NULL,
    whose text NOT NULL,
    since date NOT NULL,
    counted_usd numeric NOT NULL,
    budget_usd numeric NOT NULL,
    told_at timestamp with time zone
);

CREATE TABLE public.budgets (
    kind text NOT NULL,
    name text NOT NULL,
    day_usd numeric,
    month_usd numeric,
    waiting integer,
    set_by text NOT NULL,
    set_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT budgets_day_usd_check CHECK ((day_usd >= (0)::numeric)),
    CONSTRAINT budgets_kind_check CHECK ((kind = ANY (ARRAY['repository'::text, 'person'::text]))),
    CONSTRAINT budgets_month_usd_check CHECK ((month_usd >= (0)::numeric)),
    CONSTRAINT budgets_name_check CHECK ((name <> ''::text)),
    CONSTRAINT budgets_waiting_check CHECK ((waiting >= 0)),
    CONSTRAINT people_wait CHECK (((waiting IS NULL) OR (kind = 'person'::text))),
    CONSTRAINT some_limit CHECK (((day_usd IS NOT NULL) OR (month_usd IS NOT NULL) OR (waiting IS NOT NULL)))
);

CREATE TABLE public.buttons (
    token text NOT NULL,
    chat_id bigint NOT NULL,
    task_id bigint,
    action text NOT NULL,
    argument text DEFAULT ''::text NOT NULL,
    once boolean NOT NULL,
    standing boolean DEFAULT false NOT NULL,
    used_at timestamp with time zone,
    made_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT action_known CHECK ((action = ANY (ARRAY['diff'::text, 'log'::text, 'retry'::text, 'abort'::text, 'push'::text, 'give_back'::text, 'make_task'::text, 'budget_more'::text, 'task'::text, 'repo'::text, 'add_repo'::text, 'model'::text, 'lang'::text, 'reset'::text, 'status'::text, 'tasks'::text, 'budget'::text, 'help'::text, 'show'::text, 'dialog'::text, 'let_in'::text, 'keep_out'::text, 'put_out'::text, 'drop_invite'::text, 'deploy'::text, 'deploy_anyway'::text, 'rollback'::text, 'rollback_anyway'::text, 'discard'::text, 'discard_it'::text, 'undiscard'::text]))),
    CONSTRAINT buttons_token_check CHECK (((octet_length(token) >= 16) AND (octet_length(token) <= 64))),
    CONSTRAINT used_only_once CHECK (((used_at IS NULL) OR once))
);

CREATE TABLE public.conversations (
    chat_id bigint NOT NULL,
    topic_id bigint DEFAULT 0 NOT NULL,
    repository bigint,
    model text,
    budget_usd double precision,
    gone_at timestamp with time zone,
    expects jsonb,
    CONSTRAINT conversations_budget_usd_check CHECK ((budget_usd >= (0)::double precision))
);

CREATE TABLE public.event_streams (
    process text NOT NULL,
    until timestamp with time zone NOT NULL
);

CREATE TABLE public.forge_inbox (
    id bigint NOT NULL,
    remote text NOT NULL,
    kind text NOT NULL,
    thing text NOT NULL,
    number integer DEFAULT 0 NOT NULL,
    branch text DEFAULT ''::text NOT NULL,
    said_at timestamp with time zone NOT NULL,
    delivery text,
    received_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    next_try timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    tries integer DEFAULT 0 NOT NULL,
    done_at timestamp with time zone,
    effect text,
    CONSTRAINT effect_iff_done CHECK (((done_at IS NULL) = (effect IS NULL))),
    CONSTRAINT forge_inbox_effect_check CHECK ((effect = ANY (ARRAY['task'::text, 'turn'::text, 'refused'::text, 'ignored'::text, 'failed'::text]))),
    CONSTRAINT forge_inbox_kind_check CHECK ((kind = ANY (ARRAY['issue'::text, 'comment'::text, 'review'::text, 'red'::text]))),
    CONSTRAINT forge_inbox_number_check CHECK ((number >= 0)),
    CONSTRAINT forge_inbox_tries_check CHECK ((tries >= 0)),
    CONSTRAINT red_of_a_branch CHECK ((((kind = 'red'::text) = (branch <> ''::text)) AND ((kind = 'red'::text) = (number = 0))))
);

ALTER TABLE public.forge_inbox ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.forge_inbox_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.forge_outbox (
    id bigint NOT NULL,
    task_id bigint,
    remote text NOT NULL,
    number integer NOT NULL,
    mark text NOT NULL,
    body text DEFAULT ''::text NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    next_try timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    tries integer DEFAULT 0 NOT NULL,
    CONSTRAINT forge_outbox_mark_check CHECK ((mark ~ '^[a-z0-9-]+$'::text)),
    CONSTRAINT forge_outbox_number_check CHECK ((number > 0)),
    CONSTRAINT forge_outbox_tries_check CHECK ((tries >= 0)),
    CONSTRAINT says_something CHECK (((body <> ''::text) OR (task_id IS NOT NULL)))
);

ALTER TABLE public.forge_outbox ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.forge_outbox_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.forge_polls (
    remote text NOT NULL,
    since timestamp with time zone NOT NULL
);

CREATE TABLE public.forge_turns (
    task_id bigint NOT NULL,
    turn integer NOT NULL,
    remote text NOT NULL,
    number integer NOT NULL,
    author text NOT NULL,
    person bigint,
    CONSTRAINT forge_turns_number_check CHECK ((number > 0)),
    CONSTRAINT forge_turns_turn_check CHECK ((turn >= 0))
);

CREATE TABLE public.grants (
    person bigint NOT NULL,
    repository text DEFAULT ''::text NOT NULL,
    role text NOT NULL,
    by text NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT grants_role_check CHECK ((role = ANY (ARRAY['admin'::text, 'deployer'::text, 'member'::text, 'reader'::text])))
);

CREATE TABLE public.identities (
    kind text NOT NULL,
    id text NOT NULL,
    person bigint NOT NULL,
    linked_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT identities_id_check CHECK ((id <> ''::text)),
    CONSTRAINT identities_kind_check CHECK ((kind = ANY (ARRAY['terminal'::text, 'github'::text, 'gitlab'::text, 'gitea'::text])))
);

CREATE TABLE public.inbox (
    update_id bigint NOT NULL,
    received_at timestamp with time zone DEFAULT now() NOT NULL,
    body bytea NOT NULL,
    done_at timestamp with time zone,
    effect text,
    CONSTRAINT effect_iff_done CHECK (((done_at IS NULL) = (effect IS NULL))),
    CONSTRAINT inbox_effect_check CHECK ((effect = ANY (ARRAY['task'::text, 'turn'::text, 'question'::text, 'command'::text, 'button'::text, 'answer'::text, 'joined'::text, 'refused'::text, 'ignored'::text, 'unreadable'::text, 'failed'::text])))
);

CREATE TABLE public.invites (
    code_hash bytea NOT NULL,
    made_by bigint NOT NULL,
    made_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    role text DEFAULT ''::text NOT NULL,
    repository text DEFAULT ''::text NOT NULL,
    CONSTRAINT invites_code_hash_check CHECK ((octet_length(code_hash) = 32)),
    CONSTRAINT invites_role_check CHECK ((role = ANY (ARRAY[''::text, 'admin'::text, 'deployer'::text, 'member'::text, 'reader'::text])))
);

CREATE TABLE public.landings (
    remote text NOT NULL,
    task_id bigint NOT NULL,
    taken_at timestamp with time zone NOT NULL
);

CREATE TABLE public.lanes (
    remote text NOT NULL,
    claimed_at timestamp with time zone,
    waiting boolean DEFAULT false NOT NULL,
    first_at timestamp with time zone,
    due_at timestamp with time zone,
    served integer DEFAULT 0 NOT NULL
);

CREATE TABLE public.link_codes (
    code_hash bytea NOT NULL,
    person bigint NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    CONSTRAINT link_codes_code_hash_check CHECK ((octet_length(code_hash) = 32))
);

CREATE TABLE public.llm_calls (
    id bigint NOT NULL,
    task bigint NOT NULL,
    day date NOT NULL,
    model text NOT NULL,
    state text NOT NULL,
    reserved_at timestamp with time zone NOT NULL,
    reserved_usd numeric(16,9) NOT NULL,
    reserved_tokens bigint NOT NULL,
    priced boolean NOT NULL,
    generation text,
    settled_at timestamp with time zone,
    settled_by text,
    outcome text,
    cost_usd numeric,
    tokens_sent bigint,
    tokens_received bigint,
    tokens_cached bigint DEFAULT 0 NOT NULL,
    counted_usd numeric GENERATED ALWAYS AS (COALESCE(cost_usd, reserved_usd)) STORED NOT NULL,
    above_reservation boolean GENERATED ALWAYS AS (COALESCE((cost_usd > reserved_usd), false)) STORED NOT NULL,
    repository text,
    person text,
    CONSTRAINT llm_calls_check CHECK ((priced OR (reserved_usd = (0)::numeric))),
    CONSTRAINT llm_calls_check1 CHECK (((state = 'settled'::text) = (settled_at IS NOT NULL))),
    CONSTRAINT llm_calls_check2 CHECK (((state = 'settled'::text) = (settled_by IS NOT NULL))),
    CONSTRAINT llm_calls_check3 CHECK (((state = 'settled'::text) = (outcome IS NOT NULL))),
    CONSTRAINT llm_calls_check4 CHECK (((state = 'settled'::text) = (cost_usd IS NOT NULL))),
    CONSTRAINT llm_calls_check5 CHECK (((state = 'settled'::text) = (tokens_sent IS NOT NULL))),
    CONSTRAINT llm_calls_check6 CHECK (((state = 'settled'::text) = (tokens_received IS NOT NULL))),
    CONSTRAINT llm_calls_check7 CHECK (((settled_by <> 'reservation'::text) OR (cost_usd = reserved_usd))),
    CONSTRAINT llm_calls_check8 CHECK (((settled_by <> 'nothing'::text) OR ((cost_usd = (0)::numeric) AND (tokens_sent = 0) AND (tokens_received = 0)))),
    CONSTRAINT llm_calls_cost_usd_check CHECK ((cost_usd >= (0)::numeric)),
    CONSTRAINT llm_calls_generation_check CHECK ((generation <> ''::text)),
    CONSTRAINT llm_calls_model_check CHECK ((model <> ''::text)),
    CONSTRAINT llm_calls_outcome_check CHECK ((outcome = ANY (ARRAY['ok'::text, 'key'::text, 'credit'::text, 'policy'::text, 'model'::text, 'context'::text, 'rate'::text, 'network'::text, 'aborted'::text, 'lost'::text]))),
    CONSTRAINT llm_calls_reserved_tokens_check CHECK ((reserved_tokens > 0)),
    CONSTRAINT llm_calls_reserved_usd_check CHECK ((reserved_usd >= (0)::numeric)),
    CONSTRAINT llm_calls_settled_by_check CHECK ((settled_by = ANY (ARRAY['cost'::text, 'prices'::text, 'tokens'::text, 'generation'::text, 'reservation'::text, 'nothing'::text]))),
    CONSTRAINT llm_calls_state_check CHECK ((state = ANY (ARRAY['reserved'::text, 'settled'::text]))),
    CONSTRAINT llm_calls_tokens_received_check CHECK ((tokens_received >= 0)),
    CONSTRAINT llm_calls_tokens_sent_check CHECK ((tokens_sent >= 0)),
    CONSTRAINT tokens_cached_were_sent CHECK (((tokens_cached >= 0) AND (tokens_cached <= COALESCE(tokens_sent, (0)::bigint))))
);

ALTER TABLE public.llm_calls ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.llm_calls_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.llm_days (
    day date NOT NULL
);

CREATE TABLE public.llm_tasks (
    task bigint NOT NULL
);

CREATE TABLE public.memory_forgotten (
    task_id bigint NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.memory_given (
    task_id bigint NOT NULL,
    turn integer NOT NULL,
    place integer NOT NULL,
    item bigint NOT NULL
);

CREATE TABLE public.memory_items (
    id bigint NOT NULL,
    remote text NOT NULL,
    kind text NOT NULL,
    task_id bigint,
    turn integer,
    commit_id text,
    people bigint[] DEFAULT '{}'::bigint[] NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    text text NOT NULL,
    untrue_because text,
    CONSTRAINT memory_items_kind_check CHECK ((kind = ANY (ARRAY['change'::text, 'checks'::text, 'answer'::text, 'reverted'::text, 'note'::text]))),
    CONSTRAINT memory_items_remote_check CHECK ((remote <> ''::text)),
    CONSTRAINT memory_items_text_check CHECK (((text <> ''::text) AND (octet_length(text) <= 2048))),
    CONSTRAINT memory_items_untrue_because_check CHECK ((untrue_because = ANY (ARRAY['rolled_back'::text, 'discarded'::text, 'followed_up'::text, 'deployed_again'::text, 'taken_up'::text, 'corrected'::text]))),
    CONSTRAINT note_iff_no_task CHECK ((((kind = 'note'::text) = (task_id IS NULL)) AND ((task_id IS NULL) = (turn IS NULL))))
);

ALTER TABLE public.memory_items ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.memory_items_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.memory_worked (
    task_id bigint NOT NULL,
    commit_id text NOT NULL,
    paths text[] NOT NULL
);

CREATE TABLE public.message_tasks (
    chat_id bigint NOT NULL,
    message_id bigint NOT NULL,
    task_id bigint NOT NULL,
    turn integer,
    characters integer,
    CONSTRAINT message_tasks_characters_check CHECK ((characters >= 0)),
    CONSTRAINT message_tasks_turn_check CHECK ((turn >= 0))
);

CREATE TABLE public.outbox (
    id bigint NOT NULL,
    task_id bigint,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    body text NOT NULL,
    sent_at timestamp with time zone,
    chat_id bigint,
    topic_id bigint DEFAULT 0 NOT NULL,
    request jsonb,
    tries integer DEFAULT 0 NOT NULL,
    not_before timestamp with time zone,
    failed text,
    turn integer,
    holder text,
    CONSTRAINT failed_has_time CHECK (((failed IS NULL) OR (sent_at IS NOT NULL))),
    CONSTRAINT failed_says_why CHECK ((failed <> ''::text)),
    CONSTRAINT sentence_of_a_task_or_message CHECK ((((request IS NULL) = (body <> ''::text)) AND ((request IS NOT NULL) OR (task_id IS NOT NULL)))),
    CONSTRAINT tries_not_negative CHECK ((tries >= 0))
);

ALTER TABLE public.outbox ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.outbox_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.pause (
    one boolean DEFAULT true NOT NULL,
    by text NOT NULL,
    since timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pause_one_check CHECK (one)
);

CREATE TABLE public.people (
    id bigint NOT NULL,
    name text DEFAULT ''::text NOT NULL,
    client_language text DEFAULT ''::text NOT NULL,
    language text,
    paired_at timestamp with time zone,
    seen_at timestamp with time zone DEFAULT now() NOT NULL,
    asked_at timestamp with time zone,
    let_in boolean DEFAULT false NOT NULL,
    decided_at timestamp with time zone,
    decided_by bigint,
    CONSTRAINT decided_by_somebody CHECK (((decided_at IS NULL) = (decided_by IS NULL))),
    CONSTRAINT let_in_was_decided CHECK (((NOT let_in) OR (decided_at IS NOT NULL))),
    CONSTRAINT people_language_check CHECK ((language = ANY (ARRAY['en'::text, 'ru'::text])))
);

CREATE TABLE public.persais_schema (
    number integer NOT NULL,
    name text NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL,
    checksum text NOT NULL
);

CREATE TABLE public.refused_instructions (
    chat_id bigint NOT NULL,
    topic_id bigint DEFAULT 0 NOT NULL,
    person_id bigint NOT NULL,
    said_at bigint NOT NULL,
    heard_at timestamp with time zone NOT NULL
);

CREATE TABLE public.repositories (
    id bigint NOT NULL,
    name text NOT NULL,
    remote text NOT NULL,
    base_branch text,
    setup text,
    check_command text,
    token bytea,
    added_by bigint,
    added_at timestamp with time zone DEFAULT now() NOT NULL,
    parallel integer,
    allow text[] DEFAULT '{}'::text[] NOT NULL,
    protect text[] DEFAULT '{}'::text[] NOT NULL,
    forge text,
    api_url text,
    land text,
    models text[] DEFAULT '{}'::text[] NOT NULL,
    zero_retention boolean DEFAULT false NOT NULL,
    no_collection boolean DEFAULT false NOT NULL,
    environment_for text DEFAULT 'nobody'::text NOT NULL,
    intake boolean DEFAULT false NOT NULL,
    CONSTRAINT repositories_environment_for_check CHECK ((environment_for = ANY (ARRAY['nobody'::text, 'setup'::text, 'checks'::text]))),
    CONSTRAINT repositories_forge_check CHECK ((forge = ANY (ARRAY['github'::text, 'gitlab'::text, 'gitea'::text, 'none'::text]))),
    CONSTRAINT repositories_land_check CHECK ((land = ANY (ARRAY['push'::text, 'request'::text]))),
    CONSTRAINT repositories_name_check CHECK ((name ~ '^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$'::text)),
    CONSTRAINT repositories_parallel_check CHECK (((parallel >= 1) AND (parallel <= 1000))),
    CONSTRAINT repositories_remote_check CHECK ((remote <> ''::text))
);

ALTER TABLE public.repositories ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.repositories_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.repository_environment (
    repository bigint NOT NULL,
    name text NOT NULL,
    sealed bytea NOT NULL,
    CONSTRAINT repository_environment_name_check CHECK ((name ~ '^[A-Za-z_][A-Za-z0-9_]{0,127}$'::text))
);

CREATE TABLE public.request_duties (
    task_id bigint NOT NULL,
    wish text NOT NULL,
    state text NOT NULL,
    since timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    next_try timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    tries integer DEFAULT 0 NOT NULL,
    CONSTRAINT request_duties_tries_check CHECK ((tries >= 0)),
    CONSTRAINT request_duties_wish_check CHECK ((wish = ANY (ARRAY['close'::text, 'reopen'::text])))
);

CREATE TABLE public.rights_by_setting (
    setting text NOT NULL,
    holder text NOT NULL,
    rule text NOT NULL
);

CREATE TABLE public.secrets (
    name text NOT NULL,
    sealed bytea NOT NULL,
    set_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.task_chats (
    task_id bigint NOT NULL,
    chat_id bigint NOT NULL,
    topic_id bigint DEFAULT 0 NOT NULL,
    person_id bigint NOT NULL,
    message_id bigint NOT NULL,
    language text NOT NULL,
    said_at bigint,
    heard_at timestamp with time zone,
    parts integer DEFAULT 1 NOT NULL,
    CONSTRAINT task_chats_language_check CHECK ((language = ANY (ARRAY['en'::text, 'ru'::text])))
);

CREATE TABLE public.task_events (
    task_id bigint NOT NULL,
    number bigint NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    fence bigint NOT NULL,
    kind text NOT NULL,
    body jsonb NOT NULL,
    CONSTRAINT task_events_kind_check CHECK ((kind = ANY (ARRAY['state'::text, 'progress'::text, 'log'::text])))
);

ALTER TABLE public.task_events ALTER COLUMN number ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.task_events_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.task_messages (
    task_id bigint NOT NULL,
    turn integer NOT NULL,
    chat_id bigint NOT NULL,
    topic_id bigint DEFAULT 0 NOT NULL,
    message_id bigint,
    reply_to bigint NOT NULL,
    ended boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    came_to jsonb,
    CONSTRAINT task_messages_turn_check CHECK ((turn >= 0))
);

CREATE TABLE public.task_turns (
    task_id bigint NOT NULL,
    turn integer NOT NULL,
    instruction text NOT NULL,
    person_id bigint,
    at timestamp with time zone DEFAULT now() NOT NULL,
    state text DEFAULT 'kept'::text NOT NULL,
    said_at bigint,
    heard_at timestamp with time zone,
    not_before timestamp with time zone,
    CONSTRAINT task_turns_instruction_check CHECK (((instruction <> ''::text) AND (char_length(instruction) <= 16384))),
    CONSTRAINT task_turns_state_check CHECK ((state = ANY (ARRAY['kept'::text, 'begun'::text, 'dropped'::text]))),
    CONSTRAINT task_turns_turn_check CHECK ((turn >= 1))
);

ALTER TABLE public.tasks ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.tasks_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE ONLY public.api_requests
    ADD CONSTRAINT api_requests_pkey PRIMARY KEY (person, key);

ALTER TABLE ONLY public.api_tasks
    ADD CONSTRAINT api_tasks_pkey PRIMARY KEY (task_id);

ALTER TABLE ONLY public.api_tokens
    ADD CONSTRAINT api_tokens_digest_key UNIQUE (digest);

ALTER TABLE ONLY public.api_tokens
    ADD CONSTRAINT api_tokens_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.approvals
    ADD CONSTRAINT approvals_pkey PRIMARY KEY (task_id, person);

ALTER TABLE ONLY public.audit
    ADD CONSTRAINT audit_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.backup_state
    ADD CONSTRAINT backup_state_pkey PRIMARY KEY (one);

ALTER TABLE ONLY public.budget_warnings
    ADD CONSTRAINT budget_warnings_pkey PRIMARY KEY (budget, whose, since);

ALTER TABLE ONLY public.budgets
    ADD CONSTRAINT budgets_pkey PRIMARY KEY (kind, name);

ALTER TABLE ONLY public.buttons
    ADD CONSTRAINT buttons_pkey PRIMARY KEY (token);

ALTER TABLE ONLY public.conversations
    ADD CONSTRAINT conversations_pkey PRIMARY KEY (chat_id, topic_id);

ALTER TABLE ONLY public.event_streams
    ADD CONSTRAINT event_streams_pkey PRIMARY KEY (process);

ALTER TABLE ONLY public.forge_inbox
    ADD CONSTRAINT forge_inbox_delivery_key UNIQUE (delivery);

ALTER TABLE ONLY public.forge_inbox
    ADD CONSTRAINT forge_inbox_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.forge_inbox
    ADD CONSTRAINT forge_inbox_remote_kind_thing_key UNIQUE (remote, kind, thing);

ALTER TABLE ONLY public.forge_outbox
    ADD CONSTRAINT forge_outbox_mark_key UNIQUE (mark);

ALTER TABLE ONLY public.forge_outbox
    ADD CONSTRAINT forge_outbox_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.forge_polls
    ADD CONSTRAINT forge_polls_pkey PRIMARY KEY (remote);

ALTER TABLE ONLY public.forge_turns
    ADD CONSTRAINT forge_turns_pkey PRIMARY KEY (task_id, turn);

ALTER TABLE ONLY public.grants
    ADD CONSTRAINT grants_pkey PRIMARY KEY (person, repository);

ALTER TABLE ONLY public.identities
    ADD CONSTRAINT identities_pkey PRIMARY KEY (kind, id);

ALTER TABLE ONLY public.inbox
    ADD CONSTRAINT inbox_pkey PRIMARY KEY (update_id);

ALTER TABLE ONLY public.invites
    ADD CONSTRAINT invites_pkey PRIMARY KEY (code_hash);

ALTER TABLE ONLY public.landings
    ADD CONSTRAINT landings_pkey PRIMARY KEY (remote);

ALTER TABLE ONLY public.lanes
    ADD CONSTRAINT lanes_pkey PRIMARY KEY (remote);

ALTER TABLE ONLY public.link_codes
    ADD CONSTRAINT link_codes_pkey PRIMARY KEY (code_hash);

ALTER TABLE ONLY public.llm_calls
    ADD CONSTRAINT llm_calls_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.llm_days
    ADD CONSTRAINT llm_days_pkey PRIMARY KEY (day);

ALTER TABLE ONLY public.llm_tasks
    ADD CONSTRAINT llm_tasks_pkey PRIMARY KEY (task);

ALTER TABLE ONLY public.memory_forgotten
    ADD CONSTRAINT memory_forgotten_pkey PRIMARY KEY (task_id);

ALTER TABLE ONLY public.memory_given
    ADD CONSTRAINT memory_given_pkey PRIMARY KEY (task_id, turn, place);

ALTER TABLE ONLY public.memory_items
    ADD CONSTRAINT memory_items_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.memory_worked
    ADD CONSTRAINT memory_worked_pkey PRIMARY KEY (task_id);

ALTER TABLE ONLY public.message_tasks
    ADD CONSTRAINT message_tasks_pkey PRIMARY KEY (chat_id, message_id);

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.pause
    ADD CONSTRAINT pause_pkey PRIMARY KEY (one);

ALTER TABLE ONLY public.people
    ADD CONSTRAINT people_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.persais_schema
    ADD CONSTRAINT persais_schema_pkey PRIMARY KEY (number);

ALTER TABLE ONLY public.refused_instructions
    ADD CONSTRAINT refused_instructions_pkey PRIMARY KEY (chat_id, topic_id, person_id);

ALTER TABLE ONLY public.repositories
    ADD CONSTRAINT repositories_name_key UNIQUE (name);

ALTER TABLE ONLY public.repositories
    ADD CONSTRAINT repositories_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.repositories
    ADD CONSTRAINT repositories_remote_key UNIQUE (remote);

ALTER TABLE ONLY public.repository_environment
    ADD CONSTRAINT repository_environment_pkey PRIMARY KEY (repository, name);

ALTER TABLE ONLY public.request_duties
    ADD CONSTRAINT request_duties_pkey PRIMARY KEY (task_id);

ALTER TABLE ONLY public.rights_by_setting
    ADD CONSTRAINT rights_by_setting_pkey PRIMARY KEY (setting, holder);

ALTER TABLE ONLY public.second_factors
    ADD CONSTRAINT second_factors_pkey PRIMARY KEY (person);

ALTER TABLE ONLY public.secrets
    ADD CONSTRAINT secrets_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.task_chats
    ADD CONSTRAINT task_chats_pkey PRIMARY KEY (task_id);

ALTER TABLE ONLY public.task_events
    ADD CONSTRAINT task_events_pkey PRIMARY KEY (task_id, number);

ALTER TABLE ONLY public.task_messages
    ADD CONSTRAINT task_messages_pkey PRIMARY KEY (task_id, turn);

ALTER TABLE ONLY public.task_turns
    ADD CONSTRAINT task_turns_pkey PRIMARY KEY (task_id, turn);

ALTER TABLE ONLY public.tasks
    ADD CONSTRAINT tasks_pkey PRIMARY KEY (id);

CREATE INDEX api_requests_of_task ON public.api_requests USING btree (task_id);

CREATE INDEX api_tasks_of_person ON public.api_tasks USING btree (person, task_id);

CREATE INDEX api_tokens_of_person ON public.api_tokens USING btree (person) WHERE (revoked_at IS NULL);

CREATE INDEX audit_of_budgets ON public.audit USING btree (at) WHERE (what = 'budget_set'::text);

CREATE INDEX audit_of_task ON public.audit USING btree (task_id, id);

CREATE INDEX budget_warnings_untold ON public.budget_warnings USING btree (since) WHERE (told_at IS NULL);

CREATE INDEX buttons_of_task ON public.buttons USING btree (task_id);

CREATE INDEX buttons_old ON public.buttons USING btree (made_at);

CREATE UNIQUE INDEX buttons_standing ON public.buttons USING btree (task_id, action, argument) WHERE standing;

CREATE INDEX forge_inbox_done ON public.forge_inbox USING btree (done_at);

CREATE INDEX forge_inbox_undone ON public.forge_inbox USING btree (next_try) WHERE (done_at IS NULL);

CREATE INDEX forge_outbox_due ON public.forge_outbox USING btree (next_try);

CREATE INDEX forge_turns_of_author ON public.forge_turns USING btree (author, task_id) WHERE (turn = 0);

CREATE INDEX inbox_undone ON public.inbox USING btree (update_id) WHERE (done_at IS NULL);

CREATE INDEX lanes_due ON public.lanes USING btree (due_at) WHERE (due_at IS NOT NULL);

CREATE INDEX lanes_waiting ON public.lanes USING btree (claimed_at NULLS FIRST, first_at) WHERE waiting;

CREATE INDEX llm_calls_by_day ON public.llm_calls USING btree (day) INCLUDE (counted_usd);

CREATE INDEX llm_calls_by_person ON public.llm_calls USING btree (person, day) INCLUDE (counted_usd) WHERE (person IS NOT NULL);

CREATE INDEX llm_calls_by_repository ON public.llm_calls USING btree (repository, day) INCLUDE (counted_usd) WHERE (repository IS NOT NULL);

CREATE INDEX llm_calls_by_task ON public.llm_calls USING btree (task) INCLUDE (counted_usd);

CREATE INDEX llm_calls_reserved ON public.llm_calls USING btree (reserved_at) WHERE (state = 'reserved'::text);

CREATE INDEX memory_given_item ON public.memory_given USING btree (item);

CREATE INDEX memory_items_of_repository ON public.memory_items USING btree (remote, id);

CREATE UNIQUE INDEX memory_items_once ON public.memory_items USING btree (task_id, turn, kind) WHERE (task_id IS NOT NULL);

CREATE INDEX memory_items_words ON public.memory_items USING gin (to_tsvector('russian'::regconfig, ((text || ' '::text) || translate(text, '/._-:=()'::text, '        '::text))));

CREATE INDEX message_tasks_of ON public.message_tasks USING btree (task_id);

CREATE INDEX outbox_failed ON public.outbox USING btree (chat_id, sent_at) WHERE (failed IS NOT NULL);

CREATE INDEX outbox_of_chat ON public.outbox USING btree (chat_id, id) WHERE ((sent_at IS NULL) AND (chat_id IS NOT NULL));

CREATE INDEX outbox_of_task ON public.outbox USING btree (task_id, id);

CREATE INDEX outbox_unsent ON public.outbox USING btree (id) WHERE (sent_at IS NULL);

CREATE INDEX people_asked ON public.people USING btree (asked_at) WHERE (asked_at IS NOT NULL);

CREATE INDEX request_duties_due ON public.request_duties USING btree (next_try);

CREATE INDEX task_chats_of_chat ON public.task_chats USING btree (chat_id, topic_id);

CREATE INDEX task_chats_of_person ON public.task_chats USING btree (person_id, task_id);

CREATE INDEX task_events_by_number ON public.task_events USING btree (number);

CREATE INDEX task_messages_open ON public.task_messages USING btree (task_id) WHERE (NOT ended);

CREATE INDEX task_turns_kept ON public.task_turns USING btree (task_id, turn) WHERE (state = 'kept'::text);

CREATE INDEX tasks_by_state ON public.tasks USING btree (state, id) WHERE (lease_until IS NULL);

CREATE INDEX tasks_changed ON public.tasks USING btree (changed_at) WHERE (lease_until IS NULL);

CREATE INDEX tasks_in_review ON public.tasks USING btree (changed_at) WHERE (state = 'review'::text);

CREATE INDEX tasks_landing ON public.tasks USING btree (remote) WHERE (facts ? 'lands'::text);

CREATE INDEX tasks_leased ON public.tasks USING btree (lease_until) WHERE (lease_until IS NOT NULL);

CREATE INDEX tasks_queued ON public.tasks USING btree (not_before, id) WHERE (state = 'queued'::text);

CREATE INDEX tasks_queued_by_remote ON public.tasks USING btree (remote, not_before, id) WHERE ((state = 'queued'::text) AND (NOT foreground));

CREATE INDEX tasks_retries ON public.tasks USING btree (retry_of) WHERE (retry_of IS NOT NULL);

CREATE INDEX tasks_waiting ON public.tasks USING btree (wait_until) WHERE (state = 'waiting'::text);

CREATE TRIGGER api_tokens_go AFTER INSERT ON public.audit FOR EACH ROW WHEN ((new.what = ANY (ARRAY['removed'::text, 'put_out'::text, 'no_admin'::text]))) EXECUTE FUNCTION public.api_tokens_go();

CREATE TRIGGER approvals_void AFTER UPDATE OF state, commit_id ON public.tasks FOR EACH ROW WHEN (((old.state = ANY (ARRAY['review'::text, 'rolled_back'::text])) AND ((new.state IS DISTINCT FROM old.state) OR (new.commit_id IS DISTINCT FROM old.commit_id)))) EXECUTE FUNCTION public.approvals_void();

CREATE TRIGGER audit_approval AFTER INSERT ON public.approvals FOR EACH ROW EXECUTE FUNCTION public.audit_approval();

CREATE TRIGGER audit_keeps BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit FOR EACH STATEMENT EXECUTE FUNCTION public.audit_keeps();

CREATE TRIGGER audit_landing AFTER UPDATE OF facts ON public.tasks FOR EACH ROW WHEN ((((new.facts ? 'lands'::text) <> (old.facts ? 'lands'::text)) OR ((new.facts #>> '{lands,what}'::text[]) <> (old.facts #>> '{lands,what}'::text[])))) EXECUTE FUNCTION public.audit_landing();

CREATE TRIGGER audit_right AFTER UPDATE OF paired_at, decided_at ON public.people FOR EACH ROW EXECUTE FUNCTION public.audit_right();

CREATE TRIGGER forge_tell AFTER UPDATE OF state ON public.tasks FOR EACH ROW WHEN (((new.state <> old.state) AND ((new.state = ANY (ARRAY['review'::text, 'failed'::text, 'aborted'::text, 'discarded'::text, 'parked'::text, 'expired'::text, 'answered'::text, 'deployed'::text, 'rolled_back'::text])) OR ((new.state = 'waiting'::text) AND (new.wait_reason = ANY (ARRAY['key'::text, 'credit'::text, 'day_budget'::text, 'month_budget'::text, 'task_budget'::text, 'paused'::text])))))) EXECUTE FUNCTION public.forge_tell();

CREATE TRIGGER landing_front AFTER UPDATE OF facts ON public.tasks FOR EACH ROW WHEN (((old.facts ? 'lands'::text) AND ((NOT (new.facts ? 'lands'::text)) OR ((old.facts #>> '{lands,what}'::text[]) <> (new.facts #>> '{lands,what}'::text[])) OR (((old.facts #>> '{lands,step}'::text[]) = 'push'::text) AND ((new.facts #>> '{lands,step}'::text[]) = 'replay'::text))))) EXECUTE FUNCTION public.landing_front();

CREATE TRIGGER landing_is_again BEFORE UPDATE OF facts ON public.tasks FOR EACH ROW WHEN ((((old.facts #>> '{lands,what}'::text[]) = 'deploy_again'::text) AND (((new.facts #>> '{lands,what}'::text[]) = 'deploy'::text) OR ((NOT (new.facts ? 'lands'::text)) AND (new.state = 'review'::text))))) EXECUTE FUNCTION public.landing_is_again();

CREATE TRIGGER landing_is_no_turn BEFORE UPDATE OF state ON public.tasks FOR EACH ROW WHEN (((old.facts ? 'lands'::text) AND (new.state = ANY (ARRAY['preparing'::text, 'coding'::text, 'checking'::text, 'answering'::text])))) EXECUTE FUNCTION public.landing_is_no_turn();

CREATE TRIGGER landing_moved AFTER UPDATE OF facts ON public.tasks FOR EACH ROW WHEN (((((old.facts #>> '{lands,step}'::text[]) = 'replay'::text) AND ((new.facts #>> '{lands,step}'::text[]) <> 'replay'::text)) OR ((old.facts #>> '{lands,after}'::text[]) <> (new.facts #>> '{lands,after}'::text[])))) EXECUTE FUNCTION public.landing_moved();

CREATE TRIGGER landing_over AFTER UPDATE OF state ON public.tasks FOR EACH ROW WHEN (((old.facts ? 'lands'::text) AND (NOT (new.facts ? 'lands'::text)))) EXECUTE FUNCTION public.landing_over();

CREATE TRIGGER lane_waits AFTER INSERT OR UPDATE OF state, not_before, foreground ON public.tasks FOR EACH ROW WHEN (((new.state = 'queued'::text) AND (NOT new.foreground))) EXECUTE FUNCTION public.lane_waits();

CREATE TRIGGER made_anew_is_known BEFORE UPDATE OF facts ON public.tasks FOR EACH ROW WHEN (((old.facts ? 'was'::text) AND (NOT (new.facts ? 'was'::text)) AND (new.state = ANY (ARRAY['queued'::text, 'preparing'::text, 'coding'::text, 'checking'::text, 'publishing'::text, 'answering'::text, 'waiting'::text, 'aborted'::text, 'failed'::text, 'parked'::text])))) EXECUTE FUNCTION public.made_anew_is_known();

CREATE TRIGGER memory_remember AFTER UPDATE OF state ON public.tasks FOR EACH ROW WHEN ((((new.state = ANY (ARRAY['review'::text, 'failed'::text, 'parked'::text, 'expired'::text, 'answered'::text, 'deployed'::text, 'rolled_back'::text, 'discarded'::text])) AND ((new.state <> old.state) OR ((new.facts -> 'turn'::text) IS DISTINCT FROM (old.facts -> 'turn'::text)))) OR ((new.state = 'coding'::text) AND (old.state = 'checking'::text) AND ((new.facts ->> 'feedback'::text) <> ''::text)))) EXECUTE FUNCTION public.memory_remember();

CREATE TRIGGER repositories_changed AFTER INSERT OR DELETE OR UPDATE ON public.repositories FOR EACH STATEMENT EXECUTE FUNCTION public.repositories_changed();

CREATE TRIGGER repositories_changed AFTER INSERT OR DELETE OR UPDATE ON public.repository_environment FOR EACH STATEMENT EXECUTE FUNCTION public.repositories_changed();

CREATE TRIGGER repository_gets_room AFTER UPDATE OF lease_until ON public.tasks FOR EACH ROW WHEN (((old.lease_until IS NOT NULL) AND (new.lease_until IS NULL))) EXECUTE FUNCTION public.repository_gets_room();

CREATE TRIGGER repository_has_room BEFORE UPDATE OF lease_until ON public.tasks FOR EACH ROW WHEN (((old.lease_until IS NULL) AND (new.lease_until IS NOT NULL) AND (NOT new.foreground))) EXECUTE FUNCTION public.repository_has_room();

CREATE TRIGGER rights_told AFTER INSERT ON public.audit FOR EACH ROW WHEN ((new.task_id IS NULL)) EXECUTE FUNCTION public.rights_told();

CREATE TRIGGER secrets_changed AFTER INSERT OR DELETE OR UPDATE ON public.secrets FOR EACH STATEMENT EXECUTE FUNCTION public.secrets_changed();

CREATE TRIGGER task_events_told AFTER INSERT ON public.task_events REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION public.task_events_told();

CREATE TRIGGER wish_request_duty AFTER UPDATE OF state ON public.tasks FOR EACH ROW WHEN (((new.state <> old.state) AND (new.facts ? 'request'::text) AND ((new.state = ANY (ARRAY['discarded'::text, 'aborted'::text, 'expired'::text])) OR ((new.state = 'review'::text) AND (old.state = 'discarded'::text))))) EXECUTE FUNCTION public.wish_request_duty();

ALTER TABLE ONLY public.api_requests
    ADD CONSTRAINT api_requests_task_id_fkey FOREIGN KEY (task_id) REFERENCES public.tasks(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.api_tasks
    ADD CONSTRAINT api_tasks_task_id_fkey FOREIGN KEY (task_id) REFERENCES public.tasks(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.api_tokens
    ADD CONSTRAINT api_tokens_person_fkey FOREIGN KEY (person) REFERENCES public.people(id);

ALTER TABLE ONLY public.approvals
    ADD CONSTRAINT approvals_task_id_fkey FOREIGN KEY (task_id) REFERENCES public.tasks(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.buttons
    ADD CONSTRAINT buttons_task_id_fkey FOREIGN KEY (task_id) REFERENCES public.tasks(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.conversations
    ADD CONSTRAINT conversations_repository_fkey FOREIGN KEY (repository) REFERENCES public.repositories(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.forge_outbox
    ADD CONSTRAINT forge_outbox_task_id_fkey FOREIGN KEY (task_id) REFERENCES public.tasks(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.forge_turns
    ADD CONSTRAINT forge_turns_task_id_fkey FOREIGN KEY (task_id) REFERENCES public.tasks(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.grants
    ADD CONSTRAINT grants_person_fkey FOREIGN KEY (person) REFERENCES public.people(id);

ALTER TABLE ONLY public.identities
    ADD CONSTRAINT identities_person_fkey FOREIGN KEY (person) REFERENCES public.people(id);

ALTER TABLE ONLY public.landings
    ADD CONSTRAINT landings_task_id_fkey FOREIGN KEY (task_id) REFERENCES public.tasks(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.link_codes
    ADD CONSTRAINT link_codes_person_fkey FOREIGN KEY (person) REFERENCES public.people(id);

ALTER TABLE ONLY public.memory_given
    ADD CONSTRAINT memory_given_item_fkey FOREIGN KEY (item) REFERENCES public.memory_items(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.memory_given
    ADD CONSTRAINT memory_given_task_id_fkey FOREIGN KEY (task_id) REFERENCES public.tasks(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.memory_worked
    ADD CONSTRAINT memory_worked_task_id_fkey FOREIGN KEY (task_id) REFERENCES public.tasks(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.message_tasks
    ADD CONSTRAINT message_tasks_task_id_fkey FOREIGN KEY (task_id) REFERENCES public.tasks(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_task_id_fkey FOREIGN KEY (task_id) REFERENCES public.tasks(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.repository_environment
    ADD CONSTRAINT repository_environment_repository_fkey FOREIGN KEY (repository) REFERENCES public.repositories(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.request_duties
    ADD CONSTRAINT request_duties_task_id_fkey FOREIGN KEY (task_id) REFERENCES public.tasks(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.task_chats
    ADD CONSTRAINT task_chats_task_id_fkey FOREIGN KEY (task_id) REFERENCES public.tasks(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.task_events
    ADD CONSTRAINT task_events_task_id_fkey FOREIGN KEY (task_id) REFERENCES public.tasks(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.task_messages
    ADD CONSTRAINT task_messages_task_id_fkey FOREIGN KEY (task_id) REFERENCES public.tasks(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.task_turns
    ADD CONSTRAINT task_turns_task_id_fkey FOREIGN KEY (task_id) REFERENCES public.tasks(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.tasks
    ADD CONSTRAINT tasks_from_answer_fkey FOREIGN KEY (from_answer) REFERENCES public.tasks(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.tasks
    ADD CONSTRAINT tasks_retry_of_fkey FOREIGN KEY (retry_of) REFERENCES public.tasks(id) ON DELETE SET NULL;

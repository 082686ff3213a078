-- Money beside the task's and the day's: the month's, a repository's and a person's; a pause of all spending. People's roles in a
-- repository, and under which names a person is known elsewhere.

-- What a call was for. Calls from before this have neither, and count for no repository's or person's budget.
alter table llm_calls
    add column if not exists repository text,   -- its short name in lower case, as DEPLOY_RULES names it
    add column if not exists person text;       -- a number, or 'terminal'
create index if not exists llm_calls_by_repository on llm_calls (repository, day) include (counted_usd) where repository is not null;
create index if not exists llm_calls_by_person on llm_calls (person, day) include (counted_usd) where person is not null;

-- What a repository or a person may spend, and how much of a person may wait. Null: no limit of its own.
create table if not exists budgets (
    kind        text not null check (kind in ('repository', 'person')),
    name        text not null check (name <> ''),
    day_usd     numeric check (day_usd >= 0),
    month_usd   numeric check (month_usd >= 0),
    waiting     integer check (waiting >= 0),   -- tasks of the person that no worker has begun
    set_by      text not null,
    set_at      timestamptz not null default clock_timestamp(),
    primary key (kind, name),
    constraint some_limit check (day_usd is not null or month_usd is not null or waiting is not null),
    constraint people_wait check (waiting is null or kind = 'person')
);

-- Of which budgets the admins are warned, once for each of its days or months.
create table if not exists budget_warnings (
    budget      text not null,
    whose       text not null,                  -- empty: everybody's
    since       date not null,                  -- the first day of the time that it is for
    counted_usd numeric not null,               -- spent or reserved then
    budget_usd  numeric not null,
    told_at     timestamptz,
    primary key (budget, whose, since)
);
create index if not exists budget_warnings_untold on budget_warnings (since) where told_at is null;

-- The admins are told in the same transaction. A second time is an error, so that they are told once.
create or replace function budget_told(p_budget text, p_whose text, p_since date) returns void language plpgsql as $$
begin
    update budget_warnings set told_at = clock_timestamp() where budget = p_budget and whose = p_whose and since = p_since and told_at is null;
    if not found then
        raise exception 'it was told before' using errcode = 'PX002';
    end if;
end $$;

-- While there is its row, nothing is reserved.
create table if not exists pause (
    one         boolean primary key default true check (one),
    by          text not null,                  -- 'terminal', or the number of a person
    since       timestamptz not null default clock_timestamp()
);

-- A function because its second statement sees what was committed until the row was its own: a task whose wait was stored before that is
-- woken here, and one whose wait is stored later finds no row in wait_is_over().
create or replace function end_pause(in p_by text, in p_channel text, in p_said text, out gone integer, out woken integer) language plpgsql as $$
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

create index if not exists audit_of_budgets on audit (at) where what = 'budget_set';

-- For a task whose wait for money has been stored, after its COMMIT: what it waits for may have come between the refusal and that. A pause
-- may have ended, or a budget may have been set since the state before this one began.
create or replace function wait_is_over(p_task bigint, p_channel text) returns void language plpgsql as $$
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

-- Under which names a person is known beside the chat. Of a terminal there is one name, because whoever runs the program there may do all.
create table if not exists identities (
    kind        text not null check (kind in ('terminal', 'github', 'gitlab', 'gitea')),
    id          text not null check (id <> ''),
    person      bigint not null references people (id),
    linked_at   timestamptz not null default clock_timestamp(),
    primary key (kind, id)
);
create table if not exists link_codes (
    code_hash   bytea primary key check (octet_length(code_hash) = 32),
    person      bigint not null references people (id),
    expires_at  timestamptz not null
);

-- Roles that no setting gives. An empty repository: everywhere.
create table if not exists grants (
    person      bigint not null references people (id),
    repository  text not null default '',
    role        text not null check (role in ('admin', 'deployer', 'member', 'reader')),
    by          text not null,
    at          timestamptz not null default clock_timestamp(),
    primary key (person, repository)
);

-- Fails when nobody would decide anything without this person. p_named: the admins that the settings name.
create or replace function last_admin_stays(p_person bigint, p_named bigint[]) returns void language plpgsql as $$
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

-- Gives a person a role, or takes it back (null). The person need not have been heard of. A role of everywhere is what the person is then:
-- the invitations of who is no admin any more go.
create or replace function person_role(p_person bigint, p_repository text, p_role text, p_by text, p_named bigint[] default '{}')
returns void language plpgsql as $$
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
end $$;

-- The tasks of a person that are to come to a result. What is being landed has one.
create or replace function person_tasks(p_person bigint) returns setof bigint language sql stable as $$
    select t.id from task_chats c join tasks t on t.id = c.task_id
    where c.person_id = p_person and not t.facts ? 'lands'
        and t.state in ('queued', 'waiting', 'preparing', 'coding', 'checking', 'publishing', 'answering')
$$;

-- Takes a person's rights away, and what they have begun. Never the last admin's: then nobody could decide anything. p_named: the admins
-- that the settings name. Tasks with a result keep it, for others to decide on.
create or replace function person_remove(in p_person bigint, in p_by text, in p_named bigint[], out tasks integer, out replies integer)
language plpgsql as $$
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
end $$;

create or replace function person_link(p_person bigint, p_kind text, p_id text, p_by text) returns void language plpgsql as $$
begin
    if not exists (select from people where id = p_person) then
        raise exception 'nobody was heard of who is %', p_person using errcode = 'PX002';
    end if;
    insert into identities (kind, id, person) values (p_kind, p_id, p_person)
    on conflict (kind, id) do update set person = excluded.person, linked_at = clock_timestamp();
    insert into audit (person, remote, what, by, commit_id, anyway, detail) values (p_person, '', 'linked', p_by, '', false, p_kind || ' ' || p_id);
end $$;

-- Uses a one-time code up: whoever is known as p_id there is the person who was given it.
create or replace function link_use(p_hash bytea, p_kind text, p_id text) returns bigint language plpgsql as $$
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

-- An invitation may give a role beside being let in. Of a terminal's, made_by is 0.
alter table invites
    add column if not exists role text not null default '' check (role in ('', 'admin', 'deployer', 'member', 'reader')),
    add column if not exists repository text not null default '';
create or replace function invite_use(p_hash bytea, p_person bigint) returns void language plpgsql as $$
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

-- Whose money a task spends: of whoever asked for the turn that it is at.
create or replace function task_person(p_task bigint) returns text language sql stable as $$
    select coalesce(
        (select person_id::text from task_turns where task_id = p_task and state = 'begun' order by turn desc limit 1),
        (select person_id::text from task_chats where task_id = p_task),
        (select person::text from identities where kind = 'terminal' and id = 'terminal'),
        'terminal')
$$;

-- Reserves the most that a call may cost, of all budgets that it takes from: the task's, the day's, the month's (null: none), and those of
-- the repository and the person. A function because each of its statements sees what was committed before it began (READ COMMITTED): the
-- sums are read after the locks are held. The locks are taken in one order: task, day, and the month's where a budget is for a month; its
-- lock is the row of the month's first day. Whoever holds the day's holds all that is of this day.
-- verdict: granted, paused, or the budget without room (task_budget, day_budget, month_budget). narrow_*: the budget with the least left.
-- shrunk_by: that budget, when it has room for a shorter answer only. warned: a budget was seen at four fifths for the first time.
create or replace function llm_reserve_within(
    in p_task bigint, in p_day date, in p_at timestamptz, in p_model text,
    in p_prompt_tokens bigint, in p_most_tokens bigint, in p_least_tokens bigint,
    in p_prompt_usd numeric, in p_answer_token_usd numeric,
    in p_task_budget numeric, in p_day_budget numeric, in p_month_budget numeric, in p_repository text,
    out verdict text, out call bigint, out granted_tokens bigint, out granted_usd numeric, out shrunk_by text,
    out narrow_whose text, out narrow_usd numeric, out warned boolean
) language plpgsql as $$
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

-- The version before this one calls it while it is being replaced; it knows no other verdicts.
create or replace function llm_reserve_call(
    in p_task bigint, in p_day date, in p_at timestamptz, in p_model text,
    in p_prompt_tokens bigint, in p_most_tokens bigint, in p_least_tokens bigint,
    in p_prompt_usd numeric, in p_answer_token_usd numeric,
    in p_task_budget numeric, in p_day_budget numeric,
    out verdict text, out call bigint, out granted_tokens bigint, out granted_usd numeric, out shrunk_by text
) language sql as $$
    select case when r.verdict in ('granted', 'task_budget') then r.verdict else 'day_budget' end, r.call, r.granted_tokens, r.granted_usd,
        case when r.shrunk_by = 'task_budget' then r.shrunk_by when r.shrunk_by is not null then 'day_budget' end
    from llm_reserve_within(p_task, p_day, p_at, p_model, p_prompt_tokens, p_most_tokens, p_least_tokens, p_prompt_usd, p_answer_token_usd,
        p_task_budget, p_day_budget, null, '') r
$$;

alter table tasks
    drop constraint if exists wait_reason_known,
    add constraint wait_reason_known check (wait_reason in ('key', 'credit', 'day_budget', 'task_budget', 'model_away',
        'remote_away', 'world', 'request', 'month_budget', 'paused'));

-- Words of the audit that are about no task are added to those that stand there, whichever those are.
do $do$
declare
    words text := '''paused''::text, ''resumed''::text, ''budget_set''::text, ''role_set''::text, ''removed''::text, ''linked''::text';
    one record;
begin
    for one in select conname, pg_get_constraintdef(oid) as said from pg_constraint
        where conrelid = 'audit'::regclass and conname in ('what_known', 'of_a_task_or_a_person')
    loop
        continue when one.said like '%''paused''%';
        execute format('alter table audit drop constraint %I, add constraint %I %s', one.conname, one.conname,
            regexp_replace(one.said, 'ARRAY\[', 'ARRAY[' || words || ', '));
    end loop;
end
$do$;

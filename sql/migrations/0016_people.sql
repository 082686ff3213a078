-- Who was let in by an admin in the chat, beside those whom the settings name; who asked for it; and invitations.

-- A stranger who wrote is a row with `asked_at`, of which the admins are told once. A person who was decided on is not asked about
-- again, whatever was decided. The version before this one knows of nobody who was let in, and answers nobody wrongly.
alter table people add column if not exists asked_at timestamptz;   -- the admins were shown that the person asks to be let in
alter table people add column if not exists let_in boolean not null default false;
alter table people add column if not exists decided_at timestamptz; -- when `let_in` was decided
alter table people add column if not exists decided_by bigint;      -- the admin who decided it, or who invited the person
alter table people
    drop constraint if exists decided_by_somebody,
    drop constraint if exists let_in_was_decided,
    add constraint decided_by_somebody check ((decided_at is null) = (decided_by is null)),
    add constraint let_in_was_decided check (not let_in or decided_at is not null);
create index if not exists people_asked on people (asked_at) where asked_at is not null;

-- Invitations that can be used. The code itself is known to whoever has the link, and is nowhere here.
create table if not exists invites (
    code_hash   bytea primary key check (octet_length(code_hash) = 32),
    made_by     bigint not null,
    made_at     timestamptz not null default now(),
    expires_at  timestamptz not null
);

-- A stranger asks to be let in. A second time is an error, so that the admins are told once.
create or replace function person_asks(p_person bigint) returns void language plpgsql as $$
begin
    update people set asked_at = now() where id = p_person and asked_at is null and decided_at is null;
    if not found then
        raise exception 'person % asked before', p_person using errcode = 'PX002';
    end if;
end $$;

-- Decides on a person who asked. A second decision is an error, so that nothing of it is done.
create or replace function person_decide(p_person bigint, p_admin bigint, p_let_in boolean) returns void language plpgsql as $$
begin
    update people set let_in = p_let_in, decided_at = clock_timestamp(), decided_by = p_admin
    where id = p_person and decided_at is null;
    if not found then
        raise exception 'it was decided on person % before', p_person using errcode = 'PX002';
    end if;
end $$;

-- Takes back that a person was let in.
create or replace function person_put_out(p_person bigint, p_admin bigint) returns void language plpgsql as $$
begin
    update people set let_in = false, decided_at = clock_timestamp(), decided_by = p_admin where id = p_person and let_in;
    if not found then
        raise exception 'person % is not let in', p_person using errcode = 'PX002';
    end if;
end $$;

-- Uses an invitation up. The person has to be known.
create or replace function invite_use(p_hash bytea, p_person bigint) returns void language plpgsql as $$
declare
    maker bigint;
begin
    delete from invites where code_hash = p_hash and expires_at > now() returning made_by into maker;
    if not found then
        raise exception 'there is no such invitation' using errcode = 'PX002';
    end if;
    update people set let_in = true, decided_at = clock_timestamp(), decided_by = maker where id = p_person;
end $$;

-- Buttons of these.
alter table buttons
    drop constraint if exists action_known,
    add constraint action_known check (action in ('diff', 'log', 'retry', 'abort', 'make_task', 'budget_more', 'task',
        'repo', 'add_repo', 'model', 'lang', 'reset', 'status', 'tasks', 'budget', 'help', 'show', 'dialog', 'let_in',
        'keep_out', 'put_out', 'drop_invite'));

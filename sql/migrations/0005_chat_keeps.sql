-- Secrets that Persais made or was told, sealed with PERSAIS_MASTER_KEY (src/base/seal.hpp), by name.
create table if not exists secrets (
    name    text primary key,
    sealed  bytea not null,
    set_at  timestamptz not null default now()
);

-- When the newest part of an instruction was written, as Telegram says, and when it came: what follows within two seconds
-- belongs to it.
alter table task_chats add column if not exists said_at bigint;
alter table task_chats add column if not exists heard_at timestamptz;

-- How many messages an instruction is made of: one that is edited can only be taken over when it is all there is.
alter table task_chats add column if not exists parts integer not null default 1;

-- Another part of an instruction whose task nobody has begun. It waits for more parts, too.
create or replace function task_join(p_task bigint, p_part text, p_said_at bigint, p_heard_at timestamptz, p_wait interval)
returns void language plpgsql as $$
begin
    update tasks set instruction = instruction || E'\n\n' || p_part, not_before = clock_timestamp() + p_wait
    where id = p_task and state = 'queued' and fence = 0;
    if not found then
        raise exception 'task % was begun', p_task using errcode = 'PX002';
    end if;
    update task_chats set said_at = p_said_at, heard_at = p_heard_at, parts = parts + 1 where task_id = p_task;
end $$;

-- A button that works once is used; a second time is an error, so that nothing of it is done.
create or replace function button_use(p_token text) returns void language plpgsql as $$
begin
    update buttons set used_at = clock_timestamp() where token = p_token and used_at is null;
    if not found then
        raise exception 'the button was used before' using errcode = 'PX002';
    end if;
end $$;

-- The words of an instruction are corrected before anybody began.
create or replace function task_reword(p_task bigint, p_instruction text) returns void language plpgsql as $$
begin
    update tasks set instruction = p_instruction where id = p_task and state = 'queued' and fence = 0;
    if not found then
        raise exception 'task % was begun', p_task using errcode = 'PX002';
    end if;
end $$;

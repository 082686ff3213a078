-- A reply may have more parts, as an instruction may: when its newest one was written, when it came, and until when the
-- turn waits for another.
alter table task_turns add column if not exists said_at bigint;
alter table task_turns add column if not exists heard_at timestamptz;
alter table task_turns add column if not exists not_before timestamptz;

-- Another part of a reply whose turn nobody has begun. It waits for more parts, too.
create or replace function turn_join(p_task bigint, p_turn integer, p_part text, p_said_at bigint, p_heard_at timestamptz, p_wait interval)
returns void language plpgsql as $$
begin
    update task_turns set instruction = instruction || E'\n\n' || p_part, said_at = p_said_at, heard_at = p_heard_at,
        not_before = clock_timestamp() + p_wait
    where task_id = p_task and turn = p_turn and state = 'kept';
    if not found then
        raise exception 'turn % of task % was begun', p_turn, p_task using errcode = 'PX002';
    end if;
end $$;

-- The state of a turn that is begun with these words: another part that came meanwhile is not left behind.
create or replace function turn_begun(p_kept text, p_begun text) returns text language plpgsql as $$
begin
    if p_kept <> p_begun then
        raise exception 'another part of the reply came' using errcode = 'PX002';
    end if;
    return 'begun';
end $$;

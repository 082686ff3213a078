-- How long an instruction may be is counted in characters, so that Russian gets as much as English; and what is too long
-- begins nothing.

alter table tasks
    drop constraint if exists tasks_instruction_check,
    add constraint tasks_instruction_check check (instruction <> '' and char_length(instruction) <= 16384);
alter table task_turns
    drop constraint if exists task_turns_instruction_check,
    add constraint task_turns_instruction_check check (instruction <> '' and char_length(instruction) <= 16384);

-- A task that was taken back before anybody began it, because more words came than one instruction takes. The words that it has
-- are only the beginning of what was said, so they are never worked on.
alter table tasks add column if not exists withdrawn boolean not null default false;

-- Which message is which part of an instruction: the turn whose part it is (0: the task's first), and its length in characters.
-- Null for a message of the bot, and for one that the version before this one stored.
alter table message_tasks add column if not exists turn integer check (turn >= 0);
alter table message_tasks add column if not exists characters integer check (characters >= 0);

-- The person's newest instruction here that was refused: when its newest part was written, as Telegram says, and when it came.
-- The parts that follow it belong to it and are refused with it.
create table if not exists refused_instructions (
    chat_id     bigint not null,
    topic_id    bigint not null default 0,
    person_id   bigint not null,
    said_at     bigint not null,
    heard_at    timestamptz not null,
    primary key (chat_id, topic_id, person_id)
);

-- The words with another part at its place: parts stand in the order in which they were written, which the numbers of their
-- messages tell, and not in that in which they came.
create or replace function with_part(p_words text, p_task bigint, p_turn integer, p_chat bigint, p_message bigint, p_part text)
returns text language sql stable as $$
    select case
        when not exists (select from message_tasks where task_id = p_task and turn = p_turn and chat_id = p_chat
            and message_id > p_message) then p_words || E'\n\n' || p_part
        else left(p_words, before) || p_part || E'\n\n' || substr(p_words, before + 1) end
    from (select coalesce(sum(characters + 2), 0)::integer as before from message_tasks
        where task_id = p_task and turn = p_turn and chat_id = p_chat and message_id < p_message) b
$$;

-- Another part of an instruction whose task nobody has begun. It waits for more parts, too.
create or replace function task_part(p_task bigint, p_chat bigint, p_message bigint, p_part text, p_said_at bigint,
    p_heard_at timestamptz, p_wait interval)
returns void language plpgsql as $$
begin
    update tasks set instruction = with_part(instruction, p_task, 0, p_chat, p_message, p_part),
        not_before = clock_timestamp() + p_wait
    where id = p_task and state = 'queued' and fence = 0;
    if not found then
        raise exception 'task % was begun', p_task using errcode = 'PX002';
    end if;
    update task_chats set said_at = greatest(said_at, p_said_at), heard_at = p_heard_at, parts = parts + 1 where task_id = p_task;
end $$;

-- The same for a reply whose turn nobody has begun.
create or replace function turn_part(p_task bigint, p_turn integer, p_chat bigint, p_message bigint, p_part text, p_said_at bigint,
    p_heard_at timestamptz, p_wait interval)
returns void language plpgsql as $$
begin
    update task_turns set instruction = with_part(instruction, p_task, p_turn, p_chat, p_message, p_part),
        said_at = greatest(said_at, p_said_at), heard_at = p_heard_at, not_before = clock_timestamp() + p_wait
    where task_id = p_task and turn = p_turn and state = 'kept';
    if not found then
        raise exception 'turn % of task % was begun', p_turn, p_task using errcode = 'PX002';
    end if;
end $$;

-- Takes a task back that nobody has begun.
create or replace function task_withdraw(p_task bigint) returns void language plpgsql as $$
begin
    update tasks set state = 'aborted', not_before = null, withdrawn = true, changed_at = clock_timestamp()
    where id = p_task and state = 'queued' and fence = 0;
    if not found then
        raise exception 'task % was begun', p_task using errcode = 'PX002';
    end if;
    insert into task_events (task_id, fence, kind, body) values (p_task, 0, 'state', '{"state": "aborted"}');
end $$;

-- The same for a reply whose turn nobody has begun.
create or replace function turn_withdraw(p_task bigint, p_turn integer) returns void language plpgsql as $$
begin
    update task_turns set state = 'dropped' where task_id = p_task and turn = p_turn and state = 'kept';
    if not found then
        raise exception 'turn % of task % was begun', p_turn, p_task using errcode = 'PX002';
    end if;
    update task_messages set ended = true where task_id = p_task and turn = p_turn;
end $$;

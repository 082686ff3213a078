-- A reply goes on with a task that ended: the next turn of its conversation. A reply that comes while the task is under way
-- is kept, and begun when the turn before it has settled.

-- Turn 0 is the order itself. Which turn a task is at stands in its facts; a reply that was dropped (its task was aborted)
-- leaves its number out. A version from before this one leaves all of it alone.
create table if not exists task_turns (
    task_id     bigint not null references tasks (id) on delete cascade,
    turn        integer not null check (turn >= 1),
    instruction text not null check (instruction <> '' and octet_length(instruction) <= 16384),
    person_id   bigint,                         -- who said it, in a chat
    at          timestamptz not null default now(),
    state       text not null default 'kept' check (state in ('kept', 'begun', 'dropped')),
    primary key (task_id, turn)
);
create index if not exists task_turns_kept on task_turns (task_id, turn) where state = 'kept';

-- A change that carries out what an answer proposes names the question.
alter table tasks add column if not exists from_answer bigint references tasks (id) on delete set null;

-- Each turn of a task from a chat has a message of its own there. What the task came to in a turn that another one followed
-- before its message showed the end: its row as it was then.
alter table task_messages add column if not exists came_to jsonb;
-- Which turn a sentence about a task tells of.
alter table outbox add column if not exists turn integer;

-- What a service of several workers needs: wishes of people, fairness between repositories, retries.

alter table tasks add column if not exists retry_of bigint references tasks (id) on delete set null;

-- A person wants it aborted, and a worker holds it: the worker ends it. Without a worker it is ended at once. No CHECK ties
-- it to the working states: the version before this one does not clear it, and would fail on its own writes.
alter table tasks add column if not exists abort_wished boolean not null default false;

-- The oldest of each repository, and which repositories there are, are found without walking a long backlog.
create index if not exists tasks_queued_by_remote on tasks (remote, not_before, id)
    where state = 'queued' and not foreground;
-- Results that nobody decided on.
create index if not exists tasks_in_review on tasks (changed_at) where state = 'review';

-- When a repository was last served: the next free worker takes the one that waited longest.
create table if not exists lanes (
    remote      text primary key,
    claimed_at  timestamptz not null
);

-- Lists find what they show however many tasks ended before. A task that somebody works on is found by its lease: it has no row in these,
-- so that a change between two working states, or a renewed lease, writes neither.
create index if not exists tasks_by_state on tasks (state, id) where lease_until is null;
create index if not exists tasks_changed on tasks (changed_at) where lease_until is null;

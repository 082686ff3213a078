-- Every change of a task's row, by whom, in the order of commits: what the end of a batch is judged by (judge.py).
-- It sees unfenced writes too, which no assertion on the final rows could.
create schema watch;
create table watch.changes (
    number      bigint generated always as identity primary key,
    at          timestamptz not null,
    task        bigint not null,
    who         text not null,      -- application_name: each start of each service has one of its own
    fence_was   bigint, fence_is bigint not null,
    state_was   text, state_is text not null,
    until_was   timestamptz, until_is timestamptz,
    facts_moved boolean not null,
    joined      bigint              -- the landing that pushes this one's commit with its own, from this change on
);
create function watch.note() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        insert into watch.changes (at, task, who, fence_is, state_is, until_is, facts_moved)
        values (clock_timestamp(), new.id, current_setting('application_name'), new.fence, new.state, new.lease_until, true);
    elsif (old.fence, old.state, old.lease_until, old.facts) is distinct from (new.fence, new.state, new.lease_until, new.facts) then
        insert into watch.changes (at, task, who, fence_was, fence_is, state_was, state_is, until_was, until_is, facts_moved, joined)
        values (clock_timestamp(), new.id, current_setting('application_name'), old.fence, new.fence, old.state, new.state,
                old.lease_until, new.lease_until, old.facts is distinct from new.facts,
                case when old.facts #> '{lands,joined}' is null then (new.facts #>> '{lands,joined}')::bigint end);
    end if;
    return null;
end $$;
create trigger watched after insert or update on tasks for each row execute function watch.note();

-- What stood with a change, whatever became of it since.
create table watch.outgoing (id bigint not null, task bigint);
create function watch.tell() returns trigger language plpgsql as $$
begin
    insert into watch.outgoing values (new.id, new.task_id);
    return null;
end $$;
create trigger told after insert on outbox for each row execute function watch.tell();

-- Each time that an update was settled, and each that went away.
create table watch.effects (update_id bigint not null, effect text);
create function watch.settle() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' then
        insert into watch.effects values (old.update_id, null);
    elsif (old.done_at, old.effect) is distinct from (new.done_at, new.effect) then
        insert into watch.effects values (new.update_id, new.effect);
    end if;
    return null;
end $$;
create trigger settled after update or delete on inbox for each row execute function watch.settle();

create table watch.lost (at timestamptz not null default clock_timestamp(), task bigint not null);
create function watch.gone() returns trigger language plpgsql as $$
begin
    insert into watch.lost (task) values (old.id);
    return null;
end $$;
create trigger gone after delete on tasks for each row execute function watch.gone();

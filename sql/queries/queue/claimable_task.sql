-- Which task a worker should claim: one whose lease has expired, else one whose wait is over, else the queued one of the repository with
-- the fewest tasks in progress, of several the one served least recently. Each part takes one row from the end of an index, however many
-- tasks wait.
--
-- One row: the id, null when there is none.
select coalesce(
    (select id from tasks where lease_until <= now() and not foreground order by lease_until limit 1),
    (select id from tasks where state = 'waiting' and wait_until <= now() and not foreground order by wait_until limit 1),
    (with recursive lane(remote) as ( -- skips from one repository to the next
        (select remote from tasks where state = 'queued' and not foreground order by remote limit 1)
        union all
        select (
            select t.remote from tasks t where t.state = 'queued' and not t.foreground and t.remote > lane.remote
            order by t.remote limit 1)
        from lane where lane.remote is not null),
    head as ( -- the oldest task of each
        select t.id, t.remote, t.not_before
        from lane cross join lateral (
            select id, remote, not_before from tasks
            where state = 'queued' and not foreground and remote = lane.remote and not_before <= now()
            order by not_before, id limit 1) t),
    busy as (select remote, count(*) as n from tasks where lease_until is not null group by remote)
    select head.id from head left join busy using (remote) left join lanes using (remote)
    order by coalesce(busy.n, 0), lanes.claimed_at nulls first, head.not_before, head.id limit 1));

-- Events of tasks in the order of their numbers, for streams.
--
-- $1 after: bigint, only higher numbers
-- $2 upto: bigint, up to this one
-- $3 also: bigint[], these numbers as well, which were not there when higher ones were read
-- $4 but: bigint[], and not these
-- $5 task: bigint, only events of this task; null takes all
-- $6 most: bigint
--
-- number, when (microseconds of Unix time), kind, body, task, its remote, the person who gave it (null as in page_of_tasks)
select e.number, (extract(epoch from e.at) * 1000000)::bigint, e.kind, e.body, e.task_id, t.remote, coalesce(c.person_id, a.person, f.person)
from task_events e join tasks t on t.id = e.task_id
    left join task_chats c on c.task_id = e.task_id left join api_tasks a on a.task_id = e.task_id
    left join forge_turns f on f.task_id = e.task_id and f.turn = 0
where e.number in (
        select number from task_events where number = any ($3::bigint[])
        union all
        (select number from task_events where number > $1::bigint and number <= $2::bigint and number <> all ($4::bigint[])
            and ($5::bigint is null or task_id = $5::bigint)
        order by number limit $6::bigint))
    and ($5::bigint is null or e.task_id = $5::bigint)
order by e.number;

-- A page of the tasks, the newest first, for lists that go on where the last page ended.
--
-- $1 before: bigint, only tasks with a lower number; null begins with the newest
-- $2 states: text[], only tasks in these
-- $3 remote: text, only tasks of this repository; null takes all
-- $4 giver: bigint, only tasks that this person gave; null takes all
-- $5 most: bigint
--
-- The columns of list_tasks, and the person who gave the task: null when a terminal did, or somebody at a forge who is not known here.
select t.id, (extract(epoch from t.created_at) * 1000000)::bigint, (extract(epoch from t.changed_at) * 1000000)::bigint, t.state,
    coalesce(t.verdict, ''), coalesce(t.wait_reason, ''), coalesce(t.round, 0), t.abort_wished and t.lease_until is not null,
    t.remote, left(t.instruction, 200), case when t.state = 'review' then coalesce(t.facts ->> 'branch', '') else '' end,
    coalesce((select sum(counted_usd) from llm_calls c where c.task = t.id), 0), coalesce(c.person_id, a.person, f.person)
from tasks t left join task_chats c on c.task_id = t.id left join api_tasks a on a.task_id = t.id
    left join forge_turns f on f.task_id = t.id and f.turn = 0
where ($1::bigint is null or t.id < $1::bigint) and t.state = any ($2::text[]) and ($3::text is null or t.remote = $3::text)
    and ($4::bigint is null or coalesce(c.person_id, a.person, f.person) = $4::bigint)
order by t.id desc limit $5::bigint;

-- What the rules about landing ask of people. A person is their number, or 'terminal'; whoever came neither from a chat, nor by the API, nor
-- from a forge came from a terminal. Somebody at a forge whom nobody knows here asked for nobody's own work.
--
-- $1 task: bigint, its number
-- $2 by: text, who wants it landed
-- $3 ours: text, how an order begins that nobody asked for (mechanic::order_to_solve)
--
-- Rows of a kind (asked, approved, plainly, told, admin, let_in, grant, factor), a person (of a grant: with the role and the repository, which may
-- be empty), and a number: of approvals their order, of a factor the microseconds
-- since the newest right code (-1: there was none).
with recursive line (id) as ( -- the task, and those whose words it has: that it is tried again of, or whose answer it was made from
    select $1::bigint
    union select before.id from line join tasks t on t.id = line.id cross join lateral (values (t.retry_of), (t.from_answer)) before (id)
        where before.id is not null)
select 'asked' as kind, giver.said, 0::bigint as n
from tasks t join line using (id) left join forge_turns f on f.task_id = t.id and f.turn = 0 cross join lateral (select coalesce(
    (select person_id::text from task_chats where task_id = t.id), (select person::text from api_tasks where task_id = t.id),
    f.person::text, case when f.task_id is null then 'terminal' end)) giver (said)
where giver.said is not null
union select 'asked', coalesce(person_id::text, 'terminal'), 0 from task_turns turn join line on turn.task_id = line.id
    where state = 'begun' and (person_id is not null or not starts_with(instruction, $3::text)
        and not exists (select from forge_turns f where f.task_id = turn.task_id and f.turn = turn.turn))
union all select 'approved', a.person, (extract(epoch from a.at) * 1000000)::bigint from approvals a where a.task_id = $1::bigint
union all select 'plainly', a.person, 0 from approvals a where a.task_id = $1::bigint and not a.anyway
union all select 'told', a.person, 0 from approvals a where a.task_id = $1::bigint and a.told
union all select 'admin', id::text, 0 from people where paired_at is not null
union all select 'let_in', id::text, 0 from people where let_in
    and (id::text = $2::text or id::text in (select person from approvals where task_id = $1::bigint
        -- when its landing has begun, these stand in its row
        union all select jsonb_array_elements_text(facts #> '{lands,agreed}') from tasks where id = $1::bigint))
union all select 'grant', person || ' ' || role || ' ' || repository, 0 from grants
union all select 'factor', person, coalesce((extract(epoch from clock_timestamp() - proved_at) * 1000000)::bigint, -1) from second_factors
    where person = $2::text and set_up_at is not null
order by kind, n, said;

-- The newest tasks, for lists. Each part below reads what it gives and little else, however many tasks there are. A state is said as a range,
-- because then only tasks_by_state has the order: for an equal one the planner reads the key from its end, all of it when the state is rare.
--
-- $1 whole: text[], the states whose tasks are listed however old they are
-- $2 recent: text[], the states of which only tasks are listed that came into them within $3
-- $3 within: bigint, seconds
-- $4 most: bigint
-- $5 verdict: text, only tasks with it; null takes all
-- $6 few: bigint, up to so many changes within $3 are sorted; of more, the newest tasks are looked at one after the other
--
-- id, created and changed (microseconds of Unix time), state, verdict, wait_reason, round, whether it is being aborted, remote, the
-- beginning of the instruction, branch, cost in USD.
with few as (
    select count(*) <= $6::bigint as are from (
        select from tasks
        where lease_until is null and changed_at > now() - $3::bigint * interval '1 second' limit $6::bigint + 1) c),
chosen as (
    select c.id
    from unnest($1::text[]) s(state) cross join lateral (
        select id from tasks t where lease_until is null and t.state between s.state and s.state and ($5::text is null or t.verdict = $5)
        order by t.state desc, id desc limit $4::bigint) c
    union all
    select id from tasks where lease_until is not null and state = any ($1::text[]) and ($5::text is null or verdict = $5)
    union all
    (select id from tasks
    where (select are from few) and lease_until is null and changed_at > now() - $3::bigint * interval '1 second'
        and state = any ($2::text[]) and ($5::text is null or verdict = $5))
    union all
    (select id from tasks
    where not (select are from few) and lease_until is null and changed_at > now() - $3::bigint * interval '1 second'
        and state = any ($2::text[]) and ($5::text is null or verdict = $5)
    order by id desc limit $4::bigint))
select t.id, (extract(epoch from t.created_at) * 1000000)::bigint, (extract(epoch from t.changed_at) * 1000000)::bigint, t.state,
    coalesce(t.verdict, ''), coalesce(t.wait_reason, ''), coalesce(t.round, 0), t.abort_wished and t.lease_until is not null,
    t.remote, left(t.instruction, 200), case when t.state = 'review' then coalesce(t.facts ->> 'branch', '') else '' end,
    coalesce((select sum(counted_usd) from llm_calls c where c.task = t.id), 0)
from tasks t
where t.id in (select id from chosen order by id desc limit $4::bigint)
order by t.id desc;

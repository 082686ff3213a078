-- The newest tasks, for lists.
--
-- $1 state: text, only tasks in it; null takes all
-- $2 unsettled: boolean, only tasks in progress or still to be done
-- $3 ended_within: bigint, of the tasks in a final state only those that ended within so many seconds; null takes all
-- $4 most: bigint
-- $5 settled: text[], the settled states
-- $6 final: text[], the final states
-- $7 verdict: text, only tasks with it; null takes all
--
-- id, created and changed (microseconds of Unix time), state, verdict, wait_reason, round, whether it is being aborted, remote, the
-- beginning of the instruction, branch, cost in USD.
select t.id, (extract(epoch from t.created_at) * 1000000)::bigint, (extract(epoch from t.changed_at) * 1000000)::bigint, t.state,
    coalesce(t.verdict, ''), coalesce(t.wait_reason, ''), coalesce(t.round, 0), t.abort_wished and t.lease_until is not null,
    t.remote, left(t.instruction, 200), case when t.state = 'review' then coalesce(t.facts ->> 'branch', '') else '' end,
    coalesce((select sum(counted_usd) from llm_calls c where c.task = t.id), 0)
from tasks t
where ($1::text is null or t.state = $1)
    and ($7::text is null or t.verdict = $7)
    and (not $2::boolean or t.state <> all ($5::text[]))
    and ($3::bigint is null or t.state <> all ($6::text[]) or t.changed_at > now() - $3::bigint * interval '1 second')
order by t.id desc limit $4::bigint;

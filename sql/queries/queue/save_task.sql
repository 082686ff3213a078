-- Writes a task's next state with everything that belongs to it, provided that the row is still as its holder knows it. Messages about the
-- change are added to the outbox here and nowhere else.
--
-- $1 id: bigint
-- $2 fence: bigint, which the row must still have
-- $3 claim: bigint, 1 for a claim, which raises the fence; else 0
-- $4 state: text
-- $5 attempt: int
-- $6 round: int
-- $7 not_before: bigint, microseconds of Unix time, as are the other times
-- $8 commit_id: text
-- $9 verdict: text
-- $10 wait_reason: text
-- $11 wait_until: bigint
-- $12 give_up_at: bigint
-- $13 reason: text
-- $14 sentence: text
-- $15 facts: jsonb
-- $16 working: boolean, whether the next state has a lease
-- $17 lease: bigint, milliseconds
-- $18 owner: text, of the lease, which the row's lease must have unless this is a claim: after a claim that the server forgot in a crash, the
-- next one has the same fence
-- $19 conversation: jsonb; null leaves it
-- $20 told: jsonb, an array of sentences
-- $21 was_state: text, which the row must still have
-- $22 lines: jsonb, an array of {kind, text}, of progress with {doing, subject}, for the log, before the line of the state itself
-- $23 settled: boolean, whether the next state is settled
-- $24 was_round: int, which the row must still have
-- $25 foreground: boolean
-- $26 begins: int, the turn that begins; null when none does
-- $27 instruction: text, of that turn
-- $28 person: bigint, who asked for it
-- $29 was_turn: int, the turn that the row must still be at
-- $30 channel: text, on which workers listen: any of them begins the reply that waited
--
-- One row: the number of tasks that were written, 0 when the lease is lost.
with moved as (
    update tasks set state = $4, attempt = $5, round = $6, not_before = timestamptz 'epoch' + $7::bigint * interval '1 microsecond',
        commit_id = $8, verdict = $9, wait_reason = $10,
        wait_until = case when abort_wished and $11::bigint is not null then clock_timestamp()
            else timestamptz 'epoch' + $11::bigint * interval '1 microsecond' end,
        give_up_at = timestamptz 'epoch' + $12::bigint * interval '1 microsecond', reason = $13, sentence = $14, facts = $15::jsonb,
        fence = fence + $3::bigint, lease_claim = case when $3::bigint = 0 then lease_claim end, changed_at = clock_timestamp(),
        lease_until = case when $16::boolean then clock_timestamp() + $17::bigint * interval '1 millisecond' end,
        lease_owner = case when $16::boolean then $18 end, abort_wished = abort_wished and not $23::boolean,
        conversation = coalesce($19::jsonb, conversation), foreground = $25::boolean
    where id = $1 and fence = $2 and state = $21 and round is not distinct from $24::int
        and (lease_until is null or case when $3::bigint = 1 then lease_until <= clock_timestamp() else lease_owner = $18 end)
        and coalesce((facts ->> 'turn')::int, 0) = $29::int
    returning id, fence, remote),
served as (
    insert into lanes as l (remote, claimed_at)
    select remote, clock_timestamp() from moved where $3::bigint = 1
    on conflict (remote) do update set claimed_at = excluded.claimed_at, served = l.served + 1),
begun as (
    insert into task_turns as k (task_id, turn, instruction, person_id, state)
    select moved.id, b.turn, b.instruction, b.person, 'begun'
    from moved, (select $26::int as turn, $27::text as instruction, $28::bigint as person) b
    where b.turn is not null
    on conflict (task_id, turn) do update set state = turn_begun(k.instruction, excluded.instruction)),
-- The previous turn's message keeps the task as that turn left it (t is the row before this statement). The message of a reply that was
-- taken back is no turn's, as in src/telegram/store/task_messages.cpp.
past as (
    update task_messages m set came_to = to_jsonb(t) - 'conversation'
    from tasks t, moved
    where $26::int is not null and t.id = moved.id and m.task_id = t.id
        and m.turn = (select max(n.turn) from task_messages n where n.task_id = t.id and n.turn <= $29::int
            and not exists (select from task_turns k where k.task_id = n.task_id and k.turn = n.turn and k.state = 'dropped'))),
told as ( -- without a chat the sentence counts as sent
    insert into outbox (task_id, turn, body, chat_id, topic_id, sent_at)
    select moved.id, $29::int, t.value, c.chat_id, coalesce(c.topic_id, 0), case when c.chat_id is null then clock_timestamp() end
    from moved left join task_chats c on c.task_id = moved.id, jsonb_array_elements_text($20::jsonb) t),
noted as (
    insert into task_events (task_id, fence, kind, body)
    select moved.id, moved.fence, l.kind, l.body
    from moved, (
        select n, value ->> 'kind' as kind, value - 'kind' as body
        from jsonb_array_elements($22::jsonb) with ordinality e(value, n)
        union all
        select null, 'state', jsonb_build_object('state', $4::text, 'attempt', $5::int, 'round', $6::int)) l
    order by l.n nulls last)
select count(*), (
    select pg_notify($30, '') from moved, task_turns k
    where $23::boolean and k.task_id = moved.id and k.state = 'kept' limit 1), (
    select pg_notify($30, '') from moved where $4 = 'queued' and not $25::boolean and $21 in ('failed', 'review', 'deployed', 'rolled_back'))
from moved;

-- Adds a task, and notifies the workers, unless a command line works on it itself.
--
-- $1 id: bigint, a reserved one; null takes the next
-- $2 kind: text
-- $3 remote: text
-- $4 base_wanted: text
-- $5 instruction: text
-- $6 check_given: text
-- $7 setup_given: text
-- $8 model: text
-- $9 budget_usd: float8
-- $10 attempts_most: int
-- $11 rounds_most: int
-- $12 foreground: boolean
-- $13 retry_of: bigint
-- $14 from_answer: bigint
-- $15 conversation: jsonb
-- $16 wait: bigint, milliseconds until it may be claimed
-- $17 channel: text, on which workers listen
-- $18 co_author: text, null: not known
--
-- One row: the id.
with added as (
    insert into tasks (id, kind, remote, base_wanted, instruction, check_given, setup_given, model, budget_usd, attempts_most,
        rounds_most, foreground, retry_of, from_answer, conversation, co_author, state, not_before)
    values (coalesce($1::bigint, nextval(pg_get_serial_sequence('tasks', 'id'))), $2, $3, $4, $5, $6, $7, $8, $9::float8, $10::int,
        $11::int, $12::boolean, $13::bigint, $14::bigint, $15::jsonb, $18, 'queued',
        clock_timestamp() + $16::bigint * interval '1 millisecond')
    returning id, foreground)
select id, case when not foreground then pg_notify($17, '') end
from added;

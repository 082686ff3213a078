-- Reserves the most that a call to a model may cost, before it is made.
--
-- $1 task: bigint
-- $2 day: date
-- $3 now: timestamptz
-- $4 model: text
-- $5 prompt_tokens: bigint
-- $6 most_tokens: bigint, for the answer
-- $7 least_tokens: bigint, below which an answer is useless
-- $8 prompt_usd: numeric, all that the call costs beside its answer; null, as the next one, when prices are not known
-- $9 answer_token_usd: numeric, for each token of the answer
-- $10 task_budget: numeric, USD
-- $11 day_budget: numeric, USD
--
-- One row: the verdict (granted, task_budget, day_budget), the call's id, the granted tokens, and the budget that made
-- them fewer than were asked for (task_budget, day_budget; null: none did).
select verdict, call, granted_tokens, shrunk_by
from llm_reserve_call($1::bigint, $2::date, $3::timestamptz, $4::text, $5::bigint, $6::bigint, $7::bigint, $8::numeric, $9::numeric,
    $10::numeric, $11::numeric);

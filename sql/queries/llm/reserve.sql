-- Reserves the most that each of some calls to models may cost, before they are made, in their order and in one COMMIT.
--
-- $1 asked: json, a list of objects: task, day (a date), now, model, prompt_tokens, most_tokens (for the answer), least_tokens
-- (below which an answer is useless), prompt_usd (all that the call costs beside its answer; null, as the next one, when prices
-- are not known), answer_token_usd (for each token of the answer), task_budget, day_budget and month_budget (USD; null: no budget
-- of the month), repository (its short name in lower case, or empty)
--
-- One row for each: the verdict (granted, paused, task_budget, day_budget, month_budget), the call's id, the granted tokens, the
-- budget that made them fewer than were asked for (as a verdict; null: none did), whose the narrowest budget is (empty:
-- everybody's; repository:NAME, person:WHO), its dollars, whether a warning was written.
select verdict, call, granted_tokens, shrunk_by, narrow_whose, narrow_usd, warned
from rows from (json_to_recordset($1::json) as (task bigint, day date, now timestamptz, model text, prompt_tokens bigint,
    most_tokens bigint, least_tokens bigint, prompt_usd numeric, answer_token_usd numeric, task_budget numeric, day_budget numeric,
    month_budget numeric, repository text))
    with ordinality as a (task, day, now, model, prompt_tokens, most_tokens, least_tokens, prompt_usd, answer_token_usd, task_budget,
    day_budget, month_budget, repository, place),
    lateral llm_reserve_within(a.task, a.day, a.now, a.model, a.prompt_tokens, a.most_tokens, a.least_tokens, a.prompt_usd,
    a.answer_token_usd, a.task_budget, a.day_budget, a.month_budget, a.repository)
order by place;

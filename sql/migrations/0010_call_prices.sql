-- A call of a model may cost something beside its tokens, and a prompt that was kept is read for less.

-- Of tokens_sent. What was settled before says nothing of it.
alter table llm_calls add column if not exists tokens_cached bigint not null default 0;
alter table llm_calls drop constraint if exists tokens_cached_were_sent;
alter table llm_calls add constraint tokens_cached_were_sent check (tokens_cached between 0 and coalesce(tokens_sent, 0));

-- The columns that are made of others stay the last ones: the migration that made them may run again, as each may.
drop index if exists llm_calls_by_day;
drop index if exists llm_calls_by_task;
alter table llm_calls drop column if exists counted_usd, drop column if exists above_reservation;
alter table llm_calls add column counted_usd numeric not null generated always as (coalesce(cost_usd, reserved_usd)) stored;
alter table llm_calls add column above_reservation boolean not null
    generated always as (coalesce(cost_usd > reserved_usd, false)) stored;
create index llm_calls_by_day on llm_calls (day) include (counted_usd);
create index llm_calls_by_task on llm_calls (task) include (counted_usd);

-- Reserves the most that a call may cost: what it costs beside its answer, and as many tokens of an answer as the
-- budgets leave room for. When the prices are not known, no money can be reserved, and only a budget that is used up
-- already refuses. A function because each of its statements sees what was committed before it began (READ COMMITTED):
-- the sums are read after the locks are held. The locks are taken in one order, task before day.
-- shrunk_by: the budget that has room for a shorter answer only, the one with less left; null when none shrank it.
create or replace function llm_reserve_call(
    in p_task bigint, in p_day date, in p_at timestamptz, in p_model text,
    in p_prompt_tokens bigint, in p_most_tokens bigint, in p_least_tokens bigint,
    in p_prompt_usd numeric, in p_answer_token_usd numeric,
    in p_task_budget numeric, in p_day_budget numeric,
    out verdict text, out call bigint, out granted_tokens bigint, out granted_usd numeric, out shrunk_by text
) language plpgsql as $$
declare
    task_left numeric;
    day_left numeric;
    narrower text;
    priced boolean := p_prompt_usd is not null and p_answer_token_usd is not null;
begin
    insert into llm_tasks values (p_task) on conflict do nothing;
    perform 1 from llm_tasks where task = p_task for update;
    insert into llm_days values (p_day) on conflict do nothing;
    perform 1 from llm_days where day = p_day for update;
    select p_task_budget - coalesce(sum(counted_usd), 0) into task_left from llm_calls where task = p_task;
    select p_day_budget - coalesce(sum(counted_usd), 0) into day_left from llm_calls where day = p_day;

    granted_tokens := p_most_tokens;
    granted_usd := 0;
    if priced then
        if p_answer_token_usd > 0 then
            granted_tokens := least(p_most_tokens,
                floor(greatest(least(task_left, day_left) - p_prompt_usd, 0) / p_answer_token_usd))::bigint;
        end if;
        granted_usd := p_prompt_usd + granted_tokens * p_answer_token_usd;
    end if;
    narrower := case when task_left <= day_left then 'task_budget' else 'day_budget' end;
    if granted_tokens < least(p_least_tokens, p_most_tokens) or granted_usd > least(task_left, day_left)
       or ((granted_usd > 0 or not priced) and least(task_left, day_left) <= 0) then
        verdict := narrower;
        granted_tokens := 0;
        granted_usd := 0;
        return;
    end if;
    -- Rounded up to what the column holds, because a call that costs exactly what was granted is not dearer than that.
    insert into llm_calls (task, day, model, state, reserved_at, reserved_usd, reserved_tokens, priced)
    values (p_task, p_day, p_model, 'reserved', p_at, ceil(granted_usd * 1e9) / 1e9, p_prompt_tokens + granted_tokens, priced)
    returning id into call;
    verdict := 'granted';
    shrunk_by := case when granted_tokens < p_most_tokens then narrower end;
end $$;

-- The version before this one calls it while it is being replaced.
create or replace function llm_reserve(
    in p_task bigint, in p_day date, in p_at timestamptz, in p_model text,
    in p_prompt_tokens bigint, in p_most_tokens bigint, in p_least_tokens bigint,
    in p_price_prompt numeric, in p_price_completion numeric,
    in p_task_budget numeric, in p_day_budget numeric,
    out verdict text, out call bigint, out granted_tokens bigint, out granted_usd numeric
) language sql as $$
    select verdict, call, granted_tokens, granted_usd
    from llm_reserve_call(p_task, p_day, p_at, p_model, p_prompt_tokens, p_most_tokens, p_least_tokens,
        p_prompt_tokens * p_price_prompt, p_price_completion, p_task_budget, p_day_budget);
$$;

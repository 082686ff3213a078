-- What each call to a model may cost and did cost. A call is reserved before it is made and settled after; money that is
-- reserved counts as spent, so that a cap holds through parallel calls and crashes (src/llm/ledger.hpp).
-- No foreign key to tasks: what a day has cost stays counted when old tasks are pruned.

create table llm_calls (
    id                 bigint generated always as identity primary key,
    task               bigint not null,
    day                date not null,               -- UTC, of the reservation: the day whose budget it takes from
    model              text not null check (model <> ''),
    state              text not null check (state in ('reserved', 'settled')),
    reserved_at        timestamptz not null,
    reserved_usd       numeric(16, 9) not null check (reserved_usd >= 0),
    reserved_tokens    bigint not null check (reserved_tokens > 0),
    priced             boolean not null,            -- false: no price is known, reserved in tokens only
    generation         text check (generation <> ''),  -- the endpoint's name for the call, as soon as it is known

    settled_at         timestamptz,
    settled_by         text check (settled_by in ('cost', 'prices', 'tokens', 'generation', 'reservation', 'nothing')),
    outcome            text check (outcome in ('ok', 'key', 'credit', 'policy', 'model', 'context', 'rate', 'network',
                                               'aborted', 'lost')),
    cost_usd           numeric(16, 9) check (cost_usd >= 0),
    tokens_sent        bigint check (tokens_sent >= 0),
    tokens_received    bigint check (tokens_received >= 0),

    -- what counts against the budgets now
    counted_usd        numeric(16, 9) not null generated always as (coalesce(cost_usd, reserved_usd)) stored,

    check (priced or reserved_usd = 0),
    check ((state = 'settled') = (settled_at is not null)),
    check ((state = 'settled') = (settled_by is not null)),
    check ((state = 'settled') = (outcome is not null)),
    check ((state = 'settled') = (cost_usd is not null)),
    check ((state = 'settled') = (tokens_sent is not null)),
    check ((state = 'settled') = (tokens_received is not null)),
    check (settled_by <> 'reservation' or cost_usd = reserved_usd),
    check (settled_by <> 'nothing' or (cost_usd = 0 and tokens_sent = 0 and tokens_received = 0))
);
create index llm_calls_by_day on llm_calls (day) include (counted_usd);
create index llm_calls_by_task on llm_calls (task) include (counted_usd);
create index llm_calls_reserved on llm_calls (reserved_at) where state = 'reserved';

-- Locks, not sums: whoever reserves for a day or a task holds its row until the reservation is committed.
create table llm_days (day date primary key);
create table llm_tasks (task bigint primary key);

-- Reserves a call, or says which budget has no room for it: 'granted', 'task_budget', 'day_budget'.
-- The completion shrinks to what the budgets leave, down to least_tokens. Prices are dollars a token, null when unknown;
-- then no money can be reserved, and only a budget that is used up already refuses.
-- A function because each of its statements sees what was committed before it began (READ COMMITTED): the sums are read
-- after the locks are held. The locks are taken in one order, task before day.
create function llm_reserve(
    in p_task bigint, in p_day date, in p_at timestamptz, in p_model text,
    in p_prompt_tokens bigint, in p_most_tokens bigint, in p_least_tokens bigint,
    in p_price_prompt numeric, in p_price_completion numeric,
    in p_task_budget numeric, in p_day_budget numeric,
    out verdict text, out call bigint, out granted_tokens bigint, out granted_usd numeric
) language plpgsql as $$
declare
    task_left numeric;
    day_left numeric;
    room numeric;
begin
    insert into llm_tasks values (p_task) on conflict do nothing;
    perform 1 from llm_tasks where task = p_task for update;
    insert into llm_days values (p_day) on conflict do nothing;
    perform 1 from llm_days where day = p_day for update;
    select p_task_budget - coalesce(sum(counted_usd), 0) into task_left from llm_calls where task = p_task;
    select p_day_budget - coalesce(sum(counted_usd), 0) into day_left from llm_calls where day = p_day;

    granted_tokens := p_most_tokens;
    granted_usd := 0;
    if p_price_prompt is not null and p_price_completion is not null then
        room := least(task_left, day_left) - p_prompt_tokens * p_price_prompt;
        if p_price_completion > 0 then
            granted_tokens := least(p_most_tokens, floor(greatest(room, 0) / p_price_completion)::bigint);
        end if;
        granted_usd := p_prompt_tokens * p_price_prompt + granted_tokens * p_price_completion;
    end if;
    if granted_tokens < least(p_least_tokens, p_most_tokens) or granted_usd > least(task_left, day_left)
       or ((granted_usd > 0 or p_price_prompt is null) and least(task_left, day_left) <= 0) then
        verdict := case when task_left <= day_left then 'task_budget' else 'day_budget' end;
        granted_tokens := 0;
        granted_usd := 0;
        return;
    end if;
    insert into llm_calls (task, day, model, state, reserved_at, reserved_usd, reserved_tokens, priced)
    values (p_task, p_day, p_model, 'reserved', p_at, granted_usd, p_prompt_tokens + granted_tokens,
            p_price_prompt is not null and p_price_completion is not null)
    returning id into call;
    verdict := 'granted';
end $$;

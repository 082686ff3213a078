-- What no code may write is refused by the table. Rows that an earlier version left are repaired first, so that the
-- constraints hold for all of them. The version before this one keeps within each of them but in two rare cases, and
-- both pass: see the outbox.

-- Tasks -----------------------------------------------------------------------------------------------------------------

-- The limits are the order's and never change; the numbers only show where the task is.
update tasks set attempt = attempts_most where attempt > attempts_most;
update tasks set round = rounds_most where round > rounds_most;
-- Without a verdict there is nothing that it could be published as: it is checked again. Its holder loses it.
update tasks set state = 'queued', not_before = now(), lease_owner = null, lease_until = null, attempt = null, commit_id = null
where state = 'publishing'
  and coalesce(facts ->> 'decided', '') not in ('ready', 'ready_unchecked', 'tests_red', 'checks_could_not_run');
-- commit_id is what was pushed, so the facts follow it.
update tasks set facts = case when jsonb_typeof(facts) = 'object' then facts else '{}' end || jsonb_build_object('made',
    case when jsonb_typeof(facts -> 'made') = 'object' then facts -> 'made' else '{}' end
    || jsonb_build_object('commit', commit_id))
where state = 'review' and commit_id is distinct from (facts #>> '{made,commit}');

alter table tasks
    drop constraint if exists attempt_within_limit,
    drop constraint if exists round_within_limit,
    drop constraint if exists publishing_is_decided,
    drop constraint if exists review_is_of_what_was_made,
    add constraint attempt_within_limit check (attempt <= attempts_most),
    add constraint round_within_limit check (round <= rounds_most),
    add constraint publishing_is_decided check (state <> 'publishing'
        or coalesce(facts ->> 'decided', '') in ('ready', 'ready_unchecked', 'tests_red', 'checks_could_not_run')),
    add constraint review_is_of_what_was_made check (state <> 'review'
        or commit_id is not distinct from (facts #>> '{made,commit}'));

-- Outbox ----------------------------------------------------------------------------------------------------------------

update outbox set sent_at = now() where failed is not null and sent_at is null;
update outbox set failed = 'refused' where failed = '';
update outbox set tries = 0 where tries < 0;
update outbox set body = '' where body <> '' and request is not null;
-- Nobody can be told what is in these: not of which task, and no message.
delete from outbox where request is null and task_id is null;
update outbox o set body = t.state from tasks t where t.id = o.task_id and o.request is null and o.body = '';

-- The version before this one breaks two of these when an agent gives no answer and no reason (the task is then stopped
-- as by a database that is away, and tried again), and when a chat moves while a message waits (it is sent at once).
alter table outbox
    drop constraint if exists failed_has_time,
    drop constraint if exists failed_says_why,
    drop constraint if exists tries_not_negative,
    drop constraint if exists sentence_of_a_task_or_message,
    add constraint failed_has_time check (failed is null or sent_at is not null),
    add constraint failed_says_why check (failed <> ''),
    add constraint tries_not_negative check (tries >= 0),
    add constraint sentence_of_a_task_or_message check ((request is null) = (body <> '')
        and (request is not null or task_id is not null));

-- Buttons ---------------------------------------------------------------------------------------------------------------

update buttons set used_at = null where used_at is not null and not once;
-- A press of one of these is answered like a press of one that is gone.
delete from buttons where action not in ('diff', 'log', 'retry', 'abort', 'make_task', 'budget_more', 'task', 'repo',
    'add_repo', 'model', 'lang', 'reset', 'status', 'tasks', 'budget', 'help', 'show', 'dialog');

alter table buttons
    drop constraint if exists action_known,
    drop constraint if exists used_only_once,
    add constraint action_known check (action in ('diff', 'log', 'retry', 'abort', 'make_task', 'budget_more', 'task',
        'repo', 'add_repo', 'model', 'lang', 'reset', 'status', 'tasks', 'budget', 'help', 'show', 'dialog')),
    add constraint used_only_once check (used_at is null or once);

-- Calls to models -------------------------------------------------------------------------------------------------------

-- A cost is kept whatever it is: as large and as exact as the endpoint says it.
drop index if exists llm_calls_by_day;
drop index if exists llm_calls_by_task;
alter table llm_calls drop column if exists counted_usd, drop column if exists above_reservation; -- they are made of it
alter table llm_calls alter column cost_usd type numeric;
alter table llm_calls add column counted_usd numeric not null generated always as (coalesce(cost_usd, reserved_usd)) stored;
-- Marked exactly when it cost more than was reserved for it. Generated and not checked, because the version before this one
-- does not write it: nobody can write it wrong.
alter table llm_calls add column above_reservation boolean not null
    generated always as (coalesce(cost_usd > reserved_usd, false)) stored;
create index llm_calls_by_day on llm_calls (day) include (counted_usd);
create index llm_calls_by_task on llm_calls (task) include (counted_usd);

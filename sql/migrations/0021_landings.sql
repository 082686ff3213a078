-- A result comes onto the base branch (deploying, deployed), and is taken back from there (rolling_back, rolled_back). What was asked for
-- and how far it came stands in facts ->> 'lands' from the approval until its end, in whatever state the task is meanwhile.
alter table tasks
    drop constraint if exists state_known,
    drop constraint if exists lease_iff_working,
    drop constraint if exists round_iff_coding,
    drop constraint if exists round_within_limit,
    drop constraint if exists commit_iff_made,
    drop constraint if exists questions_push_nothing,
    drop constraint if exists landing_is_asked_for,
    drop constraint if exists deployed_is_on_base,
    add constraint state_known check (state in ('queued', 'preparing', 'coding', 'checking', 'publishing', 'answering', 'review', 'waiting',
        'failed', 'aborted', 'parked', 'expired', 'answered', 'deploying', 'deployed', 'rolling_back', 'rolled_back')),
    add constraint lease_iff_working check ((state in ('preparing', 'coding', 'checking', 'publishing', 'answering', 'deploying',
        'rolling_back')) = (lease_until is not null)),
    -- Of a landing it is the number of steps taken under the lease, which tells a write that comes late from one in time.
    add constraint round_iff_coding check ((state in ('coding', 'checking', 'deploying', 'rolling_back')) = (round is not null)),
    add constraint round_within_limit check (state in ('deploying', 'rolling_back') or round <= rounds_most),
    add constraint commit_iff_made check ((state in ('publishing', 'review', 'deploying', 'deployed', 'rolling_back', 'rolled_back'))
        = (commit_id is not null)),
    add constraint questions_push_nothing check (kind = 'change' or state not in ('coding', 'checking', 'publishing', 'review', 'deploying',
        'deployed', 'rolling_back', 'rolled_back')),
    -- I6: what is acted on is the commit that was shown.
    add constraint landing_is_asked_for check (state not in ('deploying', 'rolling_back')
        or commit_id is not distinct from (facts #>> '{lands,commit}')),
    add constraint deployed_is_on_base check (state <> 'deployed' or commit_id is not distinct from (facts #>> '{on_base,commit}'));

create index if not exists tasks_landing on tasks (remote) where facts ? 'lands';

-- Of each repository, which task landed last or is landing: the lane. It is held for as long as that task has a lease in one of the two
-- states, so that a worker which dies holds it no longer than its task.
create table if not exists landings (
    remote      text primary key,
    task_id     bigint not null references tasks (id) on delete cascade,
    fence       bigint not null default 1, -- grows with each taking
    taken_at    timestamptz not null default now()
);

-- Gives a repository's lane to this task, which somebody works on under this fence. False: another landing has it, or asked earlier and is
-- carried on.
create or replace function landing_take(p_task bigint, p_fence bigint) returns boolean language plpgsql as $$
declare
    mine record;
    holder bigint;
begin
    select remote, (facts #>> '{lands,asked_us}')::bigint as asked into mine from tasks
    where id = p_task and fence = p_fence and state in ('deploying', 'rolling_back') and lease_until > clock_timestamp();
    if not found then
        return false;
    end if;
    perform pg_advisory_xact_lock(hashtextextended('landing ' || mine.remote, 0));
    select task_id into holder from landings where remote = mine.remote;
    if holder = p_task then
        return true;
    end if;
    if exists (select from tasks where id = holder and state in ('deploying', 'rolling_back') and lease_until > clock_timestamp()) then
        return false;
    end if;
    -- Whoever is carried on asks again within seconds; who was not touched for longer may wait for a worker for a long time.
    if exists (select from tasks t where t.remote = mine.remote and t.facts ? 'lands' and t.id <> p_task
        and ((t.facts #>> '{lands,asked_us}')::bigint, t.id) < (mine.asked, p_task)
        and (t.state in ('deploying', 'rolling_back') and t.lease_until > clock_timestamp()
            or t.state = 'queued' and t.changed_at > clock_timestamp() - interval '15 seconds')) then
        return false;
    end if;
    insert into landings as l (remote, task_id) values (mine.remote, p_task)
    on conflict (remote) do update set task_id = excluded.task_id, fence = l.fence + 1, taken_at = clock_timestamp();
    return true;
end
$$;

-- When a landing ends, the next one need not wait until it asks again.
create or replace function landing_over() returns trigger language plpgsql as $$
begin
    update tasks set not_before = now() where id = (
        select id from tasks where remote = new.remote and facts ? 'lands' and state = 'queued' and not_before > now()
        order by (facts #>> '{lands,asked_us}')::bigint, id limit 1);
    if found then
        perform pg_notify('persais_tasks', '');
    end if;
    return null;
end
$$;
create or replace trigger landing_over after update of state on tasks for each row
    when (old.state in ('deploying', 'rolling_back') and new.state not in ('deploying', 'rolling_back') and not new.facts ? 'lands')
    execute function landing_over();

alter table buttons
    drop constraint if exists action_known,
    add constraint action_known check (action in ('diff', 'log', 'retry', 'abort', 'push', 'give_back', 'make_task', 'budget_more',
        'task', 'repo', 'add_repo', 'model', 'lang', 'reset', 'status', 'tasks', 'budget', 'help', 'show', 'dialog',
        'let_in', 'keep_out', 'put_out', 'drop_invite', 'deploy', 'deploy_anyway', 'rollback', 'rollback_anyway'));

-- What people decide. First: a result is put away (discarded), and may be taken up again.
alter table tasks
    drop constraint if exists state_known,
    drop constraint if exists commit_iff_made,
    drop constraint if exists questions_push_nothing,
    add constraint state_known check (state in ('queued', 'preparing', 'coding', 'checking', 'publishing', 'answering', 'review', 'waiting',
        'failed', 'aborted', 'parked', 'expired', 'answered', 'deploying', 'deployed', 'rolling_back', 'rolled_back', 'discarded')),
    add constraint commit_iff_made check ((state in ('publishing', 'review', 'deploying', 'deployed', 'rolling_back', 'rolled_back',
        'discarded')) = (commit_id is not null)),
    add constraint questions_push_nothing check (kind = 'change' or state not in ('coding', 'checking', 'publishing', 'review', 'deploying',
        'deployed', 'rolling_back', 'rolled_back', 'discarded'));

alter table buttons
    drop constraint if exists action_known,
    add constraint action_known check (action in ('diff', 'log', 'retry', 'abort', 'push', 'give_back', 'make_task', 'budget_more',
        'task', 'repo', 'add_repo', 'model', 'lang', 'reset', 'status', 'tasks', 'budget', 'help', 'show', 'dialog',
        'let_in', 'keep_out', 'put_out', 'drop_invite', 'deploy', 'deploy_anyway', 'rollback', 'rollback_anyway',
        'discard', 'discard_it', 'undiscard'));

-- Who may ask for what is a decision as well: the audit has each change of a right, whose it is and who decided it.
alter table audit
    alter column task_id drop not null,
    add column if not exists person bigint, -- of a right: whose it is
    drop constraint if exists what_known,
    drop constraint if exists of_a_task_or_a_person,
    add constraint what_known check (what in ('deploy_asked', 'deployed', 'not_deployed', 'rollback_asked', 'rolled_back', 'not_rolled_back',
        'deploy_unknown', 'rollback_unknown', 'made_admin', 'let_in', 'kept_out', 'put_out')),
    add constraint of_a_task_or_a_person check ((person is null) = (what not in ('made_admin', 'let_in', 'kept_out', 'put_out'))
        and (person is null) = (task_id is not null));

create or replace function audit_right() returns trigger language plpgsql as $$
begin
    if old.paired_at is null and new.paired_at is not null then -- by the one-time code
        insert into audit (person, remote, what, by, commit_id, anyway) values (new.id, '', 'made_admin', new.id::text, '', false);
    end if;
    if new.decided_at is distinct from old.decided_at and new.decided_at is not null then
        insert into audit (person, remote, what, by, commit_id, anyway)
        values (new.id, '', case when new.let_in then 'let_in' when old.let_in then 'put_out' else 'kept_out' end, new.decided_by::text, '', false);
    end if;
    return null;
end
$$;
create or replace trigger audit_right after update of paired_at, decided_at on people for each row execute function audit_right();

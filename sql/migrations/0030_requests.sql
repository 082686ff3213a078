-- A landing may wait for what its pull request at the forge needs: checks, reviews, a person's word.
alter table tasks
    drop constraint if exists wait_reason_known,
    add constraint wait_reason_known check (wait_reason in ('key', 'credit', 'day_budget', 'task_budget', 'model_away',
        'remote_away', 'world', 'request'));

-- A change that makes a link out of the repository, or a second name of a file, is refused and pushes nothing. One that
-- looks as if it carried a credential is held: a button lets it be pushed, another gives it back to the agent.
alter table tasks
    drop constraint if exists verdict_of_failed,
    add constraint verdict_of_failed check (state <> 'failed' or verdict in ('no_change', 'protected_path',
        'link_outside', 'paths_collide', 'secret_found', 'model_failed', 'timed_out', 'disk_limit', 'remote_failed', 'world_broken'));
alter table buttons
    drop constraint if exists action_known,
    add constraint action_known check (action in ('diff', 'log', 'retry', 'abort', 'push', 'give_back', 'make_task', 'budget_more',
        'task', 'repo', 'add_repo', 'model', 'lang', 'reset', 'status', 'tasks', 'budget', 'help', 'show', 'dialog',
        'let_in', 'keep_out', 'put_out', 'drop_invite'));

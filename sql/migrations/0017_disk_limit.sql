-- A task that used more of the disk than it may: a verdict of its own.
alter table tasks
    drop constraint if exists verdict_of_failed,
    add constraint verdict_of_failed check (state <> 'failed' or verdict in ('no_change', 'protected_path', 'model_failed',
        'timed_out', 'disk_limit', 'remote_failed', 'world_broken'));

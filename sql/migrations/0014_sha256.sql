-- A commit of a repository in git's SHA-256 format has 64 digits. The version before this one writes ids of 40 only, which still pass.
alter table tasks
    drop constraint if exists tasks_commit_id_check,
    add constraint tasks_commit_id_check check (commit_id ~ '^([0-9a-f]{40}|[0-9a-f]{64})$');

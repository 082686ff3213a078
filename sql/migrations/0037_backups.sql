-- What all processes of this database know of its backups. One row.
create table if not exists backup_state (
    one         boolean primary key default true check (one),
    holder      text,               -- who makes one now
    held_until  timestamptz,
    begun_at    timestamptz,        -- when the newest was begun
    good_name   text,               -- of the newest good one: its file,
    good_at     timestamptz,        -- when what it holds was read,
    good_bytes  bigint,
    good_xid    bigint,             -- and the transaction that would have been the next one if nothing had changed since
    tried_at    timestamptz,        -- when one was last restored into a server of its own,
    tried_ms    bigint,             -- and how long that took
    failed_at   timestamptz,        -- since then none was good
    why         text,
    told_at     timestamptz,        -- when the admins were told that the newest good one is old
    constraint held_by_somebody check ((holder is null) = (held_until is null)),
    constraint good_is_known check (num_nulls(good_name, good_at, good_bytes, good_xid) in (0, 4)),
    constraint tried_took_time check ((tried_at is null) = (tried_ms is null)),
    constraint failed_says_why check ((failed_at is null) = (why is null))
);
insert into backup_state default values on conflict do nothing;

-- Keeps what was heard at forges, once each, and how far a repository was looked through.
--
-- $1 heard: json, a list of {remote, kind, thing, number, branch, said_at, delivery}
-- $2 remote: text, of the repository that was looked through
-- $3 looked: timestamptz, until when by its forge's clock; null: it was not
--
-- One row: how many are new.
with kept as (
    insert into forge_inbox (remote, kind, thing, number, branch, said_at, delivery)
    select remote, kind, thing, number, branch, said_at, delivery
    from json_to_recordset($1::json) as h (remote text, kind text, thing text, number int, branch text, said_at timestamptz, delivery text)
    on conflict do nothing
    returning 1),
looked as (
    insert into forge_polls (remote, since)
    select $2, $3::timestamptz where $3 is not null
    on conflict (remote) do update set since = greatest(forge_polls.since, excluded.since))
select count(*) from kept;

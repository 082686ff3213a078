-- Sets a budget of a repository or a person; what is null stays as it was. No rows.
--
-- $1 kind: text, repository or person
-- $2 name: text
-- $3 day: numeric, USD
-- $4 month: numeric, USD
-- $5 waiting: int, tasks of the person that may wait
-- $6 by: text, the number of a person, or 'terminal'
with kept as (
    insert into budgets as b (kind, name, day_usd, month_usd, waiting, set_by) values ($1, $2, $3::numeric, $4::numeric, $5::int, $6)
    on conflict (kind, name) do update set day_usd = coalesce(excluded.day_usd, b.day_usd), month_usd = coalesce(excluded.month_usd, b.month_usd),
        waiting = coalesce(excluded.waiting, b.waiting), set_by = excluded.set_by, set_at = clock_timestamp()
    returning kind, name)
insert into audit (person, remote, what, by, commit_id, anyway, detail)
select case when kind = 'person' and name ~ '^[0-9]+$' then name::bigint end, case when kind = 'repository' then name else '' end, 'budget_set', $6, '', false,
    concat_ws(', ', 'day ' || trim_scale($3::numeric), 'month ' || trim_scale($4::numeric), 'waiting ' || $5)
from kept;

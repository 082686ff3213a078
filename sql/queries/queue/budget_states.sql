-- What may be spent and what is counted against it on a day, and in its month.
--
-- $1 owners: json, a list of objects: kind and name (both empty: everybody); null: all that have a budget of their own
-- $2 day: date
--
-- One row for each, in their order (by kind and name): kind, name, the budget of the day and of the month, how many tasks may wait
-- (each null: not set), and the dollars that are spent or reserved on the day and in the month.
with asked as (
    select kind, name, place from rows from (json_to_recordset(case when json_typeof($1::json) = 'array' then $1::json else '[]'::json end) as (kind text, name text)) with ordinality as a (kind, name, place)
    union all select kind, name, row_number() over (order by kind, name) from budgets where json_typeof($1::json) = 'null'
)
select a.kind, a.name, b.day_usd::float8, b.month_usd::float8, b.waiting,
    coalesce((select sum(counted_usd) from llm_calls c where c.day = $2::date
        and case a.kind when 'repository' then c.repository = a.name when 'person' then c.person = a.name else true end), 0)::float8,
    coalesce((select sum(counted_usd) from llm_calls c where c.day >= date_trunc('month', $2::date)::date
        and c.day < (date_trunc('month', $2::date) + interval '1 month')::date
        and case a.kind when 'repository' then c.repository = a.name when 'person' then c.person = a.name else true end), 0)::float8
from asked a left join budgets b on b.kind = a.kind and b.name = a.name
order by a.place;

-- What calls to models came to, in groups: the dearest group first, days the newest first.
--
-- $1 by: text, of what there is a group for each: day, repository, person, model, task
-- $2 since: date, the first day; null: all
-- $3 before: date, the day after the last one; null: all
--
-- One row for each group: its name (empty: not known of calls before there were these columns), the calls, the dollars with all their
-- digits, the tokens sent, received, and read from what an endpoint had kept; the dollars among them that the endpoint did not tell but
-- were counted by prices or at what was reserved; and those that are reserved for calls under way.
select case $1 when 'day' then day::text when 'repository' then coalesce(repository, '') when 'person' then coalesce(person, '')
        when 'model' then model else task::text end as name,
    count(*), coalesce(sum(counted_usd), 0)::text, coalesce(sum(tokens_sent), 0)::bigint, coalesce(sum(tokens_received), 0)::bigint,
    coalesce(sum(tokens_cached), 0)::bigint,
    coalesce(sum(counted_usd) filter (where settled_by in ('prices', 'tokens', 'reservation')), 0)::text,
    coalesce(sum(counted_usd) filter (where state = 'reserved'), 0)::text
from llm_calls
where day >= coalesce($2::date, '-infinity') and day < coalesce($3::date, 'infinity')
group by 1
order by case when $1 = 'day' then null else sum(counted_usd) end desc nulls last, name desc;

-- Tasks of a repository that wanted much the same as a text does: of the words of both, more than half are in both.
--
-- $1 remote: text
-- $2 asked: text
-- $3 except: bigint, a task that is none; null: any may be
-- $4 most: int
--
-- A row for each, the nearest first: the task; when it came to that, in microseconds of Unix time; whether it was taken back, or put away.
with asked as (select tsvector_to_array(memory_words(left($2, 4000))) as words),
any_of_them as (
    select string_agg('''' || replace(replace(word, '\', '\\'), '''', '''''') || '''', ' | ')::tsquery as query
    from asked, unnest(words) as word),
known as (
    select m.task_id, m.at, m.kind = 'reverted' and m.untrue_because is null as reverted,
        tsvector_to_array(memory_words(regexp_replace(split_part(m.text, E'\n', 1), '^(Wanted|Question): ', ''))) as words
    from memory_items m, any_of_them q
    where m.remote = $1 and m.kind in ('change', 'answer', 'reverted') and m.task_id is distinct from $3::bigint
        and memory_words(m.text) @@ q.query),
near as (
    select k.task_id, k.at, k.reverted,
        (select count(*) from unnest(k.words) w where w = any (a.words)) * 2.0 / (cardinality(k.words) + cardinality(a.words)) as alike
    from known k, asked a where cardinality(a.words) >= 2 and cardinality(k.words) > 0)
select task_id, (extract(epoch from max(at)) * 1000000)::bigint, bool_or(reverted)
from near where alike > 0.6
group by task_id order by max(alike) desc, task_id desc limit $4::int;

-- The items of a repository that have most in common with a text, the best first; behind them the newest. What people wrote as standing
-- rules comes first, whatever the text says: the newest of them, half of the items at most. Rare words count more than those that most items have, and old items less than new ones.
--
-- $1 remote: text
-- $2 asked: text
-- $3 except: bigint, a task whose own items are left out; null: none
-- $4 most: int
--
-- A row for each item, with the columns of item_columns (src/memory/item.cpp).
with words as materialized (
    select ('''' || replace(replace(lexeme, '\', '\\'), '''', '''''') || '''')::tsquery as word
    from unnest(memory_words(left($2, 8000))) order by length(lexeme) desc limit 48),
known as (select greatest(count(*), 1)::float8 as items, greatest(avg(octet_length(text)), 1)::float8 as bytes
    from memory_items where remote = $1 and untrue_because is null),
hits as materialized (
    select w.word, m.id, octet_length(m.text) as bytes from words w
    join memory_items m on memory_words(m.text) @@ w.word and m.remote = $1 and m.untrue_because is null
        and ($3::bigint is null or m.task_id is distinct from $3::bigint)),
worth as (select word, ln(1 + (select items from known) / count(*)) as idf from hits group by word),
scored as (
    select h.id, sum(v.idf * 2.2 / (1 + 1.2 * (0.5 + 0.5 * h.bytes / k.bytes))) as fit
    from hits h join worth v using (word), known k group by h.id),
weighed as (
    select m.*, m.kind = 'note' and m.text ~* '^(always|never|всегда|никогда)' as standing,
        coalesce(s.fit, 0) * (0.5 + 0.5 * exp(-extract(epoch from clock_timestamp() - m.at)::float8 / 86400 / 180)) as fit
    from memory_items m left join scored s using (id)
    where m.remote = $1 and m.untrue_because is null
        and (s.id is not null or m.kind = 'note' and m.text ~* '^(always|never|всегда|никогда)'))
select id, remote, kind, task_id, turn, commit_id, (extract(epoch from at) * 1000000)::bigint, text, untrue_because,
    array_to_string(people, ' ')
from (select *, row_number() over (partition by standing order by id desc) as place from weighed) ranked
where case when standing then place <= ($4::int + 1) / 2 else fit > 0.3 * (select max(fit) from weighed) end
order by standing desc, fit desc, id desc limit $4::int;

-- The columns of our tables, for an export: whatever stands in the schema that we are in.
--
-- A row for each column, by table and place: the table, the column, its type, whether it may be null, and its place in the primary key
-- (null: it is none of it).
select c.relname, a.attname, format_type(a.atttypid, a.atttypmod), not a.attnotnull, array_position(k.conkey, a.attnum)
from pg_class c
join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
left join pg_constraint k on k.conrelid = c.oid and k.contype = 'p'
where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
order by c.relname, a.attnum;

-- What is in this database beside Persais and the extensions.
--
-- $1 tables: text[], ours
-- $2 routines: text[], ours
--
-- A row for each: its name, as SQL has it; whether it is a relation; whether it is in the schema where ours are made (a sequence of a table
-- counts as that table); the name alone.
with ours as (select c.oid from pg_class c where c.relname = any($1::text[]) and c.relkind in ('r', 'p'))
select format('%I.%I', n.nspname, c.relname), true, n.nspname = coalesce(current_schema(), 'public') and c.relkind <> 'S', c.relname
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
    and c.oid not in (select oid from ours)
    and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid
        and (d.deptype = 'e' or (c.relkind = 'S' and d.deptype in ('a', 'i') and d.refobjid in (select oid from ours))))
union all
select format('%I.%I', n.nspname, p.proname), false, n.nspname = coalesce(current_schema(), 'public'), p.proname
from pg_proc p join pg_namespace n on n.oid = p.pronamespace
where n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and not p.proname = any($2::text[])
    and not exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e')
order by 1;

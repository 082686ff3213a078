-- The statements that remove our tables with all that is in them, their triggers and functions, and nothing else: what somebody else made to
-- depend on them makes them fail.
--
-- $1 tables: text[], ours
-- $2 routines: text[], ours
--
-- A row for each statement, in their order: a routine may take a table's row, and a table's trigger needs its routine.
with made as (select coalesce(current_schema(), 'public')::regnamespace as id)
select change from (
    select case when prorettype = 'trigger'::regtype then 3 else 1 end as step, format('drop routine %s', p.oid::regprocedure) as change
    from pg_proc p, made where pronamespace = made.id and proname = any($2::text[])
    union all
    select 2, 'drop table ' || string_agg(c.oid::regclass::text, ', ')
    from pg_class c, made where relnamespace = made.id and relkind in ('r', 'p') and relname = any($1::text[]) having count(*) > 0) as all_of_it
order by step;

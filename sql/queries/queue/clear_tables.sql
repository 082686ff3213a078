-- Removes what this role owns in the schema public: our tables with all that is in them, their triggers and functions. What belongs to an
-- extension stays. Gives no rows.
do $$
declare
    change text;
    changes text[] := array( -- all of them before the first, which may take others along
        select format('drop table if exists %s cascade', c.oid::regclass) from pg_class c
        where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and relowner = current_user::regrole
            and not exists (select from pg_depend where classid = 'pg_class'::regclass and objid = c.oid and deptype = 'e')
        union all
        select format('drop routine if exists %s cascade', p.oid::regprocedure) from pg_proc p
        where pronamespace = 'public'::regnamespace and proowner = current_user::regrole
            and not exists (select from pg_depend where classid = 'pg_proc'::regclass and objid = p.oid and deptype = 'e'));
begin
    foreach change in array changes loop
        execute change;
    end loop;
end
$$;

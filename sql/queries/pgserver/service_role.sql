-- Makes `persais_service`, the role as which the service works: it owns the schema public and what stands in it, and nothing else. It is
-- run in the service's database by a superuser, as often as one likes: what older versions made under another role is given to it. The
-- role may not log in before it is told so. docker-compose.yml runs this file as it is; docs/postgresql.md shows it for other servers.
do $$
declare
    change text;
begin
    if not exists (select from pg_roles where rolname = 'persais_service') then
        create role persais_service nologin;
    end if;
    alter role persais_service nosuperuser nocreatedb nocreaterole noreplication nobypassrls;
    -- pgvector belongs to the superuser, because only the owner of the database, or a superuser, may install an extension.
    if exists (select from pg_available_extensions where name = 'vector' and installed_version is null) then
        create extension vector;
    end if;
    alter schema public owner to persais_service;
    for change in
        select format('alter %s %s owner to persais_service',
                      case relkind when 'S' then 'sequence' when 'v' then 'view' when 'm' then 'materialized view' else 'table' end,
                      c.oid::regclass)
        from pg_class c
        where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'S', 'v', 'm')
            and relowner <> 'persais_service'::regrole
            -- What belongs to an extension stays with it; a column's sequence goes with its table.
            and not exists (select from pg_depend where classid = 'pg_class'::regclass and objid = c.oid and deptype in ('e', 'a', 'i')
                            and (deptype = 'e' or relkind = 'S'))
        union all
        select format('alter routine %s owner to persais_service', p.oid::regprocedure)
        from pg_proc p
        where pronamespace = 'public'::regnamespace and proowner <> 'persais_service'::regrole
            and not exists (select from pg_depend where classid = 'pg_proc'::regclass and objid = p.oid and deptype = 'e')
        union all
        select format('alter type %s owner to persais_service', t.oid::regtype)
        from pg_type t left join pg_class c on c.oid = t.typrelid
        where typnamespace = 'public'::regnamespace and typowner <> 'persais_service'::regrole
            and (typtype in ('d', 'e', 'r') or c.relkind = 'c')
            and not exists (select from pg_depend where classid = 'pg_type'::regclass and objid = t.oid and deptype = 'e')
    loop
        execute change;
    end loop;
end
$$;

-- What decides whether Persais can use this database, from the catalogues alone.
--
-- One row: the server's major version and whole version; the encoding; whether the server is a standby; whether this session may only
-- read; the database; the role; whether our tables are there; whether the role may use them, and as whose member it might; up to three
-- tables of another program, null when there are none or ours are there; the schema in which tables are made, null when none of the
-- search path exists; whether the role may make tables in it; the statement that grants that; the one that lets
-- the role write; whether the role is a superuser; whether a restore is under way. Statements are without their semicolon.
select
    current_setting('server_version_num')::int / 10000,
    split_part(current_setting('server_version'), ' ', 1),
    current_setting('server_encoding'),
    pg_is_in_recovery(),
    current_setting('transaction_read_only')::bool,
    current_database(),
    current_user,
    ours.id is not null,
    coalesce(has_table_privilege(ours.id, 'select') and has_table_privilege(ours.id, 'insert'), true),
    (select format('GRANT %I TO %I', pg_get_userbyid(relowner), current_user) from pg_class where oid = ours.id),
    (select string_agg(t, ', ' order by t) from (
        select relname as t from pg_class
        where relnamespace = made.id and relkind in ('r', 'p') and ours.id is null
            and not exists (select from pg_depend where objid = pg_class.oid and deptype = 'e')
        order by relname limit 3) as first),
    case when made.id is not null then made.name end,
    coalesce(has_schema_privilege(made.id, 'create'), false),
    format('GRANT USAGE, CREATE ON SCHEMA %I TO %I', made.name, current_user),
    format('ALTER ROLE %I IN DATABASE %I SET default_transaction_read_only = off', current_user, current_database()),
    (select rolsuper from pg_roles where rolname = current_user),
    to_regclass('persais_restoring') is not null
from
    (select to_regclass('persais_schema')::oid as id) as ours,
    (select name, to_regnamespace(quote_ident(name))::oid as id
        from (select coalesce(current_schema(), 'public')::text as name) as named) as made;

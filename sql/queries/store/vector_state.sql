-- Whether the extension pgvector is there and found. Installed in a schema that the search path leaves out, its type is not found.
--
-- One row: the installed version, null when it is not; the version that would be installed, null when the server does not have it;
-- whether others than superusers may install it; the owner of the database; the database; the role; the schema that it is in, null
-- when it is not installed or is found; the statement with which it is found there, without its semicolon; the server's major version.
select
    a.installed_version,
    a.default_version,
    coalesce((select v.trusted from pg_available_extension_versions v where v.name = a.name and v.version = a.default_version), false),
    (select pg_get_userbyid(datdba) from pg_database where datname = current_database()),
    current_database(),
    current_user,
    hidden.name,
    case when hidden.id is null then null
        when has_schema_privilege(hidden.id, 'usage') then format('ALTER ROLE %I IN DATABASE %I SET search_path = %s, %I', current_user,
            current_database(), current_setting('search_path'), hidden.name)
        else format('GRANT USAGE ON SCHEMA %I TO %I', hidden.name, current_user) end,
    current_setting('server_version_num')::int / 10000
from (select 1) as one
left join pg_available_extensions a on a.name = 'vector'
left join lateral (
    select n.oid as id, n.nspname as name from pg_extension e join pg_namespace n on n.oid = e.extnamespace
    where e.extname = a.name and not n.nspname = any (current_schemas(true))) as hidden on true;

-- Secrets of the settings that are set while the service runs: they stand in `secrets` by the name of their setting (OPENROUTER_API_KEY),
-- as the secrets that Persais made stand there by names of their own (telegram_webhook).

-- Each process that works uses them, and hears when one changes.
create or replace function secrets_changed() returns trigger language plpgsql as $$
begin
    perform pg_notify('persais_secrets', '');
    return null;
end
$$;
create or replace trigger secrets_changed after insert or update or delete on secrets
    for each statement execute function secrets_changed();

-- Words of the audit that are about no task are added to those that stand there, whichever those are.
do $do$
declare
    words text := '''secret_set''::text, ''secret_unset''::text, ''secrets_resealed''::text';
    one record;
begin
    for one in select conname, pg_get_constraintdef(oid) as said from pg_constraint
        where conrelid = 'audit'::regclass and conname in ('what_known', 'of_a_task_or_a_person')
    loop
        continue when one.said like '%''secret_set''%';
        execute format('alter table audit drop constraint %I, add constraint %I %s', one.conname, one.conname,
            regexp_replace(one.said, 'ARRAY\[', 'ARRAY[' || words || ', '));
    end loop;
end
$do$;

-- A deployment that is not healthy is taken back by itself: one landing follows another, and both stand in the audit.
create or replace function audit_landing() returns trigger language plpgsql as $$
declare
    wish jsonb := coalesce(old.facts -> 'lands', new.facts -> 'lands'); -- what ends, or begins
    back boolean := wish ->> 'what' = 'roll_back';
    turns_round boolean := old.facts ? 'lands' and new.facts ? 'lands';
    landed text := case when new.state in ('deployed', 'rolled_back') then new.commit_id
        when turns_round then new.facts #>> '{on_base,commit}' end;
begin
    insert into audit (task_id, remote, what, by, commit_id, anyway)
    values (new.id, new.remote,
        case when not old.facts ? 'lands' then case when back then 'rollback_asked' else 'deploy_asked' end
            when turns_round or (new.state = 'deployed' and not back) then 'deployed'
            when new.state = 'rolled_back' then 'rolled_back'
            when (new.facts ->> 'landing_unknown')::boolean then case when back then 'rollback_unknown' else 'deploy_unknown' end
            else case when back then 'not_rolled_back' else 'not_deployed' end end,
        coalesce(wish ->> 'by', ''), coalesce(case when old.facts ? 'lands' then landed end, wish ->> 'commit', ''),
        coalesce((wish ->> 'anyway')::boolean, false));
    if turns_round then
        insert into audit (task_id, remote, what, by, commit_id, anyway)
        values (new.id, new.remote, 'rollback_asked', new.facts #>> '{lands,by}', new.facts #>> '{lands,commit}', true);
    end if;
    return null;
end
$$;
create or replace trigger audit_landing after update of facts on tasks for each row
    when (new.facts ? 'lands' <> old.facts ? 'lands' or new.facts #>> '{lands,what}' <> old.facts #>> '{lands,what}')
    execute function audit_landing();

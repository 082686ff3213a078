-- A deploy again that comes to nothing leaves its task rolled back: that is no rollback, and the audit says so.
create or replace function audit_landing() returns trigger language plpgsql as $$
declare
    wish jsonb := coalesce(old.facts -> 'lands', new.facts -> 'lands'); -- what ends, or begins
    back boolean := wish ->> 'what' = 'roll_back';
    turns_round boolean := old.facts ? 'lands' and new.facts ? 'lands';
    arrived boolean := new.state = case when back then 'rolled_back' else 'deployed' end or turns_round;
    landed text := case when turns_round then new.facts #>> '{on_base,commit}' else new.commit_id end;
begin
    insert into audit (task_id, remote, what, by, commit_id, anyway)
    values (new.id, new.remote,
        case when not old.facts ? 'lands' then case when back then 'rollback_asked' else 'deploy_asked' end
            when arrived then case when back then 'rolled_back' else 'deployed' end
            when (new.facts ->> 'landing_unknown')::boolean then case when back then 'rollback_unknown' else 'deploy_unknown' end
            else case when back then 'not_rolled_back' else 'not_deployed' end end,
        coalesce(wish ->> 'by', ''), coalesce(case when old.facts ? 'lands' and arrived then landed end, wish ->> 'commit', ''),
        coalesce((wish ->> 'anyway')::boolean, false));
    if turns_round then
        insert into audit (task_id, remote, what, by, commit_id, anyway)
        values (new.id, new.remote, 'rollback_asked', new.facts #>> '{lands,by}', new.facts #>> '{lands,commit}', true);
    end if;
    return null;
end
$$;

-- An earlier program that ends a deploy again would put the result of before into review, as if nothing had been deployed ever.
create or replace trigger landing_is_again before update of facts on tasks for each row
    when (old.facts #>> '{lands,what}' = 'deploy_again'
        and (new.facts #>> '{lands,what}' = 'deploy' or not new.facts ? 'lands' and new.state = 'review'))
    execute function landing_is_again();

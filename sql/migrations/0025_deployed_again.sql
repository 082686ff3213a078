-- What was rolled back can be deployed again: facts #>> '{lands,what}' is 'deploy_again'. A program of before takes that for a deploy of
-- the commit that took it back, finds that commit on the branch, and would tell that it is deployed. This it can set aside.
create or replace function landing_is_again() returns trigger language plpgsql as $$
begin
    raise exception 'task % is to be deployed again', new.id using errcode = 'check_violation';
end
$$;
create or replace trigger landing_is_again before update of facts on tasks for each row
    when (old.facts #>> '{lands,what}' = 'deploy_again' and new.facts #>> '{lands,what}' = 'deploy')
    execute function landing_is_again();

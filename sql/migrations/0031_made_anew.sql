-- While a result is made anew because of a landing, facts -> 'was' has what the task was before. A program of before would leave that out of
-- the row, and work on the turn as if somebody had asked for it. This it can set aside.
create or replace function made_anew_is_known() returns trigger language plpgsql as $$
begin
    raise exception 'the result of task % is being made anew', new.id using errcode = 'check_violation';
end
$$;
create or replace trigger made_anew_is_known before update of facts on tasks for each row
    when (old.facts ? 'was' and not new.facts ? 'was'
        and new.state in ('queued', 'preparing', 'coding', 'checking', 'publishing', 'answering', 'waiting',
            'aborted', 'failed', 'parked'))
    execute function made_anew_is_known();

-- Everything that is known about a conversation when a person writes in it.
--
-- $1 person: bigint
-- $2 chat: bigint
-- $3 topic: bigint
-- $4 answered: bigint, the message that this one replies to; null when none
--
-- One row, by column from 0; a missing value is null:
-- 0-3 the person's language; the conversation's model, budget, what it expects
-- 4-10 the chosen repository: id, name, remote, base branch, setup, check, whether it has a token
-- 11 the number of the person's tasks that nobody has begun
-- 12 the task of the message that this one replies to
-- 13-17 the instruction that may get more parts: task, Telegram's date, when it was received (microseconds of Unix time), characters; the
-- turn, null when it is the task's first
-- 18 Telegram's date of the newest part of an instruction that was refused
-- 19-21 whether the person is an admin by the one-time code; was let in; asked to be let in, or was decided on
-- 22-23 the person's roles, each on a line: the role and, behind a space, the repository (empty: everywhere); how many tasks may wait, where
-- that was set for the person
select p.language, c.model, c.budget_usd, c.expects,
    r.id, r.name, r.remote, r.base_branch, r.setup, r.check_command, r.token is not null,
    (select count(*) from (select task_id from task_chats where person_id = $1::bigint
            union select task_id from api_tasks where person = $1::bigint
            union select task_id from forge_turns where person = $1::bigint and turn = 0) tc join tasks t on t.id = tc.task_id
        where t.state = 'queued' and t.fence = 0),
    (select task_id from message_tasks where chat_id = $2::bigint and message_id = $4::bigint),
    o.id, o.said_at, o.heard_at, o.characters, o.turn, n.said_at,
    coalesce(p.paired_at is not null, false), coalesce(p.let_in, false),
    coalesce(p.asked_at is not null or p.decided_at is not null, false),
    (select string_agg(role || ' ' || repository, E'\n') from grants where person = $1::bigint),
    (select waiting from budgets where kind = 'person' and name = $1::text)
from (select 1) one
    left join people p on p.id = $1::bigint
    left join conversations c on c.chat_id = $2::bigint and c.topic_id = $3::bigint
    left join repositories r on r.id = c.repository
    left join refused_instructions n on n.chat_id = $2::bigint and n.topic_id = $3::bigint and n.person_id = $1::bigint
    left join lateral (
        select id, said_at, (extract(epoch from heard_at) * 1000000)::bigint as heard_at, characters, turn
        from (
            (select t.id, tc.said_at, tc.heard_at, char_length(t.instruction) as characters, null::int as turn
            from task_chats tc join tasks t on t.id = tc.task_id
            where tc.person_id = $1::bigint and tc.chat_id = $2::bigint and tc.topic_id = $3::bigint
                and t.state = 'queued' and t.fence = 0 and tc.said_at is not null
            order by t.id desc limit 1)
            union all
            (select k.task_id, k.said_at, k.heard_at, char_length(k.instruction), k.turn
            from task_turns k join task_messages m using (task_id, turn)
            where k.state = 'kept' and k.said_at is not null
                and k.person_id = $1::bigint and m.chat_id = $2::bigint and m.topic_id = $3::bigint
            order by k.heard_at desc limit 1)) either
        order by heard_at desc limit 1) o on true;

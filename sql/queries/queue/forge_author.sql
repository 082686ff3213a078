-- Who somebody at a forge is here, and how much of theirs waits.
--
-- $1 kind: text, github, gitlab or gitea
-- $2 name: text, at the forge, in small letters
--
-- One row: the person (null: not known here), how many of their tasks no worker has begun, the most that may wait (null: nothing was set),
-- whether the person has a chat with the bot, and their language.
with known as (
    select i.person, p.language, not exists (select from conversations c where c.chat_id = i.person and c.gone_at is not null) as has_chat
    from identities i join people p on p.id = i.person
    where i.kind = $1 and lower(i.id) = $2
    limit 1)
select k.person, (
    select count(*) from tasks t
    where t.state = 'queued' and (
        exists (select from forge_turns f where f.task_id = t.id and f.turn = 0 and (lower(f.author) = $2 or f.person = k.person))
        or exists (select from task_chats c where c.task_id = t.id and c.person_id = k.person)
        or exists (select from api_tasks a where a.task_id = t.id and a.person = k.person))), (
    select b.waiting from budgets b where b.kind = 'person' and b.name = k.person::text),
    coalesce(k.has_chat, false), coalesce(k.language, 'en')
from (select) one left join known k on true;

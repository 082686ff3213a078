-- Nothing can be said in a chat outside of its topics: the tasks of which there is something to tell go to their persons' private chats,
-- with their messages and rows, which are no replies there, because each chat numbers its own messages. Others stay listed in the chat. Gives no rows.
-- $1 chat: bigint
-- $2 telling: bigint, a task of which something is being told, wherever its row is, or null
with telling as (
    select task_id from task_messages where chat_id = $1::bigint and topic_id = 0 and not ended
    union
    select task_id from outbox where chat_id = $1::bigint and topic_id = 0 and sent_at is null and task_id is not null
    union
    select $2::bigint where $2::bigint is not null),
messages as (
    update task_messages m set chat_id = c.person_id, message_id = null, reply_to = 0
    from task_chats c, telling
    where c.task_id = m.task_id and telling.task_id = m.task_id and m.chat_id = $1::bigint and m.topic_id = 0),
waiting as (
    update outbox o set chat_id = c.person_id, not_before = null, request = o.request #- '{body,reply_parameters}'
    from task_chats c
    where c.task_id = o.task_id and o.chat_id = $1::bigint and o.topic_id = 0 and o.sent_at is null and c.person_id <> o.chat_id)
update task_chats c set chat_id = c.person_id, message_id = 0
from telling
where telling.task_id = c.task_id and c.chat_id = $1::bigint and c.topic_id = 0;

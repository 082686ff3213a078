-- Where a task comes from, and that its first turn has a message there, which is not sent yet. Gives no rows.
--
-- $1 task: bigint
-- $2 chat: bigint
-- $3 topic: bigint, 0 for none
-- $4 person: bigint
-- $5 message: bigint, the one with the newest part of its instruction
-- $6 language: text, en or ru
-- $7 said_at: bigint, Telegram's date; null when it gets no more parts
-- $8 heard_at: bigint, when it was received, in microseconds of Unix time
-- $9 parts: int, how many messages its instruction consists of
with origin as (
    insert into task_chats (task_id, chat_id, topic_id, person_id, message_id, language, said_at, heard_at, parts)
    values ($1::bigint, $2::bigint, $3::bigint, $4::bigint, $5::bigint, $6, $7::bigint,
        timestamptz 'epoch' + $8::bigint * interval '1 microsecond', $9::int))
insert into task_messages (task_id, turn, chat_id, topic_id, reply_to)
values ($1::bigint, 0, $2::bigint, $3::bigint, $5::bigint);

-- The next message of a chat, and all that waits for one, are found without looking at what waits for others.
create index if not exists outbox_of_chat on outbox (chat_id, id) where sent_at is null and chat_id is not null;
drop index if exists outbox_to_send;
